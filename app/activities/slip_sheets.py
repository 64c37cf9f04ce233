"""Confirmation slips on paper: six to a sheet, each with its code large and as a QR code."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.paper import A4, Sheets, mm
from app.core.paper import type as setting

COLUMNS, ROWS = 2, 3
SLIP = (mm(95), mm(90))


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A slip as it is printed: everything in words, and the address its QR code stands for."""

    title: str
    when: str
    organiser: str
    label: str
    served: str
    code: str  # grouped
    address: str
    typed_at: str  # where the code can be typed instead
    until: str


def sheet(many: Sequence[Printed]) -> bytes:
    """Six slips a sheet, with lines to cut along."""
    sheets = Sheets("服务确认单")
    left = (A4[0] - COLUMNS * SLIP[0]) / 2
    top = (A4[1] - ROWS * SLIP[1]) / 2
    if not many:
        sheets.text((A4[0] / 2, mm(40)), "没有要打印的服务确认单", size=14, align="centre")
    for number, one in enumerate(many):
        place = number % (COLUMNS * ROWS)
        if number and not place:
            sheets.next_page()
        at = (left + place % COLUMNS * SLIP[0], top + place // COLUMNS * SLIP[1])
        _slip(sheets, one, at)
    return sheets.finish()


def _slip(sheets: Sheets, one: Printed, at: tuple[float, float]) -> None:
    x, y = at
    sheets.dashed_box(at, SLIP)
    middle, room, side = x + SLIP[0] / 2, SLIP[0] - mm(8), mm(34)
    head = setting.cut(f"服务确认单 · {one.label}", 12, room)
    sheets.text((middle, y + mm(8)), head, size=12, align="centre", bold=True)
    for line, (text, size) in enumerate(
        [(one.title, 10), (one.when, 9), (one.organiser, 9), (one.served, 9)]
    ):
        said = setting.cut(text, size, room)
        sheets.text((middle, y + mm(14 + 5 * line)), said, size=size, align="centre")
    sheets.qr((middle - side / 2, y + mm(31)), one.address, side=side)
    sheets.text((middle, y + mm(71)), one.code, size=20, align="centre", bold=True)
    how = "扫码，或打开下面的网址输入上面八位码："
    sheets.text((middle, y + mm(77)), how, size=8.5, align="centre")
    sheets.text((middle, y + mm(81)), one.typed_at, size=8.5, align="centre")
    last = f"做到了、没有这回事，都请说一声。{one.until}前有效"
    sheets.text((middle, y + mm(86)), last, size=8.5, align="centre")
