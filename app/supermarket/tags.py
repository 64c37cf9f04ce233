"""Labels for the shelf: what it is, what it costs, and a barcode the counter's scanner reads."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.paper import A4, Sheets, mm
from app.core.paper import type as setting

COLUMNS, ROWS = 3, 8
TAG = (mm(63), mm(34))
BARS = (mm(48), mm(11))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """One label."""

    name: str
    price: str
    code: str


def sheet(many: Sequence[Tag]) -> bytes:
    """Twenty-four labels a sheet, with lines to cut along."""
    sheets = Sheets("货架标签")
    left, top = (A4[0] - COLUMNS * TAG[0]) / 2, (A4[1] - ROWS * TAG[1]) / 2
    if not many:
        sheets.text((A4[0] / 2, mm(40)), "还没有上架的商品", size=14, align="centre")
    for number, one in enumerate(many):
        place = number % (COLUMNS * ROWS)
        if number and not place:
            sheets.next_page()
        _tag(sheets, one, (left + place % COLUMNS * TAG[0], top + place // COLUMNS * TAG[1]))
    return sheets.finish()


def _tag(sheets: Sheets, one: Tag, at: tuple[float, float]) -> None:
    x, y = at
    sheets.dashed_box(at, TAG)
    middle, room = x + TAG[0] / 2, TAG[0] - mm(6)
    size, first = (11, 6.5) if setting.width(setting.settable(one.name), 11) <= room else (9, 4.6)
    for line, said in enumerate(setting.fitted(one.name, size, room, most=2)):
        place = (middle, y + mm(first + 3.8 * line))
        sheets.text(place, said, size=size, align="centre", bold=True)
    sheets.text((middle, y + mm(13)), one.price, size=13, align="centre", bold=True)
    if one.code.isascii():
        sheets.barcode((middle - BARS[0] / 2, y + mm(15.5)), one.code, size=BARS)
    code = setting.cut(one.code, 8, room)
    sheets.text((middle, y + mm(30.5)), code, size=8, align="centre")
