"""Signing in and out over HTTP."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.core import clock, tenancy
from app.core.db import tenant_of, transaction
from app.core.doors import public
from app.core.errors import NotFound
from app.core.http import ApiBlueprint
from app.core.paging import Page, listed
from app.identity import login, queries, services
from app.identity.access import current_principal, requires
from app.identity.errors import OtpUnexpected, SessionEnded
from app.identity.models import Person
from app.identity.roles import Permission
from app.identity.schemas import (
    MeAnswer,
    OwnSessionAnswer,
    SessionAnswer,
    SessionRequest,
    StaffSessionAnswer,
    StaffSessionRequest,
)
from app.identity.services import Started

bp = ApiBlueprint("identity", __name__, description="登录与会话")


@bp.post("/sessions")
@public
@bp.takes(SessionRequest)
@bp.gives(201, SessionAnswer)
def create_session(body: dict[str, str]) -> dict[str, Any]:
    """Sign in a resident with the code of `wx.login`.

    The code is exchanged once; a used or stale one is refused with `login_code_refused`.
    """
    return _started(login.resident(**body))


@bp.post("/staff-sessions")
@public
@bp.takes(StaffSessionRequest)
@bp.gives(201, StaffSessionAnswer)
def create_staff_session(body: dict[str, Any]) -> dict[str, Any]:
    """Sign in a member of staff with name and password."""
    if body["otp"] is not None:
        raise OtpUnexpected("这个账号没有设置第二验证，请不要填写。", errors={"otp": ["未设置"]})
    started = login.staff(username=body["username"], password=body["password"])
    with transaction(started.token.tenant_id) as session:
        roles = _roles(session, started.person.id)
    return {**_started(started), "roles": roles}


@bp.get("/sessions/current")
@requires(Permission.SESSION_OWN)
@bp.gives(200, OwnSessionAnswer)
def get_current_session() -> dict[str, Any]:
    """The session this request was made with."""
    mine = [row for row in _own_sessions() if row["current"]]
    if not mine:
        raise SessionEnded("登录已过期，请重新登录。")
    return mine[0]


@bp.delete("/sessions/current")
@requires(Permission.SESSION_OWN)
@bp.gives(204)
def delete_current_session() -> None:
    """Sign out here. The token is worth nothing from now on."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        services.end_session(session, principal=me, session_id=me.session_id, now=clock.now())


@bp.get("/sessions")
@requires(Permission.SESSION_OWN)
@bp.gives(200, listed(OwnSessionAnswer))
def list_sessions() -> Page[dict[str, Any]]:
    """Where the caller is signed in."""
    return Page(_own_sessions(), None)


@bp.delete("/sessions/<uuid:session_id>")
@requires(Permission.SESSION_OWN)
@bp.gives(204)
def delete_session(session_id: UUID) -> None:
    """Sign out one of the caller's devices."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        if not services.end_session(session, principal=me, session_id=session_id, now=clock.now()):
            raise NotFound("没有找到这个登录，可能已经退出。")


@bp.get("/me")
@requires(Permission.SESSION_OWN)
@bp.gives(200, MeAnswer)
def get_me() -> dict[str, Any]:
    """Who the caller is, and the roles they hold today."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        person = queries.get_person(session, me.person_id)
        assert person is not None  # the session's foreign key says so
        roles = [{"role": grant.role, "org_unit_id": grant.org_unit_id} for grant in me.grants]
        return {**_member(session, person), "roles": roles}


def _started(started: Started) -> dict[str, Any]:
    with transaction(started.token.tenant_id) as session:
        member = _member(session, started.person)
    return {"token": started.token.text, "expires_at": started.expires_at, "member": member}


def _member(session: Session, person: Person) -> dict[str, Any]:
    community = {
        "id": person.community_id,
        "name": queries.name_of_community(session, person.community_id),
    }
    return {
        "id": person.id,
        "display_name": person.display_name,
        "kinds": person.kinds,
        "community": community,
    }


def _roles(session: Session, person_id: UUID) -> list[dict[str, Any]]:
    tenant = tenancy.get_tenant(session, tenant_of(session))
    assert tenant is not None  # a session of this tenant has just begun
    grants = queries.list_grants(session, person_id, on=clock.civil_day(clock.now(), tenant.zone))
    return [{"role": grant.role, "org_unit_id": grant.org_unit_id} for grant in grants]


def _own_sessions() -> list[dict[str, Any]]:
    me = current_principal()
    with transaction(me.tenant_id) as session:
        rows = queries.list_sessions(session, me.person_id, now=clock.now())
    return [
        {
            "id": row.id,
            "staff": row.staff,
            "current": row.id == me.session_id,
            "created_at": row.created_at,
            "last_seen_at": row.last_seen_at,
        }
        for row in rows
    ]
