"""Roles, accounts and the audit log over HTTP."""

from typing import Any
from uuid import UUID

from app.administration import watch
from app.administration.schemas import (
    AccountAnswer,
    AccountRequest,
    AuditEntryAnswer,
    AuditRequest,
    GrantAnswer,
    GrantRequest,
    GrantsRequest,
    NewSecretAnswer,
    ReasonRequest,
)
from app.core import clock
from app.core.db import transaction
from app.core.http import ApiBlueprint
from app.core.paging import Page, PageRequest, listed
from app.identity import accounts, granted, grants, login
from app.identity.access import current_principal, require_fresh, requires
from app.identity.accounts import Opening
from app.identity.grants import GrantRow
from app.identity.roles import Permission
from app.identity.rules import Proposal

bp = ApiBlueprint("administration", __name__, description="岗位授权、账号与审计")


@bp.get("/role-grants")
@requires(Permission.ROLE_READ)
@bp.takes(GrantsRequest, location="query")
@bp.gives(200, listed(GrantAnswer))
def list_grants(wanted: dict[str, Any]) -> Page[Any]:
    """Who holds, held or is proposed for which role, in the caller's subtrees, newest first."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        return granted.list_grants_in(session, me.units_with(Permission.ROLE_READ), **wanted)


@bp.post("/role-grants")
@requires(Permission.ROLE_GRANT)
@bp.takes(GrantRequest)
@bp.gives(201, GrantAnswer)
def grant_role(body: dict[str, Any]) -> GrantRow:
    """Give a person a role in a subtree; a city's role is proposed, and another one approves."""
    me = current_principal()
    require_fresh(me)
    with transaction(me.tenant_id) as session:
        return grants.propose(session, me=me, proposal=Proposal(**body), now=clock.now())


@bp.post("/role-grants/<uuid:grant_id>/approval")
@requires(Permission.ROLE_APPROVE)
@bp.gives(201, GrantAnswer)
def approve_grant(grant_id: UUID) -> GrantRow:
    """Approve what another has proposed."""
    me = current_principal()
    require_fresh(me)
    with transaction(me.tenant_id) as session:
        return grants.approve(session, me=me, grant_id=grant_id, now=clock.now())


@bp.post("/role-grants/<uuid:grant_id>/refusal")
@requires(Permission.ROLE_APPROVE)
@bp.takes(ReasonRequest)
@bp.gives(201, GrantAnswer)
def refuse_grant(body: dict[str, str], grant_id: UUID) -> GrantRow:
    """Let a proposal come to nothing."""
    me = current_principal()
    require_fresh(me)
    with transaction(me.tenant_id) as session:
        return grants.refuse(
            session, me=me, grant_id=grant_id, reason=body["reason"], now=clock.now()
        )


@bp.post("/role-grants/<uuid:grant_id>/revocation")
@requires(Permission.ROLE_GRANT)
@bp.takes(ReasonRequest)
@bp.gives(201, GrantAnswer)
def revoke_role(body: dict[str, str], grant_id: UUID) -> GrantRow:
    """Take a role away: it gives nothing from the next call on."""
    me = current_principal()
    require_fresh(me)
    with transaction(me.tenant_id) as session:
        return grants.end(session, me=me, grant_id=grant_id, reason=body["reason"], now=clock.now())


@bp.get("/staff-accounts")
@requires(Permission.ACCOUNT_MANAGE)
@bp.takes(PageRequest, location="query")
@bp.gives(200, listed(AccountAnswer))
def list_staff_accounts(wanted: dict[str, Any]) -> Page[Any]:
    """The accounts of staff in the caller's subtrees, by name."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        return accounts.list_accounts(session, me.units_with(Permission.ACCOUNT_MANAGE), **wanted)


@bp.post("/staff-accounts")
@requires(Permission.ACCOUNT_MANAGE)
@bp.takes(AccountRequest)
@bp.gives(201, NewSecretAnswer)
def create_staff_account(body: dict[str, Any]) -> dict[str, str]:
    """Make an account for somebody known, or for a new colleague of a unit.

    It gives no role; whoever grants does that.
    """
    me = current_principal()
    require_fresh(me)
    return {"secret": login.open_account(me, Opening(**body))}


@bp.post("/staff-accounts/<uuid:account_id>/password")
@requires(Permission.ACCOUNT_MANAGE)
@bp.gives(201, NewSecretAnswer)
def reset_password(account_id: UUID) -> dict[str, str]:
    """Give a member of staff a new password. Whatever they have open ends."""
    me = current_principal()
    require_fresh(me)
    return {"secret": login.reset_password(me, account_id)}


@bp.delete("/staff-accounts/<uuid:account_id>/second-factor")
@requires(Permission.ACCOUNT_MANAGE)
@bp.gives(204)
def reset_second_factor(account_id: UUID) -> None:
    """Let a member of staff whose phone is gone set up their second factor anew."""
    me = current_principal()
    require_fresh(me)
    with transaction(me.tenant_id) as session:
        accounts.reset_second_factor(session, me=me, account_id=account_id, now=clock.now())


@bp.get("/audit-entries")
@requires(Permission.AUDIT_READ)
@bp.takes(AuditRequest, location="query")
@bp.gives(200, listed(AuditEntryAnswer))
def list_audit_entries(wanted: dict[str, Any]) -> Page[Any]:
    """The audit log of the caller's subtrees, the newest first."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        return watch.list_entries(session, me, **wanted)
