"""What must always be true of visits and attendances: a hand in the tables is found by its name.

The worker checks, with the rights it has.
"""

import pytest
import sqlalchemy as sa

from app.commands import violations_of
from app.core.db import acting_as

VISIT_HAS_FACT = "a visit has its fact: the same person, on the same day"
FACT_HAS_VISIT = "a fact of a visit has its visit"
ATTENDANCE_HAS_FACT = "a finished attendance that counts has its fact: the same person and minutes"
NO_MORE_THAN_PLACES = "no task has more people than places"
NOT_AT_WHAT_IS_OFF = "nobody was at what was called off, or never published"
NOBODY_INSIDE = "nobody is still inside of what is settled"
FACT_HAS_ATTENDANCE = (
    "a fact of an attendance has its attendance, and that is finished and counts,"
    " or what it brought was taken back"
)


@pytest.fixture
def lived(api, world, hands):
    """Somebody visited a station twice, and gave an hour and a half; another is still there."""
    lin, wang = world.person(), world.person("王敏")
    activity, code = world.activity(), world.code_of(world.station())
    for person in (lin, wang):
        api.post(f"/activities/{activity.id}/enrolments", as_=person)
        api.post(
            f"/activities/{activity.id}/check-ins", as_=person, code=world.venue_code(activity)
        )
    for _ in range(2):
        api.post("/station-visits", as_=lin, code=code)
    hands.move(minutes=90)
    leaving = world.venue_code(activity, "out")
    api.post(f"/activities/{activity.id}/check-outs", as_=lin, code=leaving)


@pytest.fixture
def broken(app, settings, world, lived):
    """The names of what no longer holds, once a statement was said by the owner of the tables."""

    def broken(statement=None):
        if statement:
            with world.own() as session:
                session.execute(sa.text(statement), {"t": world.tenant_id})
        with app.app_context(), acting_as("worker", settings.worker_database_url):
            return {violation.name for violation in violations_of(world.tenant_id)}

    return broken


def test_what_residents_did_is_in_order(broken):
    assert broken() == set()


MINE = "WHERE tenant_id = :t"
OF_VISIT = f"{MINE} AND source LIKE 'visit:%'"
OF_ATTENDANCE = f"{MINE} AND source LIKE 'attendance:%'"
UNFINISHED = "state = 'checked_in', checked_out_at = NULL, minutes = NULL, way_out = NULL"


CANCELLED = "state = 'cancelled', cancelled_at = ends_at, cancel_reason = '台风'"
SETTLED = (
    "state = 'settled', settled_at = ends_at, verified_at = ends_at,"
    " verified_by = (SELECT id FROM person LIMIT 1)"
)


def forget(facts):
    """A fact goes without a trace: with its place in the queue."""
    unqueue = f"DELETE FROM settle_queue {MINE} AND fact_id IN (SELECT id FROM fact {facts})"
    return f"WITH unqueued AS ({unqueue}) DELETE FROM fact {facts}"


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        (forget(OF_VISIT), VISIT_HAS_FACT),
        (f"UPDATE fact SET occurred_on = occurred_on - 1 {OF_VISIT}", VISIT_HAS_FACT),
        (f"DELETE FROM station_visit {MINE}", FACT_HAS_VISIT),
        (forget(OF_ATTENDANCE), ATTENDANCE_HAS_FACT),
        (f"UPDATE fact SET quantity = quantity + 30 {OF_ATTENDANCE}", ATTENDANCE_HAS_FACT),
        (f"DELETE FROM attendance {MINE}", FACT_HAS_ATTENDANCE),
        (f"UPDATE attendance SET {UNFINISHED} {MINE}", FACT_HAS_ATTENDANCE),
        (f"UPDATE activity SET capacity = 1 {MINE}", NO_MORE_THAN_PLACES),
        (f"UPDATE activity SET {CANCELLED} {MINE}", NOT_AT_WHAT_IS_OFF),
        (f"UPDATE activity SET {SETTLED} {MINE}", NOBODY_INSIDE),
    ],
)
def test_a_hand_in_the_tables_is_found(broken, statement, name):
    assert broken(statement) == {name}
