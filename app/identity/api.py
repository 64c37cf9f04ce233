"""Signing in and out over HTTP."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.core import clock, edges
from app.core.db import transaction
from app.core.doors import public
from app.core.errors import NotFound
from app.core.http import ApiBlueprint
from app.core.paging import Page, listed
from app.identity import consents, devices, login, personal, queries, services, sessions
from app.identity.access import (
    current_bearer,
    current_principal,
    require_fresh,
    requires,
)
from app.identity.fields import Field
from app.identity.models import Person, SessionRow
from app.identity.queries import Bearer
from app.identity.roles import Permission, Principal
from app.identity.schemas import (
    ConfirmationAnswer,
    ConfirmationRequest,
    FactorDraftAnswer,
    MeAnswer,
    MeRequest,
    OwnSessionAnswer,
    PasswordRequest,
    RecoveryCodesAnswer,
    SecondFactorRequest,
    SessionAnswer,
    SessionRequest,
    StaffSessionAnswer,
    StaffSessionRequest,
)
from app.identity.services import Entry
from app.identity.sessions import Started

bp = ApiBlueprint("identity", __name__, description="登录与会话")


@bp.post("/sessions")
@public
@bp.takes(SessionRequest)
@bp.gives(201, SessionAnswer)
def create_session(body: dict[str, Any]) -> dict[str, Any]:
    """Sign in a resident with the code of `wx.login`.

    The code is exchanged once; a used or stale one is refused with `login_code_refused`.
    """
    device_id = body.pop("device_id")
    return _started(login.resident(**body, device=devices.this_device(device_id)))


@bp.post("/staff-sessions")
@public
@bp.takes(StaffSessionRequest)
@bp.gives(201, StaffSessionAnswer)
def create_staff_session(body: dict[str, Any]) -> dict[str, Any]:
    """Sign in a member of staff with name, password and second factor.

    Without a second factor where one is demanded, the session is good for setting it up only.
    With a password that somebody gave, it is good for choosing one's own, and for that alone.
    """
    device = devices.this_device(body.pop("device_id"))
    started = login.staff(Entry(**body), device=device)
    with transaction(started.token.tenant_id) as session:
        me = sessions.identify(session, token=started.token, now=clock.now())
    return {
        **_started(started),
        "roles": _roles(me),
        "must_enrol": me.must_enrol,
        "must_choose": me.must_choose,
    }


@bp.get("/sessions/current")
@requires(Permission.SESSION_OWN)
@bp.gives(200, OwnSessionAnswer)
def get_current_session() -> dict[str, Any]:
    """The session this request was made with."""
    return _own_session(current_bearer(), current_principal())


@bp.delete("/sessions/current")
@requires(Permission.SESSION_OWN, before_own_password=True)
@bp.gives(204)
def delete_current_session() -> None:
    """Sign out here. The token is worth nothing from now on."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        sessions.end_session(session, principal=me, session_id=me.session_id, now=clock.now())


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
        if not sessions.end_session(session, principal=me, session_id=session_id, now=clock.now()):
            raise NotFound("没有找到这个登录，可能已经退出。")


@bp.delete("/sessions")
@requires(Permission.SESSION_OWN)
@bp.gives(204)
def delete_other_sessions() -> None:
    """Sign out everywhere but here."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        sessions.end_others(session, principal=me, now=clock.now())


@bp.post("/sessions/current/confirmations")
@requires(Permission.SESSION_OWN, before_own_password=True)
@bp.takes(ConfirmationRequest)
@bp.gives(201, ConfirmationAnswer)
def confirm_session(body: dict[str, Any]) -> dict[str, Any]:
    """Prove once more who one is, for what a session alone is not enough."""
    me = current_principal()
    if body["password"] is not None:
        login.confirm_staff(me, Entry(password=body["password"], otp=body["otp"]))
    else:
        code = {name: body[name] for name in ("platform", "appid", "code")}
        login.confirm_resident(me, **code)
    with transaction(me.tenant_id) as session:
        row = queries.get_session(session, me.session_id)
        assert row is not None  # this request was made with it
        return {"auth_level": row.auth_level, "auth_time": row.auth_time}


@bp.put("/me/password")
@requires(Permission.SESSION_OWN, before_own_password=True)
@bp.takes(PasswordRequest)
@bp.gives(204)
def choose_password(body: dict[str, str]) -> None:
    """Take a password of one's own choice, for staff. Whatever else they have open ends."""
    me = current_principal()
    require_fresh(me)
    login.choose_password(me, body["password"])


@bp.post("/me/second-factor")
@requires(Permission.SESSION_OWN)
@bp.gives(201, FactorDraftAnswer)
def begin_second_factor() -> dict[str, Any]:
    """Make a secret for an authenticator. It is in use once the authenticator has answered."""
    me = current_principal()
    require_fresh(me)
    draft = login.begin_factor(me)
    return {"secret": draft.secret, "address": draft.address}


@bp.put("/me/second-factor")
@requires(Permission.SESSION_OWN)
@bp.takes(SecondFactorRequest)
@bp.gives(200, RecoveryCodesAnswer)
def confirm_second_factor(body: dict[str, str]) -> dict[str, Any]:
    """Take the secret into use with the six digits the authenticator shows for it."""
    return {"recovery_codes": login.confirm_factor(current_principal(), otp=body["otp"])}


@bp.get("/me")
@requires(Permission.SESSION_OWN)
@bp.gives(200, MeAnswer)
def get_me() -> dict[str, Any]:
    """Who the caller is, and the roles they hold today."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        return _me(session, me)


@bp.put("/me")
@requires(Permission.SESSION_OWN)
@bp.takes(MeRequest)
@bp.gives(200, MeAnswer)
def update_me(body: dict[str, Any]) -> dict[str, Any]:
    """Say in which size one reads; it holds on every device from the next sign-in on."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        services.choose_type(session, person_id=me.person_id, large=body["large_type"])
        return _me(session, me)


def _me(session: Session, me: Principal) -> dict[str, Any]:
    person = queries.get_person(session, me.person_id)
    assert person is not None  # the session's foreign key says so
    known = personal.read_own(session, edges.vault(), person_id=me.person_id)
    told = {
        "full_name": known.get(Field.NAME),
        "large_type": bool(person.large_type),
        "consent_needed": consents.needed(session, me.person_id),
    }
    return {**_member(session, person), **told, "roles": _roles(me)}


def _started(started: Started) -> dict[str, Any]:
    with transaction(started.token.tenant_id) as session:
        member = _member(session, started.person)
        needed = consents.needed(session, started.person.id)
    return {
        "token": started.token.text,
        "expires_at": started.expires_at,
        "member": member,
        "consent_needed": needed,
    }


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


def _roles(me: Principal) -> list[dict[str, Any]]:
    return [{"role": grant.role, "org_unit_id": grant.org_unit_id} for grant in me.grants]


def _own_sessions() -> list[dict[str, Any]]:
    me = current_principal()
    with transaction(me.tenant_id) as session:
        rows = queries.list_sessions(session, me.person_id, now=clock.now())
    return [_own_session(row, me) for row in rows]


def _own_session(row: SessionRow | Bearer, me: Principal) -> dict[str, Any]:
    return {
        "id": row.id,
        "staff": row.staff,
        "current": row.id == me.session_id,
        "created_at": row.created_at,
        "last_seen_at": row.last_seen_at,
        "device": row.device,
        "auth_time": row.auth_time,
    }
