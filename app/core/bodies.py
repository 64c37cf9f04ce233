"""Bodies as they arrive: one that comes to an end too soon is refused, and no accident."""

from collections.abc import Callable, Iterable
from typing import IO, Any

from app.core.errors import Malformed

Wsgi = Callable[..., Iterable[bytes]]


def arriving(wsgi_app: Wsgi) -> Wsgi:
    """The same application; a body the web server cannot read is a refusal to it."""

    def served(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ["wsgi.input"] = _Arriving(environ["wsgi.input"])
        return wsgi_app(environ, start_response)

    return served


class _Arriving:
    """A body that is read while it arrives."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        """Each web server has its own exceptions for a broken chunk; to us they are one thing."""
        try:
            return self._stream.read(size)
        except Exception as error:
            raise Malformed("提交的内容没有完整送达，请检查网络后重新提交。") from error
