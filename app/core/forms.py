"""Reading the fields of a form a person filled in."""

import math
from datetime import date
from typing import Any
from uuid import UUID

from flask import request

from app.core.bodies import CONTROL
from app.core.errors import Invalid

NORTH, EAST = 90, 180  # degrees, as far as they go
WORST_M = 100_000  # as the interface of programs has it


class FieldWrong(Invalid):
    code, title = "field_wrong", "A field is not filled in right"


def id_in(name: str) -> UUID | None:
    """The id that was chosen; None when nothing was."""
    text = request.form.get(name, "").strip()
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError as error:
        raise FieldWrong("选择的内容无效，请刷新页面重新选择。", errors={name: ["无效"]}) from error


def id_asked(name: str) -> UUID | None:
    """The id in the address; None when there is none."""
    text = request.args.get(name, "")
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise FieldWrong("网址里的编号无效，请从页面上的链接进入。") from error


def day_in(name: str) -> date:
    """A civil day, as the browser's own field sends it."""
    try:
        return date.fromisoformat(request.form.get(name, "").strip())
    except ValueError as error:
        raise FieldWrong("请填写日期，例如 2026-03-02。", errors={name: ["日期无效"]}) from error


def whole_in(name: str, *, most: int) -> int:
    """A whole number, zero when nothing was filled in."""
    text = request.form.get(name, "").strip() or "0"
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) <= most):
        raise FieldWrong(f"请填写 0 到 {most} 之间的整数。", errors={name: ["数字无效"]})
    return int(text)


def phone_in() -> dict[str, Any] | None:
    """Where a phone said it was, as the GPS has it; None when it did not, or not in numbers.

    It is evidence and never a condition, so nothing about it is refused.
    """
    try:
        lat, lng = (float(request.form.get(name, "")) for name in ("lat", "lng"))
        accuracy_m = float(request.form.get("accuracy_m", "") or 0)
    except ValueError:
        return None
    there = math.isfinite(lat + lng + accuracy_m) and abs(lat) <= NORTH and abs(lng) <= EAST
    if not there or not 0 <= accuracy_m <= WORST_M:
        return None
    return {"lat": lat, "lng": lng, "crs": "wgs84", "accuracy_m": accuracy_m}


def text_in(name: str, *, most: int, needed: str = "") -> str:
    """What somebody typed, without the spaces around it; refused with `needed` when empty."""
    text = request.form.get(name, "").strip()
    if CONTROL.search(text) or len(text) > most:
        raise FieldWrong(f"请填写不超过 {most} 个字，不要有特殊字符。", errors={name: ["无效"]})
    if needed and not text:
        raise FieldWrong(needed, errors={name: ["必填"]})
    return text
