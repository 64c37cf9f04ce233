"""扫码登录 and the way into the web-view, over HTTP: what the mini-program calls."""

from typing import Any
from urllib.parse import urlencode

from app.core import clock, edges
from app.core.db import transaction
from app.core.http import ApiBlueprint
from app.identity import handoffs, web_logins
from app.identity.access import current_principal, requires, safe_next
from app.identity.roles import Permission
from app.identity.schemas import HandoffAnswer, HandoffRequest, WebLoginAnswer
from app.identity.web_models import WebLogin

bp = ApiBlueprint("web_logins", __name__, description="扫码登录与进入网页")


@bp.post("/web-logins/<code>/seen")
@requires(Permission.SESSION_OWN)
@bp.gives(201, WebLoginAnswer)
def see_web_login(code: str) -> dict[str, Any]:
    """Say which device shows the code that was scanned, so that its person may decide."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        return _web_login(web_logins.see(session, code, me=me, now=clock.now()))


@bp.post("/web-logins/<code>/confirm")
@requires(Permission.SESSION_OWN)
@bp.gives(201, WebLoginAnswer)
def confirm_web_login(code: str) -> dict[str, Any]:
    """Let that device in, as the caller; or prove there that it is still them.

    The latter wants a session that was itself proved within five minutes.
    """
    me = current_principal()
    with transaction(me.tenant_id) as session:
        return _web_login(web_logins.confirm(session, code, me=me, now=clock.now()))


@bp.post("/web-logins/<code>/refusal")
@requires(Permission.SESSION_OWN)
@bp.gives(204)
def refuse_web_login(code: str) -> None:
    """Say that it was not oneself; that device is not let in."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        web_logins.refuse(session, code, me=me, now=clock.now())


@bp.post("/me/handoffs")
@requires(Permission.SESSION_OWN)
@bp.takes(HandoffRequest)
@bp.gives(201, HandoffAnswer)
def create_handoff(body: dict[str, str]) -> dict[str, Any]:
    """An address for the mini-program's web-view: once, within a minute, the caller is signed in.

    The code stands behind its `#`, where no server and no log sees it.
    """
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        code = handoffs.hand_over(session, me=me, now=now)
    query = urlencode({"next": safe_next(body["next"])})
    return {
        "address": f"{edges.settings().public_url}/enter?{query}#{code}",
        "expires_at": now + handoffs.GOOD_FOR,
    }


def _web_login(row: WebLogin) -> dict[str, Any]:
    return {"device": row.device, "asked_at": row.asked_at, "purpose": row.purpose}
