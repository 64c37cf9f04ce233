"""What a group of the stand-in's APIs has in common."""

from collections.abc import Callable, Mapping

from flask import Response

Views = Mapping[str, Callable[[], Response]]
OK: Mapping[str, object] = {"errcode": 0, "errmsg": "ok"}
