"""What may be granted by whom: each rule refuses with a code of its own, and reads only."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.identity import granted, queries, units
from app.identity.errors import (
    DutiesSeparate,
    GranteeUnknown,
    GrantExists,
    GrantPlaceUnknown,
    GrantSpanInvalid,
    GrantToSelf,
    OwnProposal,
    RoleAboveOwn,
)
from app.identity.models import RoleGrant
from app.identity.ranks import ALONE, OUTSIDE, RANKS
from app.identity.roles import Permission, Principal

LONGEST = timedelta(days=3 * 366)
Path = Collection[UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A role for a person in a subtree, from a day on and until another."""

    person_id: UUID
    role: str
    org_unit_id: UUID
    valid_from: date
    valid_to: date
    reason: str


def may_propose(
    session: Session, *, me: Principal, proposal: Proposal, path: Path, today: date
) -> None:
    """Raise the first reason why this member of staff may not propose this."""
    _in_own_subtree(me, path)
    units.hold_open(session, proposal.org_unit_id)
    _to_another(me, proposal.person_id)
    _known(session, me, proposal.person_id)
    _not_above(me, Permission.ROLE_GRANT, role=proposal.role, path=path)
    _span(proposal, today)
    open_grants = granted.list_open_grants(session, proposal.person_id, on=today)
    _kept_apart(proposal.role, open_grants)
    _not_twice(proposal, open_grants)


def may_approve(
    session: Session, *, me: Principal, grant: RoleGrant, path: Path, today: date
) -> None:
    """Raise the first reason why this member of staff may not approve what another proposed."""
    if grant.granted_by == me.person_id:
        raise OwnProposal("自己提出的授权要由另一位有权限的同事复核，请联系他们。")
    _to_another(me, grant.person_id)
    _not_above(me, Permission.ROLE_APPROVE, role=grant.role, path=path)
    if grant.valid_to is not None and grant.valid_to <= today:
        raise GrantSpanInvalid("这项授权的期限已经过去，请退回后重新提出。")
    others = granted.list_open_grants(session, grant.person_id, on=today)
    _kept_apart(grant.role, [other for other in others if other.id != grant.id])


def may_refuse(*, me: Principal, grant: RoleGrant) -> None:
    """Who could approve may refuse, what they proposed themselves too; but not about themselves."""
    _to_another(me, grant.person_id)


def may_end(*, me: Principal, grant: RoleGrant, path: Path) -> None:
    """Whoever could have granted it may end it."""
    _not_above(me, Permission.ROLE_GRANT, role=grant.role, path=path)


def _in_own_subtree(me: Principal, path: Path) -> None:
    if not me.may(Permission.ROLE_GRANT, path):
        raise GrantPlaceUnknown("没有找到这个单位，或者它不在您的管理范围内，请重新选择。")


def _to_another(me: Principal, person_id: UUID) -> None:
    if person_id == me.person_id:
        raise GrantToSelf("不能给自己授权，请由另一位有权限的同事办理。")


def _known(session: Session, me: Principal, person_id: UUID) -> None:
    """Who lives outside the granter's subtree is nobody to them."""
    person = queries.get_person(session, person_id)
    home = () if person is None else units.path_of(session, person.community_id)
    if not me.may(Permission.ROLE_GRANT, home):
        raise GranteeUnknown("没有找到这个人，或者不在您的管理范围内，请核对编号。")


def _not_above(me: Principal, permission: Permission, *, role: str, path: Path) -> None:
    own = max(
        RANKS[grant.role]
        for grant in me.grants
        if grant.allows(permission) and grant.org_unit_id in path
    )
    if RANKS[role] > own:
        raise RoleAboveOwn("这个岗位高于您的岗位，请由上级办理。")


def _span(proposal: Proposal, today: date) -> None:
    length = proposal.valid_to - proposal.valid_from
    if proposal.valid_from < today or not timedelta(0) < length <= LONGEST:
        raise GrantSpanInvalid(
            "授权从今天或以后的某一天开始，到期日要晚于开始日，最长三年，请修改日期。",
            errors={"valid_to": ["日期不符合要求"]},
        )


def _kept_apart(role: str, others: Collection[RoleGrant]) -> None:
    """Who keeps watch does nothing else; so not even two kinds of watch are one person's.

    Nor does a merchant's clerk, in whichever order the roles come.
    """
    roles = {other.role for other in others} - {role}
    together = roles | {role}
    if roles and together & ALONE:
        raise DutiesSeparate("三类管理员和审计员各由专人担任，不能兼任其他岗位，请换一个人。")
    if roles and together & OUTSIDE:
        raise DutiesSeparate(
            "兑付商户的核销人不能兼任其他岗位：卖服务券的和核销的要分开。"
            "请给核销人另开一个账号，或者先结束原来的岗位。"
        )


def _not_twice(proposal: Proposal, others: Collection[RoleGrant]) -> None:
    for other in others:
        same = (other.role, other.org_unit_id) == (proposal.role, proposal.org_unit_id)
        ends = other.valid_to or date.max
        if same and other.valid_from < proposal.valid_to and proposal.valid_from < ends:
            raise GrantExists("这个人在这里已经有这个岗位，或者正在等待复核，请刷新后查看。")
