"""Roles given and taken: one proposes, for a city's roles another approves, and it is written down.

What is refused is written down too, and changes nothing else.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.core import audit, clock
from app.core.db import claim, get
from app.core.errors import DomainError
from app.core.telling import Telling, notify
from app.identity import queries, rules, units
from app.identity.errors import GrantDecided, GrantExists, GrantUnknown
from app.identity.models import RoleGrant
from app.identity.ranks import CITY_ROLES, ROLE_LABELS
from app.identity.roles import Permission, Principal
from app.identity.rules import Proposal

GrantRow = RoleGrant  # what other features call it: the tables of this one are its own
PROPOSED, ACTIVE, REFUSED, ENDED = "proposed", "active", "refused", "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Act:
    """What is about to be done to whom, as the audit log will have it, done or refused."""

    session: Session
    me: Principal
    action: str
    subject: tuple[str, UUID]
    path: Sequence[UUID]
    at: datetime
    permission: Permission
    reason: str = ""

    def record(self, grant: RoleGrant | None, *, before: str = "", result: str = "done") -> None:
        changed = {"state": (before, grant.state)} if grant is not None else {}
        if grant is not None and not before:
            changed["role"] = ("", grant.role)
        audit.record(
            self.session,
            actor=self.me.actor(self.permission, self.path),
            action=self.action,
            subject=self.subject,
            scope=self.path[-1] if self.path else None,
            at=self.at,
            changed=changed,
            reason=self.reason,
            result=result,
        )


@contextmanager
def _answering(act: _Act) -> Iterator[_Act]:
    """Let the log have the refusal, should there be one."""
    try:
        yield act
    except DomainError as refusal:
        act.record(None, result=refusal.code)
        raise


def propose(session: Session, *, me: Principal, proposal: Proposal, now: datetime) -> RoleGrant:
    """Give a person a role, or, where it is a city's, propose it to whoever approves."""
    path = units.path_of(session, proposal.org_unit_id)
    of_city = proposal.role in CITY_ROLES
    act = _Act(
        session=session,
        me=me,
        action="role.propose" if of_city else "role.grant",
        subject=("person", proposal.person_id),
        path=path,
        at=now,
        permission=Permission.ROLE_GRANT,
        reason=proposal.reason,
    )
    with _answering(act):
        if queries.get_person(session, proposal.person_id) is not None:
            queries.lock_person(session, proposal.person_id)  # two proposals for one meet here
        rules.may_propose(
            session, me=me, proposal=proposal, path=path, today=clock.civil_day(now, me.zone)
        )
        grant = _write(session, me=me, proposal=proposal, now=now)
    act.record(grant)
    if grant.state == ACTIVE:
        _tell(session, grant, template="role_given", now=now)
    return grant


def approve(session: Session, *, me: Principal, grant_id: UUID, now: datetime) -> RoleGrant:
    """Let what another proposed begin."""
    grant, path = found = _found(session, me, grant_id, permission=Permission.ROLE_APPROVE)
    with _answering(_act_on(session, me, found, action="role.approve", at=now)) as act:
        queries.lock_person(session, grant.person_id)
        _must_be(grant, PROPOSED)
        today = clock.civil_day(now, me.zone)
        rules.may_approve(session, me=me, grant=grant, path=path, today=today)
    grant.state, grant.approved_by, grant.decided_at = ACTIVE, me.person_id, now
    session.flush()
    act.record(grant, before=PROPOSED)
    _tell(session, grant, template="role_given", now=now)
    return grant


def refuse(
    session: Session, *, me: Principal, grant_id: UUID, reason: str, now: datetime
) -> RoleGrant:
    """Let what was proposed come to nothing: by whoever could approve it, or who proposed it."""
    grant, _path = found = _found(session, me, grant_id, permission=Permission.ROLE_APPROVE)
    refusing = _act_on(session, me, found, action="role.refuse", at=now, reason=reason)
    with _answering(refusing) as act:
        _must_be(grant, PROPOSED)
        rules.may_refuse(me=me, grant=grant)
    grant.state, grant.refused_by, grant.decided_at = REFUSED, me.person_id, now
    session.flush()
    act.record(grant, before=PROPOSED)
    return grant


def end(
    session: Session, *, me: Principal, grant_id: UUID, reason: str, now: datetime
) -> RoleGrant:
    """Take a role away. It gives nothing from the next call on."""
    grant, path = found = _found(session, me, grant_id, permission=Permission.ROLE_GRANT)
    ending = _act_on(session, me, found, action="role.end", at=now, reason=reason)
    with _answering(ending) as act:
        _must_be(grant, ACTIVE)
        rules.may_end(me=me, grant=grant, path=path)
    grant.state, grant.ended_by, grant.ended_at = ENDED, me.person_id, now
    session.flush()
    act.record(grant, before=ACTIVE)
    _tell(session, grant, template="role_ended", now=now)
    return grant


Found = tuple[RoleGrant, tuple[UUID, ...]]


def _found(session: Session, me: Principal, grant_id: UUID, *, permission: Permission) -> Found:
    """The grant, held until the end, and its place; one that is not theirs to see is none."""
    grant = get(session, RoleGrant, grant_id, lock=True)
    path = () if grant is None else units.path_of(session, grant.org_unit_id)
    if grant is None or not me.may(permission, path):
        raise GrantUnknown("没有找到这项授权，请刷新后再看。")
    return grant, path


def _act_on(
    session: Session, me: Principal, found: Found, *, action: str, at: datetime, reason: str = ""
) -> _Act:
    grant, path = found
    return _Act(
        session=session,
        me=me,
        action=action,
        subject=("role_grant", grant.id),
        path=path,
        at=at,
        permission=Permission.ROLE_GRANT if action == "role.end" else Permission.ROLE_APPROVE,
        reason=reason,
    )


def _tell(session: Session, grant: RoleGrant, *, template: str, now: datetime) -> None:
    """Whose role it is hears of it: they may not have asked for it, nor for its end."""
    begins = grant.valid_from if template == "role_given" else clock.civil_day(now)
    words = {
        "role": ROLE_LABELS[grant.role],
        "place": units.names_of(session, {grant.org_unit_id})[grant.org_unit_id],
        "day": clock.day_text(begins),
    }
    about = f"{template}:{grant.id}"
    telling = Telling(person_id=grant.person_id, template=template, about=about, words=words)
    notify(session, telling, now=now)


def _must_be(grant: RoleGrant, state: str) -> None:
    if grant.state != state:
        raise GrantDecided("这项授权已经处理过或已经结束，请刷新后查看。")


def _write(session: Session, *, me: Principal, proposal: Proposal, now: datetime) -> RoleGrant:
    grant = claim(
        session,
        RoleGrant,
        person_id=proposal.person_id,
        role=proposal.role,
        org_unit_id=proposal.org_unit_id,
        valid_from=proposal.valid_from,
        valid_to=proposal.valid_to,
        state=PROPOSED if proposal.role in CITY_ROLES else ACTIVE,
        granted_by=me.person_id,
        granted_at=now,
        reason=proposal.reason,
    )
    if grant is None:
        raise GrantExists("这个人在这里已经有这个岗位，或者正在等待复核，请刷新后查看。")
    return grant
