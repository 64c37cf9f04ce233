"""What is measured, how it is compared, and what was promised: arithmetic without a database."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One turn: how many things were done, and in what time of the clock and of processors."""

    count: int
    wall: float
    client_cpu: float = 0.0
    server_cpu: float = 0.0
    peak: int = 0  # bytes of the largest client, from its birth on
    latencies: tuple[float, ...] = ()

    @property
    def cpu(self) -> float:
        return self.client_cpu + self.server_cpu

    @property
    def per_second(self) -> float:
        return self.count / self.wall

    @property
    def per_cpu_second(self) -> float:
        return self.count / self.cpu

    def latency(self, percent: float) -> float:
        """The time that so many per cent of the things did not exceed."""
        return percentile(self.latencies, percent)


@dataclass(frozen=True, slots=True)
class Promise:
    """What the ratio has to be; `str` is how it is shown."""

    sign: str
    bound: float

    def __str__(self) -> str:
        return f"{self.sign} {self.bound:g}"

    def is_kept(self, ratio: float) -> bool:
        return ratio >= self.bound if self.sign == ">=" else ratio <= self.bound


def at_least(bound: float) -> Promise:
    return Promise(">=", bound)


def at_most(bound: float) -> Promise:
    return Promise("<=", bound)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One figure of the product beside its floor. A line without a promise is for information."""

    name: str
    unit: str = ""
    product: float = 0.0
    floor: float = 0.0
    promise: Promise | None = None
    more: Mapping[str, Any] | None = None
    skipped: str = ""

    @property
    def ratio(self) -> float:
        return self.product / self.floor

    @property
    def is_kept(self) -> bool | None:
        """None where nothing was promised, or nothing could be measured."""
        if self.promise is None or self.skipped:
            return None
        return self.promise.is_kept(self.ratio)

    def as_json(self) -> dict[str, Any]:
        if self.skipped:
            return {"name": self.name, "skipped": self.skipped}
        return {
            "name": self.name,
            "unit": self.unit,
            "product": round(self.product, 3),
            "floor": round(self.floor, 3),
            "ratio": round(self.ratio, 3),
            "promise": str(self.promise) if self.promise else None,
            "kept": self.is_kept,
            **(self.more or {}),
        }


Turns = Mapping[str, Callable[[], Measured]]


def in_turns(rounds: int, turns: Turns) -> dict[str, list[Measured]]:
    """Each once a round, forth and back: nobody always comes first, or just after the same one."""
    measured: dict[str, list[Measured]] = {name: [] for name in turns}
    for number in range(rounds):
        names = list(turns) if number % 2 == 0 else list(reversed(turns))
        for name in names:
            measured[name].append(turns[name]())
    return measured


def rates(
    name: str,
    product: Sequence[Measured],
    floor: Sequence[Measured],
    *,
    things: str,
    promise: Promise | None = None,
) -> Line:
    """Compare by what a CPU second does: what else the machine is doing hardly touches that."""
    return Line(
        name=name,
        unit=f"{things} per CPU second",
        product=median(turn.per_cpu_second for turn in product),
        floor=median(turn.per_cpu_second for turn in floor),
        promise=promise,
        more={
            "product_per_second": round(median(turn.per_second for turn in product), 1),
            "floor_per_second": round(median(turn.per_second for turn in floor), 1),
            "product_client_share": client_share(product),
            "floor_client_share": client_share(floor),
            "turns": [len(product), len(floor)],
        },
    )


def wall_rates(
    name: str,
    product: Sequence[Measured],
    floor: Sequence[Measured],
    *,
    things: str,
    promise: Promise | None = None,
) -> Line:
    """Compare by the clock: for what is lost by waiting, which costs no processor anything."""
    return Line(
        name=name,
        unit=f"{things} per second",
        product=median(turn.per_second for turn in product),
        floor=median(turn.per_second for turn in floor),
        promise=promise,
        more={"turns": [len(product), len(floor)]},
    )


def peaks(
    name: str, large: Sequence[Measured], small: Sequence[Measured], *, promise: Promise | None
) -> Line:
    """Compare what a client needed of memory with what one with less to do needed."""
    return Line(
        name=name,
        unit="MiB at most",
        product=median(turn.peak for turn in large) / 2**20,
        floor=median(turn.peak for turn in small) / 2**20,
        promise=promise,
        more={"turns": [len(large), len(small)]},
    )


def client_share(turns: Sequence[Measured]) -> float:
    """How much of the CPU time was the client's."""
    return round(sum(turn.client_cpu for turn in turns) / sum(turn.cpu for turn in turns), 2)


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that so many per cent of them do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, ceil(len(ordered) * percent / 100) - 1)]
