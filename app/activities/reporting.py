"""Telling the ledger of an attendance, once it counts."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.activities import anomalies, doubting, proofs
from app.activities.arrival_models import Attendance
from app.activities.facts import fact_of, household_of
from app.activities.models import Activity
from app.activities.ways import Evidence
from app.ledger import services as ledger
from app.ledger import wanting
from app.ledger.expected import Expected
from points_engine import Fact, Unit

TO_COME = timedelta(days=15)  # after the end: how long what others bring is waited for


def report(
    session: Session,
    attendance: Attendance,
    activity: Activity,
    *,
    zone: str,
    received_at: datetime,
    last: bool = False,
) -> tuple[Expected, ...]:
    """Report a finished attendance if it counts already; what it earns, or would earn.

    A fact is told once. So where its points only want what others bring, a confirmation or a
    document, it is not told before that is there, or its time is over; with `last` it is over.
    What somebody denies is not told before it was looked into.
    """
    belonged = household_of(attendance, zone=zone)
    found, household_id = proofs.with_answer(session, attendance, belonged)
    if found.denied:
        doubting.doubt(attendance, [anomalies.DENIED])
    fact = fact_of(
        attendance,
        activity,
        zone=zone,
        received_at=received_at,
        household_id=household_id,
        shown=found.given,
    )
    expected = ledger.expect(session, fact)
    attendance.awaits, attendance.awaits_until = [], None
    if attendance.cleared:
        to_come = [] if last or _pays(expected) else _to_come(session, fact)
        if to_come:
            attendance.awaits = to_come
            attendance.awaits_until = max(activity.ends_at, received_at) + TO_COME
        else:
            ledger.report(session, fact)
    return expected


def _to_come(session: Session, fact: Fact) -> list[str]:
    """What others can still bring, where it is all that is missing for points.

    Whoever left without the code that is wanted as well, or too early, earns nothing by waiting.
    """
    missing = wanting.missing(session, fact)
    kinds = [next((kind.value for kind in Evidence if kind in one), "") for one in missing]
    if not kinds or not all(kinds):
        return []
    complete = replace(fact, evidence={**fact.evidence, **dict.fromkeys(kinds, "to come")})
    return sorted(set(kinds)) if _pays(ledger.expect(session, complete)) else []


def _pays(expected: Iterable[Expected]) -> bool:
    return any(one.amount for one in expected if one.unit is Unit.POINTS)
