"""Posters and labels with a station's code, on paper that any shop can print."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.paper import A4, Sheets, mm
from app.core.paper import type as setting
from app.stations import labels
from app.stations.hours import Hours
from app.stations.icons import SIGNS
from app.stations.kinds import Service
from app.stations.models import Station

STEPS = ("微信扫一扫", "点一项服务", "记好了")
RED = (0.70, 0.15, 0.12)
SAFE = mm(12)  # what a printer may cut off
COLUMNS, ROWS = 2, 4
LABEL = (mm(95), mm(68))


@dataclass(frozen=True, slots=True, kw_only=True)
class Poster:
    """A station, when it is open, and the address its code stands for."""

    station: Station
    hours: Hours
    address: str


def poster(one: Poster) -> bytes:
    """One A4 sheet for the wall."""
    sheets = Sheets(f"{one.station.name} 驿站码")
    middle, width = A4[0] / 2, A4[0] - 2 * SAFE
    kind = labels.kind_text(one.station)
    sheets.text((middle, mm(26)), kind, size=22, align="centre", colour=RED)
    y = _name(sheets, one.station.name, at=mm(43), width=width)
    side = mm(124)
    sheets.qr((middle - side / 2, y), one.address, side=side)
    y = _steps(sheets, y + side + mm(11), width)
    y = _signs(sheets, one.station, y + mm(9))
    for line in (f"开放：{one.hours.text()}", f"地址：{one.station.address}"):
        y = sheets.paragraph((middle, y + mm(8)), line, size=15, room=width, align="centre")
        y -= mm(6)
    if one.station.contact:
        said = f"电话：{one.station.contact}"
        sheets.text((middle, y + mm(8)), said, size=15, align="centre")
    sheets.text((middle, A4[1] - SAFE), one.address, size=8, align="centre")
    return sheets.finish()


def label_sheet(many: Sequence[Poster]) -> bytes:
    """Eight labels a sheet, with lines to cut along."""
    sheets = Sheets("驿站码标签")
    left = (A4[0] - COLUMNS * LABEL[0]) / 2
    top = (A4[1] - ROWS * LABEL[1]) / 2
    if not many:
        sheets.text((A4[0] / 2, mm(40)), "还没有驿站码", size=14, align="centre")
    for number, one in enumerate(many):
        place = number % (COLUMNS * ROWS)
        if number and not place:
            sheets.next_page()
        at = (left + place % COLUMNS * LABEL[0], top + place // COLUMNS * LABEL[1])
        _label(sheets, one, at)
    return sheets.finish()


def _name(sheets: Sheets, name: str, *, at: float, width: float) -> float:
    """The station's name as large as two lines allow; answers where it ended."""
    size = next(size for size in (36, 30, 25, 20) if _fits(name, size, width) or size == 20)
    for line in setting.lines(name, size, width):
        sheets.text((A4[0] / 2, at), line, size=size, align="centre", bold=True)
        at += size * 1.25
    return at - size * 0.7


def _fits(name: str, size: float, width: float) -> bool:
    return len(setting.lines(name, size, width)) <= (1 if size > 30 else 2)


def _steps(sheets: Sheets, y: float, width: float) -> float:
    room = width / len(STEPS)
    for number, step in enumerate(STEPS, start=1):
        x = SAFE + (number - 0.5) * room
        sheets.text((x, y), str(number), size=28, align="centre", bold=True, colour=RED)
        sheets.text((x, y + mm(9)), step, size=19, align="centre", bold=True)
    return y + mm(9)


def _signs(sheets: Sheets, station: Station, y: float) -> float:
    """The services, each with its sign, six in a row."""
    offered = [one for one in Service if one.value in station.services]
    for start in range(0, len(offered), 6):
        row = offered[start : start + 6]
        room = (A4[0] - 2 * SAFE) / max(len(row), 4)
        left = A4[0] / 2 - room * len(row) / 2
        for place, service in enumerate(row):
            x = left + (place + 0.5) * room
            sheets.outline((x - mm(4.5), y), SIGNS[service], mm(9))
            name = labels.SERVICES[service]
            sheets.text((x, y + mm(14.5)), name, size=12, align="centre")
        y += mm(17)
    return y


def _label(sheets: Sheets, one: Poster, at: tuple[float, float]) -> None:
    x, y = at
    sheets.dashed_box(at, LABEL)
    middle, room, side = x + LABEL[0] / 2, LABEL[0] - mm(8), mm(44)
    name = setting.cut(one.station.name, 12, room)
    sheets.text((middle, y + mm(8)), name, size=12, align="centre", bold=True)
    sheets.qr((middle - side / 2, y + mm(9)), one.address, side=side)
    how = "扫一扫，点一项服务，就记好了"
    sheets.text((middle, y + mm(57)), how, size=9.5, align="centre")
    hours = _in_two(f"开放：{one.hours.text()}", room)
    for line, said in enumerate(hours):
        sheets.text((middle, y + mm(61.8 + 3.8 * line)), said, size=8.5, align="centre")


def _in_two(said: str, room: float) -> list[str]:
    """The hours in a line, or in two that part where others begin."""
    if setting.width(setting.settable(said), 8.5) > room:
        said = said.replace("；", "；\n", 1)
    return setting.fitted(said, 8.5, room, most=2)
