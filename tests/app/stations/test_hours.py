"""When the doors are open: weeks of spans, days that are different, and how it is said."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from app.stations.errors import HoursWrong
from app.stations.hours import ALL_DAY, Exceptional, Hours, Span, every_day, read_spans

ZONE = "Asia/Shanghai"
MONDAY = date(2026, 3, 2)
TWICE = read_spans("8:30-12:00、14:00-17:30")
WORKDAYS = {day: TWICE if day < 5 else () for day in range(7)}


def at(hour, minute=0, *, day=2):
    """An instant in Shanghai."""
    return datetime(2026, 3, day, hour, minute, tzinfo=ZoneInfo(ZONE))


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("8:30-12:00、14:00-17:30", (Span(510, 720), Span(840, 1050))),
        ("14：00至17：30, 8:30–12:00", (Span(510, 720), Span(840, 1050))),
        ("全天", ALL_DAY),
        ("0:00-24:00", ALL_DAY),
        ("休息", ()),
        ("", ()),
    ],
)
def test_hours_are_read_as_people_write_them(text, spans):
    assert read_spans(text) == spans


@pytest.mark.parametrize(
    "text",
    ["上午", "8:30", "8:30-", "12:00-8:30", "8:70-9:00", "8:00-25:00", "8:00-10:00、9:00-11:00",
     "8:00-9:00 大约", "1:00-2:00、3:00-4:00、5:00-6:00、7:00-8:00、9:00-10:00"],
)  # fmt: skip
def test_hours_that_cannot_be_are_refused(text):
    with pytest.raises(HoursWrong):
        read_spans(text)


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (at(8, 29), "今天 8:30 开门"),
        (at(8, 30), "开放中，到 12:00"),
        (at(11, 59), "开放中，到 12:00"),
        (at(12), "今天 14:00 开门"),
        (at(17, 30), "明天 8:30 开门"),
        (at(18, day=6), "3月9日 周一 8:30 开门"),
    ],
)
def test_somebody_at_the_door_reads_what_they_want_to_know(now, said):
    hours = Hours(week=WORKDAYS)

    assert hours.status_text(now=now, zone=ZONE) == said
    assert hours.is_open(now=now, zone=ZONE) is said.startswith("开放中")


def test_a_day_that_is_different_is_open_at_its_own_hours_or_not_at_all():
    shut = Exceptional(day=MONDAY, reason="检修")
    shorter = Exceptional(day=date(2026, 3, 3), reason="学习", spans=(Span(600, 660),))
    hours = Hours(week=WORKDAYS, exceptions={one.day: one for one in (shut, shorter)})

    assert hours.status_text(now=at(9), zone=ZONE) == "明天 10:00 开门"
    assert hours.status_text(now=at(10, day=3), zone=ZONE) == "开放中，到 11:00"
    assert hours.status_text(now=at(9, day=4), zone=ZONE) == "开放中，到 12:00"


def test_a_station_out_of_service_or_without_hours_is_open_never():
    closed = Hours(week=every_day(0, 1440), closed_at=at(11))

    assert closed.is_open(now=at(10, 59), zone=ZONE)
    assert closed.status_text(now=at(11), zone=ZONE) == "已经停用"
    assert Hours().status_text(now=at(11), zone=ZONE) == "近期不开放"


def test_a_stay_may_reach_over_two_spans_that_touch_and_over_no_break():
    hours = Hours(week={0: (Span(480, 600), Span(600, 720), Span(840, 900))})

    assert hours.holds(MONDAY, Span(540, 660))
    assert not hours.holds(MONDAY, Span(660, 870))


@pytest.mark.parametrize(
    ("week", "text"),
    [
        (every_day(0, 1440), "全天开放"),
        (every_day(480, 1260), "每天 8:00–21:00"),
        (WORKDAYS, "周一至周五 8:30–12:00、14:00–17:30；周六、周日 休息"),
        ({}, "休息"),
    ],
)
def test_a_week_is_told_with_like_days_together(week, text):
    assert Hours(week=week).text() == text
