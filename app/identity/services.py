"""People and their accounts, their sessions, and the roles they are given."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core import clock, misses, tenancy
from app.core.db import add, attempt, claim, tenant_of
from app.core.telling import Telling, notify
from app.core.vault import Vault
from app.identity import elsewhere, factors, queries, sessions, units
from app.identity.elsewhere import Known
from app.identity.errors import CodeOfAnother, OtpRefused, PasswordRefused
from app.identity.factors import Proofs
from app.identity.models import (
    Person,
    RoleGrant,
    StaffCredential,
    StaffName,
)
from app.identity.passwords import LOCKED, Passwords
from app.identity.roles import AuthLevel, Principal
from app.identity.sessions import UNKNOWN_DEVICE, Device, Started, start

SIGN_IN = "staff sign-in"
NEWCOMER = "新居民"  # until they say what they are called


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a member of staff types to get in."""

    password: str = ""
    otp: str | None = None
    username: str = ""  # left out by whoever is signed in already
    password_proved: bool = False  # a moment ago, and the edge has seen to it


def start_resident_session(
    session: Session,
    vault: Vault,
    *,
    known: Known,
    landing_community_id: UUID,
    now: datetime,
    device: Device = UNKNOWN_DEVICE,
) -> Started:
    """Sign in the person the super-app vouches for; the first time, make their account."""
    person_id = _person_of(session, vault, known, community_id=landing_community_id, now=now)
    person = queries.get_person(session, person_id)
    assert person is not None  # the identity's foreign key says so
    return start(session, person, staff=False, now=now, device=device)


def start_staff_session(
    session: Session, *, entry: Entry, proofs: Proofs, now: datetime, device: Device
) -> Started:
    """Sign in a member of staff; a wrong name and a wrong password are refused alike."""
    credential, level = prove(session, entry=entry, proofs=proofs, now=now)
    person = queries.get_person(session, credential.person_id)
    assert person is not None  # the credential's foreign key says so
    _tell_if_new(session, person, device, now=now)
    started = start(session, person, staff=True, now=now, level=level, device=device)
    if credential.password_given:
        sessions.hold_back(session, started)
    return started


def _tell_if_new(session: Session, person: Person, device: Device, *, now: datetime) -> None:
    """Staff hear of a sign-in from where they have not been before; the very first is theirs."""
    before = queries.devices_of(session, person.id)
    if not before or (device.digest is not None and device.digest in before):
        return
    words = {"device": device.kind or "其他设备", "at": clock.moment_text(now)}
    about, path = f"new_device:{now.isoformat()}", "/me/devices"
    telling = Telling(
        person_id=person.id, template="new_device", about=about, words=words, path=path
    )
    notify(session, telling, now=now)


def prove(
    session: Session, *, entry: Entry, proofs: Proofs, now: datetime
) -> tuple[StaffCredential, AuthLevel]:
    """Whose password and second factor these are. What fails is counted, by name, and paused."""
    credential = prove_password(session, entry=entry, proofs=proofs, now=now)
    try:
        return credential, factors.check(
            session, credential, otp=entry.otp, vault=proofs.vault, now=now
        )
    except OtpRefused as refusal:
        tried = misses.Try(purpose=SIGN_IN, subject=entry.username, now=now)
        misses.note(session, tried, reason=refusal.code, counts=True)
        raise refusal.kept() from None


def prove_password(
    session: Session, *, entry: Entry, proofs: Proofs, now: datetime
) -> StaffCredential:
    """Whose password it is: enough to say that one is there, not to be let in."""
    tried = misses.Try(purpose=SIGN_IN, subject=entry.username, now=now)
    misses.one_at_a_time(session, tried)
    misses.refuse_if_paused(session, tried)
    credential = queries.get_credential(session, entry.username)
    known = credential.password_hash if credential else None
    proved = entry.password_proved and credential is not None
    if not (proved or proofs.passwords.matches(known, entry.password)):
        misses.note(session, tried, reason=PasswordRefused.code, counts=True)
        raise PasswordRefused("用户名或密码不正确，请重新输入。").kept()
    assert credential is not None  # matches() says so, or somebody before us
    return credential


def confirm_resident(
    session: Session, vault: Vault, *, me: Principal, known: Known, now: datetime
) -> None:
    """Renew the proof of this session, if the code is of the account that began it."""
    if me.staff or elsewhere.person_of(session, vault, known) != me.person_id:
        raise CodeOfAnother("这次确认用的不是本人的微信，请用登录时的微信重新确认。")
    sessions.confirm(session, me, level=AuthLevel.WECHAT, now=now)


def confirm_staff(
    session: Session, *, me: Principal, entry: Entry, proofs: Proofs, now: datetime
) -> None:
    """Renew the proof of this session. What fails counts against the name, as at signing in."""
    credential = queries.get_credential_of(session, me.person_id)
    if not me.staff or credential is None:
        raise PasswordRefused("请用工作人员账号登录后再确认。")
    own = replace(entry, username=credential.username)
    _credential, level = prove(session, entry=own, proofs=proofs, now=now)
    sessions.confirm(session, me, level=level, now=now)


def register_person(
    session: Session, *, name: str, kinds: list[str], community_id: UUID, now: datetime
) -> Person:
    """Make an account for a person of this community, which must not be closed."""
    units.hold_open(session, community_id)
    return add(
        session,
        Person(display_name=name, kinds=kinds, community_id=community_id, created_at=now),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Somebody for whom an account is made; the name is masked where the full one is sealed."""

    id: UUID
    name: str
    kind: str
    card_no: str | None = None


def register_many(
    session: Session, arrivals: Sequence[Arrival], *, community_id: UUID, now: datetime
) -> None:
    """Make accounts for many people of one community at once; it must not be closed."""
    units.hold_open(session, community_id)
    rows = [
        {
            "tenant_id": tenant_of(session),
            "id": one.id,
            "display_name": one.name,
            "kinds": [one.kind],
            "community_id": community_id,
            "created_at": now,
            "card_no": one.card_no,
        }
        for one in arrivals
    ]
    if rows:
        session.execute(sa.insert(Person), rows)


def note_kind(session: Session, *, person_id: UUID, kind: str, card_no: str | None) -> None:
    """Let a person be of one more kind, and have this card, where that is new."""
    person = queries.get_person(session, person_id)
    assert person is not None  # whoever calls has just found it
    if kind not in person.kinds:
        person.kinds = [*person.kinds, kind]
    if card_no is not None and person.card_no != card_no:
        person.card_no = card_no


def settle_in(session: Session, *, person_id: UUID, community_id: UUID) -> UUID:
    """Let a person belong to another community from now on; answers where they came from."""
    units.hold_open(session, community_id)
    person = queries.get_person(session, person_id)
    assert person is not None  # whoever calls has just read it
    before, person.community_id = person.community_id, community_id
    session.flush()
    return before


def choose_type(session: Session, *, person_id: UUID, large: bool) -> None:
    """Remember in which size somebody reads, on whatever device."""
    person = queries.get_person(session, person_id)
    assert person is not None  # the session's foreign key says so
    person.large_type = large


def employ(session: Session, *, person_id: UUID, username: str) -> bool:
    """Let a person sign in as staff once they have a password; False when the name is taken.

    Names are unique everywhere.
    """
    name = insert(StaffName).values(username=username, tenant_id=tenant_of(session))
    if not session.scalar(name.on_conflict_do_nothing().returning(StaffName.username)):
        return False
    add(
        session,
        StaffCredential(person_id=person_id, username=username, password_hash=LOCKED),
    )
    return True


def set_password(
    session: Session,
    *,
    usernames: Collection[str],
    password: str,
    passwords: Passwords,
    given: bool = False,
) -> None:
    """Let members of staff sign in with this password; sessions they have go on.

    With one that is `given` they can do nothing but choose their own.
    """
    session.execute(
        sa.update(StaffCredential)
        .where(StaffCredential.username.in_(usernames))
        .values(password_hash=passwords.digest(password), password_given=given)
    )


def grant_role(
    session: Session, *, person_id: UUID, role: str, org_unit_id: UUID, now: datetime
) -> None:
    """Give a person a role in a subtree from today on, as an operator; again changes nothing.

    Whoever is signed in grants by `grants`, which asks what they may.
    """
    claim(
        session,
        RoleGrant,
        person_id=person_id,
        role=role,
        org_unit_id=org_unit_id,
        valid_from=clock.civil_day(now, _zone(session)),
        state="active",
        granted_at=now,
        reason="",
    )


def _person_of(
    session: Session, vault: Vault, known: Known, *, community_id: UUID, now: datetime
) -> UUID:
    person_id = elsewhere.person_of(session, vault, known)
    if person_id is not None:
        return person_id
    with suppress(_SomebodyWasFaster), attempt(session):
        return _admit(session, vault, known, community_id=community_id, now=now)
    return _person_of(session, vault, known, community_id=community_id, now=now)


class _SomebodyWasFaster(Exception):
    """The same account signed in for the first time at this very moment."""


def _admit(
    session: Session, vault: Vault, known: Known, *, community_id: UUID, now: datetime
) -> UUID:
    person = register_person(
        session, name=NEWCOMER, kinds=["resident"], community_id=community_id, now=now
    )
    if not elsewhere.vouch(session, vault, person_id=person.id, known=known):
        raise _SomebodyWasFaster
    return person.id


def _zone(session: Session) -> str:
    tenant = tenancy.get_tenant(session, tenant_of(session))
    assert tenant is not None  # every row of a tenant points at it
    return tenant.zone
