"""When a station's doors are open: a week of spans, and days that are different.

Minutes are of the civil day, by the clock on the wall there. A span ends where its day ends;
who is open through the night has one before midnight and one after.
"""

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.stations.errors import HoursWrong

DAY_MINUTES = 24 * 60
WEEK = 7
MOST_SPANS = 4
LOOK_AHEAD = 14  # days in which the next opening is looked for
DAY_NAMES = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
CLOCK = r"(\d{1,2})[:：](\d{2})"
SPAN = re.compile(rf"{CLOCK}\s*[-–—~～至到]\s*{CLOCK}")
BETWEEN = re.compile(r"[\s、，,;；和]*")


class Span(NamedTuple):
    """From one minute of a day up to another."""

    opens: int
    closes: int


ALL_DAY = (Span(0, DAY_MINUTES),)
Spans = tuple[Span, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exceptional:
    """A day that is different, and why. Without spans the doors stay shut."""

    day: date
    reason: str
    spans: Spans = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """A station's week by weekday (Monday is 0), its exceptional days, when it closed for good."""

    week: Mapping[int, Spans] = field(default_factory=dict)
    exceptions: Mapping[date, Exceptional] = field(default_factory=dict)
    closed_at: datetime | None = None

    def spans_on(self, day: date) -> Spans:
        different = self.exceptions.get(day)
        return self.week.get(day.weekday(), ()) if different is None else different.spans

    def is_open(self, *, now: datetime, zone: str) -> bool:
        """Whether the station is in service and its doors are open at this instant."""
        return self.closes_at(now=now, zone=zone) is not None

    def closes_at(self, *, now: datetime, zone: str) -> int | None:
        """The minute at which the doors shut today; None while they are shut."""
        if self.closed_at is not None and now >= self.closed_at:
            return None
        local = now.astimezone(ZoneInfo(zone))
        minute = local.hour * 60 + local.minute
        around = (span for span in self.spans_on(local.date()) if span.opens <= minute)
        return next((span.closes for span in around if minute < span.closes), None)

    def holds(self, day: date, span: Span) -> bool:
        """Whether the doors are open from its first minute to its last."""
        return any(
            one.opens <= span.opens and span.closes <= one.closes
            for one in joined(self.spans_on(day))
        )

    def opens_next(self, *, now: datetime, zone: str) -> tuple[date, int] | None:
        """The day and the minute of the next opening within two weeks."""
        local = now.astimezone(ZoneInfo(zone))
        after, today = local.hour * 60 + local.minute, local.date()
        for ahead in range(LOOK_AHEAD):
            day = today + timedelta(days=ahead)
            opening = next((s.opens for s in self.spans_on(day) if ahead or s.opens > after), None)
            if opening is not None:
                return day, opening
        return None

    def status_text(self, *, now: datetime, zone: str) -> str:
        """What somebody at the door wants to know: "开放中，到 17:30"."""
        if self.closed_at is not None and now >= self.closed_at:
            return "已经停用"
        closes = self.closes_at(now=now, zone=zone)
        if closes is not None:
            return "全天开放" if closes == DAY_MINUTES else f"开放中，到 {clock_text(closes)}"
        found = self.opens_next(now=now, zone=zone)
        if found is None:
            return "近期不开放"
        day, minute = found
        return f"{_day_text(day, now.astimezone(ZoneInfo(zone)).date())}{clock_text(minute)} 开门"

    def text(self) -> str:
        """The week in one line, days of the same hours together."""
        return "；".join(f"{days} {spans}" if days else spans for days, spans in self.lines())

    def lines(self) -> list[tuple[str, str]]:
        """The week: which days, and their hours. A week of like days has no names for them."""
        runs: list[tuple[int, int, Spans]] = []
        for weekday in range(WEEK):
            spans = self.week.get(weekday, ())
            if runs and runs[-1][2] == spans:
                runs[-1] = (runs[-1][0], weekday, spans)
            else:
                runs.append((weekday, weekday, spans))
        if len(runs) == 1:
            return [("每天" if runs[0][2] not in ((), ALL_DAY) else "", spans_text(runs[0][2]))]
        return [(_days_text(first, last), spans_text(spans)) for first, last, spans in runs]


def every_day(opens: int, closes: int) -> dict[int, Spans]:
    """A week of like days."""
    return dict.fromkeys(range(WEEK), (Span(opens, closes),))


def joined(spans: Iterable[Span]) -> list[Span]:
    """Spans in their order, those that touch made one."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and found[-1].closes >= span.opens:
            found[-1] = Span(found[-1].opens, max(found[-1].closes, span.closes))
        else:
            found.append(span)
    return found


def read_spans(text: str) -> Spans:
    """What somebody typed, "8:30-12:00、14:00-17:30"; nothing, or 休息, is a day that is shut.

    Raises `HoursWrong` where it cannot be read, a span ends before it begins, or two overlap.
    """
    text = text.strip()
    if text in {"", "休息", "不开放"}:
        return ()
    if text in {"全天", "24小时", "全天开放"}:
        return ALL_DAY
    spans = [_span(*found.groups()) for found in SPAN.finditer(text)]
    if not spans or not BETWEEN.fullmatch(SPAN.sub("", text)):
        raise HoursWrong(f"“{text[:30]}”看不懂，请写成 8:30-12:00、14:00-17:30 的样子。")
    if len(spans) > MOST_SPANS:
        raise HoursWrong(f"一天最多写 {MOST_SPANS} 个时段，请合并后再保存。")
    return refuse_overlap(spans)


def refuse_overlap(spans: Sequence[Span]) -> Spans:
    """The spans in their order; raises `HoursWrong` where one begins before another has ended."""
    ordered = tuple(sorted(spans))
    if any(one.closes > after.opens for one, after in itertools.pairwise(ordered)):
        raise HoursWrong("同一天的开放时段有重叠，请改好后再保存。")
    return ordered


def spans_text(spans: Sequence[Span]) -> str:
    if not spans:
        return "休息"
    if tuple(spans) == ALL_DAY:
        return "全天开放"
    return "、".join(f"{clock_text(span.opens)}–{clock_text(span.closes)}" for span in spans)


def clock_text(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02d}"


def span_text(opens: int, closes: int) -> str:
    return f"{clock_text(opens)}–{clock_text(closes)}"


def day_text(day: date) -> str:
    """How a person reads the day: "11月28日 周六"."""
    return f"{day.month}月{day.day}日 {DAY_NAMES[day.weekday()]}"


def _span(*parts: str) -> Span:
    from_hour, from_minute, to_hour, to_minute = (int(part) for part in parts)
    span = Span(from_hour * 60 + from_minute, to_hour * 60 + to_minute)
    if max(from_minute, to_minute) >= 60 or not span.opens < span.closes <= DAY_MINUTES:
        raise HoursWrong("开门时间要早于关门时间，最晚写到 24:00，请改好后再保存。")
    return span


def _days_text(first: int, last: int) -> str:
    if first == last:
        return DAY_NAMES[first]
    return f"{DAY_NAMES[first]}{'、' if last == first + 1 else '至'}{DAY_NAMES[last]}"


def _day_text(day: date, today: date) -> str:
    near = {0: "今天 ", 1: "明天 "}.get((day - today).days)
    return near or f"{day_text(day)} "
