"""A drawn map: stations as numbered pins on a plane, where the reader is, a scale, and north.

No tiles and nobody else's service: nobody outside learns who looked for what.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from app.core.geodesy import Spot

WIDE, HIGH, MARGIN = 300.0, 260.0, 34.0
LEAST_METRES = 300.0  # what the map shows at least, from side to side
METRES_A_DEGREE = 111_320.0
APART = 27.0  # two pins' middles, so that both numbers can be read
NUDGES = 40
BAR = 80.0  # the scale is at most so long


@dataclass(frozen=True, slots=True)
class Place:
    """A place on the drawing, in its units from the upper left."""

    x: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """Where each station is drawn, and the reader; a bar of the scale and what it says."""

    pins: Sequence[Place | None]
    reader: Place | None
    bar: float
    bar_text: str
    wide: float = WIDE
    high: float = HIGH


def drawn(stations: Sequence[Spot | None], reader: Spot | None) -> Drawing | None:
    """The map of these stations; None where none of them says where it is."""
    known = [spot.as_gcj02() for spot in stations if spot is not None]
    if not known:
        return None
    here = reader.as_gcj02() if reader is not None else None
    frame = _Frame.around([*known, *([here] if here is not None else [])])
    pins = [None if spot is None else frame.place(spot.as_gcj02()) for spot in stations]
    bar = _round(frame.metres_a_unit * BAR)
    return Drawing(
        pins=_apart(pins),
        reader=frame.place(here) if here is not None else None,
        bar=bar / frame.metres_a_unit,
        bar_text=f"{bar / 1000:g} 公里" if bar >= 1000 else f"{bar:g} 米",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    """What part of the ground is drawn, and how small."""

    middle: Spot
    metres_a_unit: float

    @classmethod
    def around(cls, spots: Sequence[Spot]) -> "_Frame":
        lats, lngs = [spot.lat for spot in spots], [spot.lng for spot in spots]
        middle = Spot(lat=(min(lats) + max(lats)) / 2, lng=(min(lngs) + max(lngs)) / 2)
        north = (max(lats) - min(lats)) * METRES_A_DEGREE
        east = (max(lngs) - min(lngs)) * METRES_A_DEGREE * math.cos(math.radians(middle.lat))
        wanted = (
            north / (HIGH - 2 * MARGIN),
            east / (WIDE - 2 * MARGIN),
            LEAST_METRES / (WIDE - 2 * MARGIN),
        )
        return cls(middle=middle, metres_a_unit=max(wanted))

    def place(self, spot: Spot) -> Place:
        north = (spot.lat - self.middle.lat) * METRES_A_DEGREE
        along = METRES_A_DEGREE * math.cos(math.radians(self.middle.lat))
        east = (spot.lng - self.middle.lng) * along
        x, y = WIDE / 2 + east / self.metres_a_unit, HIGH / 2 - north / self.metres_a_unit
        return Place(round(x, 1), round(y, 1))


def _round(metres: float) -> float:
    """The largest of 1, 2 or 5 and noughts that is no more."""
    power = 10 ** math.floor(math.log10(metres))
    return float(max(step * power for step in (1, 2, 5) if step * power <= metres))


def _apart(pins: Sequence[Place | None]) -> list[Place | None]:
    """Pins moved off each other where they would cover one another's numbers."""
    at = [[pin.x, pin.y] for pin in pins if pin is not None]
    for _ in range(NUDGES):
        pushed = [_push(one, other) for place, one in enumerate(at) for other in at[:place]]
        if not any(pushed):
            break
    moved = iter(at)
    return [None if pin is None else _within(next(moved)) for pin in pins]


def _push(one: list[float], other: list[float]) -> bool:
    """Move two off each other where they touch; say whether they did."""
    east, south = one[0] - other[0], one[1] - other[1]
    far = math.hypot(east, south)
    if far >= APART:
        return False
    if far == 0:
        east, far = 1.0, 1.0
    by = (APART - far) / 2 + 0.1
    for pin, way in ((one, 1), (other, -1)):
        pin[0] += way * by * east / far
        pin[1] += way * by * south / far
    return True


def _within(pin: Sequence[float]) -> Place:
    """On the paper, whatever pushed."""
    x = min(max(pin[0], MARGIN / 2), WIDE - MARGIN / 2)
    y = min(max(pin[1], MARGIN / 2), HIGH - MARGIN / 2)
    return Place(round(x, 1), round(y, 1))
