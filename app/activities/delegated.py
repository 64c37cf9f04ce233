"""Enrolling, coming and going: oneself, or as a delegate, and then kept with both names.

Where the phone was is kept for whoever came, if they agree to that; a delegate's is not.
"""

from dataclasses import replace
from uuid import UUID

from sqlalchemy.orm import Session

from app.activities import coming, enrolling, leaving
from app.activities.enrolling import Wish
from app.activities.leaving import CheckedOut
from app.activities.models import Enrolment
from app.activities.reading import Arrival
from app.activities.recording import Beginning
from app.core.claims import Claim
from app.core.vault import Vault
from app.households import acting
from app.households.acting import Errand
from app.households.kinds import Deed
from app.identity import consents, whereabouts


def enrol(session: Session, wish: Wish, *, whom: UUID | None, vault: Vault) -> Enrolment:
    """Take a place, or a turn in the queue."""
    errand = acting.take_on(session, wish.me, whom, deed=Deed.ENROL, now=wish.now)
    enrolment = enrolling.enrol(session, replace(wish, me=errand.me), vault=vault)
    acting.done(session, errand, deed=Deed.ENROL, about_id=wish.activity_id, now=wish.now)
    return enrolment


def check_in(
    session: Session,
    arrival: Arrival,
    *,
    whom: UUID | None,
    claim: Claim[Beginning] | None = None,
) -> Beginning:
    """Check in."""
    now, about = arrival.now, arrival.activity_id
    errand = acting.take_on(session, arrival.me, whom, deed=Deed.CHECK_IN, now=now)
    begun = coming.check_in(session, replace(arrival, me=errand.me), claim=claim)
    acting.done(session, errand, deed=Deed.CHECK_IN, about_id=about, now=now)
    _keep_spot(session, arrival, errand, at=(whereabouts.Deed.CHECK_IN, begun.id))
    return begun


def check_out(session: Session, arrival: Arrival, *, whom: UUID | None) -> CheckedOut:
    """Check out."""
    now, about = arrival.now, arrival.activity_id
    errand = acting.take_on(session, arrival.me, whom, deed=Deed.CHECK_OUT, now=now)
    out = leaving.check_out(session, replace(arrival, me=errand.me))
    acting.done(session, errand, deed=Deed.CHECK_OUT, about_id=about, now=now)
    _keep_spot(session, arrival, errand, at=(whereabouts.Deed.CHECK_OUT, out.attendance.id))
    return out


def _keep_spot(
    session: Session, arrival: Arrival, errand: Errand, *, at: tuple[whereabouts.Deed, UUID]
) -> None:
    if errand.me.on_behalf_of is None:
        consents.keep_location(
            session,
            arrival.vault,
            person_id=errand.me.person_id,
            deed=at,
            location=arrival.location,
            now=arrival.now,
        )
