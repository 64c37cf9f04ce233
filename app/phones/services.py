"""Numbers that people typed: they wait, sealed, until staff have checked them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core import audit, tidying
from app.core.db import claim as claim_row
from app.core.db import tenant_of
from app.core.ids import new_id
from app.core.keeping import Keeping
from app.core.telling import Telling, notify
from app.core.vault import Place, Sealed, Vault
from app.identity import phones, units
from app.identity import queries as identity
from app.identity.errors import ReasonMissing
from app.identity.fields import Field, masked, written
from app.identity.phones import How, Proved
from app.identity.roles import Permission, Principal
from app.phones import queries
from app.phones.errors import ClaimOpen, ClaimOwn, ClaimUnknown, CoolingUnknown
from app.phones.models import PhoneClaim

WAITS = timedelta(days=30)
MADE, SEEN, REFUSED, WITHDRAWN = (
    f"phone_claim.{what}" for what in ("make", "read", "refuse", "withdraw")
)
SHORTEST_REASON = 2
GONE = "没有找到这条登记，可能已经处理、撤回或过期，请刷新名单。"
HOW_TEXT = {How.IN_PERSON: "当面核对身份证", How.CALL: "打电话核对"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What somebody typed: a number, and what they are called."""

    number: str = field(repr=False)
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What staff found out: confirmed, and how they checked it; or refused, and why."""

    claim_id: UUID
    how: How | None
    reason: str


def make(
    session: Session, vault: Vault, typed: Typed, *, me: Principal, now: datetime
) -> PhoneClaim | None:
    """Let a number wait to be checked; None where it is the caller's already.

    The same again is the same claim.
    """
    identity.lock_person(session, me.person_id)
    number, name = written(Field.PHONE, typed.number), written(Field.NAME, typed.name)
    if phones.is_proved(session, vault, person_id=me.person_id, number=number):
        return None
    waiting = queries.open_claim_of(session, me.person_id, now=now)
    if waiting is not None:
        if read(vault, waiting) == Typed(number=number, name=name):
            return waiting
        raise ClaimOpen("您已经登记了一个手机号，正在等社区核对；要改号码请先撤回，再重新登记。")
    lapse(session, now=now, limit=1, person_id=me.person_id)
    made = _made(session, vault, Typed(number=number, name=name), person_id=me.person_id, now=now)
    _note(session, me, made, action=MADE, at=now)
    return made


def read(vault: Vault, claim: PhoneClaim) -> Typed:
    """What was typed, in full."""
    assert claim.number_sealed is not None  # it waits, and a constraint says so
    assert claim.name_sealed is not None
    return Typed(
        number=vault.unseal(claim.number_sealed, _place_of_number(claim)),
        name=vault.unseal(claim.name_sealed, _place_of_name(claim)),
    )


def withdraw(session: Session, *, me: Principal, now: datetime) -> None:
    """The caller does not want it any more."""
    identity.lock_person(session, me.person_id)
    claim = queries.open_claim_of(session, me.person_id, now=now)
    held = claim and queries.lock_claim(session, claim.id)
    if held is None or held.state != queries.OPEN:
        raise ClaimUnknown("没有等待核对的手机号，可能已经处理，请刷新后查看。")
    _close(held, "withdrawn", now=now)
    _note(session, me, held, action=WITHDRAWN, at=now)


def show(session: Session, vault: Vault, claim_id: UUID, *, me: Principal, now: datetime) -> Typed:
    """What was typed, for whoever checks it; that they looked is written down."""
    claim = claim_of(session, claim_id, me=me, now=now)
    _note(session, me, claim, action=SEEN, at=now)
    return read(vault, claim)


def claim_of(session: Session, claim_id: UUID, *, me: Principal, now: datetime) -> PhoneClaim:
    """A claim that the caller's permission reaches; another one does not exist for them."""
    claim = queries.get_open(session, claim_id, now=now)
    if claim is None or not me.may(Permission.PHONE_CHECK, _path(session, claim.person_id)):
        raise ClaimUnknown(GONE)
    return claim


def decide(
    session: Session,
    vault: Vault,
    decision: Decision,
    *,
    me: Principal,
    keepings: Sequence[Keeping],
    now: datetime,
) -> None:
    """Confirm a number, which is then the claimant's proved one; or refuse it. They are told."""
    reason = decision.reason.strip()
    if len(reason) < SHORTEST_REASON:
        raise ReasonMissing("请写明核对的情况，再提交。", errors={"reason": ["请填写。"]})
    claim = claim_of(session, decision.claim_id, me=me, now=now)
    if claim.person_id == me.person_id:
        raise ClaimOwn("不能核对自己的手机号，请另一位同事办理。")
    typed, whose = read(vault, claim), claim.person_id
    if decision.how is not None:
        proved = _proved(session, me, claim, typed=typed, how=decision.how, now=now)
        whose = phones.bind(session, vault, proved, keepings=keepings)
    held = queries.lock_claim(session, claim.id)
    # Of whom it turned out to be somebody else, everything ended a moment ago, this as well.
    if held is None or (held.state != queries.OPEN and whose == held.person_id):
        raise ClaimUnknown(GONE)
    held.decided_by, held.how, held.reason = me.person_id, decision.how, reason
    _close(held, "confirmed" if decision.how else "refused", now=now)
    session.flush()
    if decision.how is None:
        _note(session, me, held, action=REFUSED, at=now)
    _tell(session, held, typed, whose=whose, now=now)


def end_cooling(
    session: Session, person_id: UUID, *, me: Principal, reason: str, now: datetime
) -> None:
    """Let somebody redeem again whom the caller has seen with their identity card."""
    if len(reason.strip()) < SHORTEST_REASON:
        raise ReasonMissing("请写明核对的情况，再提交。", errors={"reason": ["请填写。"]})
    person, path = identity.lock_person(session, person_id), _path(session, person_id)
    waits = phones.cooling_until(session, person_id, now=now) is not None
    if person is None or not waits or not me.may(Permission.PHONE_CHECK, path):
        raise CoolingUnknown("没有找到这位居民的等待期，可能已经结束，请刷新名单。")
    if person_id == me.person_id:
        raise ClaimOwn("不能解除自己的等待期，请另一位同事办理。")
    actor = me.actor(Permission.PHONE_CHECK, path)
    phones.end_cooling(session, person, actor=actor, reason=reason.strip(), now=now)


def lapse(session: Session, *, now: datetime, limit: int, person_id: UUID | None = None) -> int:
    """Let some claims go that nobody has checked in time; how many those were."""
    late = queries.lapsed(now=now, limit=limit)
    if person_id is not None:
        late = late.where(PhoneClaim.person_id == person_id)
    gone = sa.update(PhoneClaim).where(PhoneClaim.id.in_(late))
    values = {"state": "lapsed", "number_sealed": None, "name_sealed": None, "closed_at": now}
    return len(session.scalars(gone.values(**values).returning(PhoneClaim.id)).all())


def lapse_some(session: Session, *, now: datetime) -> int:
    """What the sweeper does here."""
    return lapse(session, now=now, limit=tidying.AT_ONCE)


def withdraw_all_of(session: Session, person_id: UUID, now: datetime) -> None:
    """Whoever is forgotten waits for nothing."""
    theirs = sa.update(PhoneClaim).where(
        PhoneClaim.person_id == person_id, PhoneClaim.state == queries.OPEN
    )
    values = {"state": "withdrawn", "number_sealed": None, "name_sealed": None, "closed_at": now}
    session.execute(theirs.values(**values))


def _made(
    session: Session, vault: Vault, typed: Typed, *, person_id: UUID, now: datetime
) -> PhoneClaim:
    row = PhoneClaim(tenant_id=tenant_of(session), id=new_id())
    made = claim_row(
        session,
        PhoneClaim,
        id=row.id,
        person_id=person_id,
        state=queries.OPEN,
        number_sealed=vault.seal(typed.number, _place_of_number(row)),
        name_sealed=vault.seal(typed.name, _place_of_name(row)),
        made_at=now,
        lapses_at=now + WAITS,
        reason="",
    )
    assert made is not None  # the person is held, and nothing of theirs waits
    return made


def _proved(
    session: Session, me: Principal, claim: PhoneClaim, *, typed: Typed, how: How, now: datetime
) -> Proved:
    path = _path(session, claim.person_id)
    return Proved(
        person_id=claim.person_id,
        number=typed.number,
        name=typed.name,
        how=how,
        actor=me.actor(Permission.PHONE_CHECK, path),
        now=now,
    )


def _close(claim: PhoneClaim, state: str, *, now: datetime) -> None:
    """What was typed is let go of: where it was confirmed, it stands in the person's file."""
    claim.state, claim.closed_at = state, now
    claim.number_sealed = claim.name_sealed = None


def _tell(session: Session, claim: PhoneClaim, typed: Typed, *, whose: UUID, now: datetime) -> None:
    words = {"number": masked(Field.PHONE, typed.number), "reason": claim.reason}
    if claim.how is not None:
        words = {"number": words["number"], "how": HOW_TEXT[How(claim.how)]}
    telling = Telling(
        person_id=whose,
        template=f"phone_{claim.state}",
        about=f"phone_claim:{claim.id}",
        words=words,
        path="/me/phone",
    )
    notify(session, telling, now=now)


def _path(session: Session, person_id: UUID) -> tuple[UUID, ...]:
    community_id = identity.community_of(session, person_id)
    return units.path_of(session, community_id) if community_id else ()


def _note(session: Session, me: Principal, claim: PhoneClaim, *, action: str, at: datetime) -> None:
    path = _path(session, claim.person_id)
    own = claim.person_id == me.person_id
    audit.record(
        session,
        actor=me.actor() if own else me.actor(Permission.PHONE_CHECK, path),
        action=action,
        subject=("person", claim.person_id),
        scope=path[-1],
        at=at,
        reason=claim.reason,
    )


def _place_of_number(claim: PhoneClaim) -> Place:
    return _place(claim, "number")


def _place_of_name(claim: PhoneClaim) -> Place:
    return _place(claim, "name")


def _place(claim: PhoneClaim, what: str) -> Place:
    return Place(tenant_id=claim.tenant_id, table=claim.__tablename__, field=what, row_id=claim.id)


SEALED = (
    Sealed(model=PhoneClaim, column="number_sealed", place=_place_of_number),
    Sealed(model=PhoneClaim, column="name_sealed", place=_place_of_name),
)
