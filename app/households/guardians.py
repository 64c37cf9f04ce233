"""Minors: who is between 14 and 18 takes part with a guardian's consent, witnessed by staff."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.core import audit, clock
from app.core.db import claim
from app.core.vault import Vault
from app.households import queries
from app.households.errors import (
    ConsentNeeded,
    ConsentTwice,
    ConsentUnknown,
    GuardianUnfit,
    PersonUnknown,
    TooYoung,
)
from app.households.kinds import Consent, Kinship
from app.households.models import GuardianConsent
from app.households.services import community_in_reach, path_of_person
from app.identity import personal
from app.identity.roles import Permission, Principal

ADULT, YOUNGEST = 18, 14
NO_CONSENT = "没有找到这份同意，请刷新后查看。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consenting:
    """A guardian who agrees, and how they have said so."""

    person_id: UUID
    guardian_id: UUID
    kinship: Kinship
    consent: Consent


def check_may_join(session: Session, vault: Vault, *, person_id: UUID, on: date) -> None:
    """Refuse a minor without consent; whose day of birth is not known is taken for grown up."""
    born = personal.born_on(session, vault, person_id=person_id)
    check_age(session, born, person_id=person_id, on=on)


def check_age(session: Session, born: date | None, *, person_id: UUID, on: date) -> None:
    """The same where the day of birth is at hand."""
    years = clock.age(born, on=on) if born is not None else ADULT
    if years < YOUNGEST:
        raise TooYoung(f"未满 {YOUNGEST} 周岁不能报名，请由监护人用自己的账户参加。")
    if years < ADULT and not queries.consents_of(session, person_id):
        raise ConsentNeeded("未满 18 周岁参加活动要有监护人同意，请和监护人一起到社区登记。")


def consent(
    session: Session, vault: Vault, consenting: Consenting, *, me: Principal, now: datetime
) -> GuardianConsent:
    """Enter at the counter that a guardian agrees."""
    community_id = community_in_reach(session, me, consenting.person_id)
    community_in_reach(session, me, consenting.guardian_id)
    day = clock.civil_day(now, me.zone)
    _check_fit(session, vault, consenting, me=me, on=day)
    given = claim(
        session,
        GuardianConsent,
        person_id=consenting.person_id,
        guardian_id=consenting.guardian_id,
        kinship=consenting.kinship.value,
        consent=consenting.consent.value,
        witnessed_by=me.person_id,
        from_day=day,
    )
    if given is None:
        raise ConsentTwice("这位监护人已经登记过同意，不用再登记。")
    _audit(session, given, community_id, me=me, action="guardian.consent", at=now)
    return given


def withdraw(
    session: Session, consent_id: UUID, *, me: Principal, now: datetime
) -> GuardianConsent:
    """A guardian agrees no longer; from now on the minor joins nothing new."""
    given = queries.get_consent(session, consent_id, lock=True)
    if given is None:
        raise ConsentUnknown(NO_CONSENT)
    try:
        community_id = community_in_reach(session, me, given.person_id)
    except PersonUnknown as out_of_reach:  # then it is not there either
        raise ConsentUnknown(NO_CONSENT) from out_of_reach
    if given.withdrawn_on is None:
        given.withdrawn_on, given.withdrawn_by = clock.civil_day(now, me.zone), me.person_id
        _audit(session, given, community_id, me=me, action="guardian.withdraw", at=now)
    return given


def _check_fit(
    session: Session, vault: Vault, consenting: Consenting, *, me: Principal, on: date
) -> None:
    if consenting.guardian_id in {consenting.person_id, me.person_id}:
        raise GuardianUnfit("监护人要是另一位成年人，也不能是经办人自己，请核对。")
    born = personal.born_on(session, vault, person_id=consenting.guardian_id)
    if born is not None and clock.age(born, on=on) < ADULT:
        raise GuardianUnfit("监护人要年满 18 周岁，请核对。")


def _audit(
    session: Session,
    given: GuardianConsent,
    community_id: UUID,
    *,
    me: Principal,
    action: str,
    at: datetime,
) -> None:
    path = path_of_person(session, given.person_id, community_id)
    audit.record(
        session,
        actor=me.actor(Permission.HOUSEHOLD_MANAGE, path),
        action=action,
        subject=("person", given.person_id),
        scope=community_id,
        at=at,
        changed={"guardian": ("", str(given.guardian_id)), "consent": ("", given.consent)},
    )
