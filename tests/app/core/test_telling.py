"""Telling people things, many at once: each is told of each thing once."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from app.core import clock
from app.core.telling import Telling, notify_many
from app.core.telling.models import Notice, NoticeSending

WORDS = {"points": "4", "day": "2026年12月31日", "advice": "去看看"}
SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_many_are_told_in_one_go_and_nobody_twice(world):
    lin, chen = world.person(), world.person()
    morning = clock.by_day(datetime(2026, 3, 2, 23, 0, tzinfo=SHANGHAI))

    def telling(person, about):
        return Telling(
            person_id=person.id,
            template="points_expiring",
            about=about,
            words=WORDS,
            from_=morning,
        )

    with world.work() as session:
        assert notify_many(session, [], now=world.now()) == 0
        first = [telling(lin, "a"), telling(lin, "a"), telling(chen, "a")]
        assert notify_many(session, first, now=world.now()) == 2
        again = [telling(lin, "a"), telling(lin, "b")]
        assert notify_many(session, again, now=world.now()) == 1

    with world.work() as session:
        told = session.scalars(sa.select(Notice).order_by(Notice.id)).all()
        due = set(session.scalars(sa.select(NoticeSending.due_at)))
    assert [(one.person_id, one.about) for one in told] == [
        (lin.id, "a"),
        (chen.id, "a"),
        (lin.id, "b"),
    ]
    assert {(one.at, one.community_id) for one in told} == {(world.now(), lin.community_id)}
    assert due == {morning}


@pytest.mark.parametrize(
    ("told", "sent"),
    [
        ("2026-03-02 00:10", "2026-03-02 08:00"),
        ("2026-03-02 07:59", "2026-03-02 08:00"),
        ("2026-03-02 08:00", "2026-03-02 08:00"),
        ("2026-03-02 21:59", "2026-03-02 21:59"),
        ("2026-03-02 22:00", "2026-03-03 08:00"),
        ("2026-12-31 23:00", "2027-01-01 08:00"),
    ],
)
def test_nobody_is_woken(told, sent):
    told, sent = (datetime.fromisoformat(text).replace(tzinfo=SHANGHAI) for text in (told, sent))

    assert clock.by_day(told) == sent
