"""Where two spots are, in one coordinate system, and how far apart.

Phones say WGS-84; maps in China, and what people picked on one, say GCJ-02, which lies up to
some hundreds of metres beside it. The published approximation of that offset is right to a few
metres within China; outside of it there is none.
"""

import math
from dataclasses import dataclass

EARTH_M = 6_371_008.8  # mean radius
AXIS, ECCENTRICITY = 6_378_245.0, 0.00669342162296594323  # of the ellipsoid GCJ-02 is computed on
CHINA_LAT, CHINA_LNG = (0.8293, 55.8271), (72.004, 137.8347)
ORIGIN_LAT, ORIGIN_LNG = 35.0, 105.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A spot in degrees, and the system they are in: "gcj02" or "wgs84"."""

    lat: float
    lng: float
    crs: str = "gcj02"

    def as_gcj02(self) -> "Spot":
        """The same spot as maps in China have it."""
        if self.crs == "gcj02" or not _in_china(self):
            return Spot(lat=self.lat, lng=self.lng)
        north, east = _offset(self.lng - ORIGIN_LNG, self.lat - ORIGIN_LAT)
        radians = math.radians(self.lat)
        bend = 1 - ECCENTRICITY * math.sin(radians) ** 2
        lat_m = math.radians(AXIS * (1 - ECCENTRICITY) / bend**1.5)
        lng_m = math.radians(AXIS / math.sqrt(bend) * math.cos(radians))
        return Spot(lat=self.lat + north / lat_m, lng=self.lng + east / lng_m)

    def as_wgs84(self) -> "Spot":
        """The same spot as phones have it: guessed, drawn on the map, and moved by what it misses.

        Right to a millimetre after three tries.
        """
        if self.crs == "wgs84":
            return self
        guess = Spot(lat=self.lat, lng=self.lng, crs="wgs84")
        for _ in range(3):
            drawn = guess.as_gcj02()
            lat, lng = guess.lat + self.lat - drawn.lat, guess.lng + self.lng - drawn.lng
            guess = Spot(lat=lat, lng=lng, crs="wgs84")
        return guess


def metres(one: Spot, other: Spot) -> float:
    """The distance over the ground, whichever systems they are in."""
    here, there = one.as_gcj02(), other.as_gcj02()
    north = math.radians(there.lat - here.lat)
    east = math.radians(there.lng - here.lng)
    across = math.cos(math.radians(here.lat)) * math.cos(math.radians(there.lat))
    half = math.sin(north / 2) ** 2 + across * math.sin(east / 2) ** 2
    return 2 * EARTH_M * math.asin(math.sqrt(min(1.0, half)))


def _in_china(spot: Spot) -> bool:
    return CHINA_LAT[0] <= spot.lat <= CHINA_LAT[1] and CHINA_LNG[0] <= spot.lng <= CHINA_LNG[1]


def _offset(x: float, y: float) -> tuple[float, float]:
    """Metres to the north and to the east, by the published series."""
    root = math.sqrt(abs(x))
    short = 20 * math.sin(6 * x * math.pi) + 20 * math.sin(2 * x * math.pi)
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += (short + 20 * math.sin(y * math.pi) + 40 * math.sin(y / 3 * math.pi)) * 2 / 3
    north += (160 * math.sin(y / 12 * math.pi) + 320 * math.sin(y * math.pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += (short + 20 * math.sin(x * math.pi) + 40 * math.sin(x / 3 * math.pi)) * 2 / 3
    east += (150 * math.sin(x / 12 * math.pi) + 300 * math.sin(x / 30 * math.pi)) * 2 / 3
    return north, east
