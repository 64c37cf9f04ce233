"""Messages, the answers of the subscription popup, and the call list over HTTP."""

from typing import Any
from uuid import UUID

from app.core import clock, edges
from app.core.db import transaction
from app.core.http import ApiBlueprint
from app.core.paging import Page, listed
from app.identity.access import current_principal, requires
from app.identity.roles import Permission
from app.notices import queries, services, shown, subscriptions
from app.notices.schemas import (
    CallLineAnswer,
    CallListAnswer,
    CallNumberAnswer,
    MessageAnswer,
    MessagesRequest,
    ReadAnswer,
    SubscriptionAnswer,
    SubscriptionRequest,
    TryRequest,
)
from app.notices.services import Tried
from app.notices.subscriptions import Reported
from app.wechat.extension import super_apps

bp = ApiBlueprint("notices", __name__, description="消息与通知名单")


@bp.get("/me/messages")
@requires(Permission.MESSAGE_READ)
@bp.takes(MessagesRequest, location="query")
@bp.gives(200, listed(MessageAnswer))
def list_messages(query: dict[str, Any]) -> Page[dict[str, Any]]:
    """What the caller was told, the latest first."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        return shown.messages(session, person_id=me.person_id, **query)


@bp.post("/me/messages/<uuid:message_id>/read")
@requires(Permission.MESSAGE_READ)
@bp.gives(200, ReadAnswer)
def read_messages(message_id: UUID) -> dict[str, int]:
    """Note that the caller has read this message and those before it; again changes nothing."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        read = services.read_up_to(
            session, person_id=me.person_id, notice_id=message_id, now=clock.now()
        )
        return {"read": read, "unread": queries.count_unread(session, me.person_id)}


@bp.post("/me/subscriptions")
@requires(Permission.MESSAGE_READ)
@bp.takes(SubscriptionRequest)
@bp.gives(200, SubscriptionAnswer)
def report_subscription(body: dict[str, Any]) -> dict[str, int]:
    """Report what the caller answered to the popup that asks for messages.

    Where the platform tells us itself, its word counts and this one is only a hint.
    """
    me = current_principal()
    reported = Reported(
        platform=body["platform"],
        appid=body["appid"],
        answers={one["template"]: one["answer"] for one in body["choices"]},
    )
    with transaction(me.tenant_id) as session:
        credited = subscriptions.credit(
            session,
            edges.vault(),
            reported,
            super_apps=super_apps(),
            person_id=me.person_id,
            now=clock.now(),
        )
    return {"credited": credited}


@bp.get("/call-list")
@requires(Permission.CALL_LIST)
@bp.gives(200, CallListAnswer)
def list_call_lines() -> dict[str, Any]:
    """Whom WeChat did not reach in the caller's grid or community, the longest waiting first."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        return {"items": shown.waiting_lines(session, me)}


@bp.post("/call-list/<uuid:line_id>/number")
@requires(Permission.CALL_DIAL)
@bp.gives(200, CallNumberAnswer)
def read_call_number(line_id: UUID) -> dict[str, str]:
    """The number to ring for a line that is open. Each look is written down."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        number = services.number_to_call(session, edges.vault(), line_id, me=me, now=clock.now())
    return {"number": number}


@bp.post("/call-list/<uuid:line_id>/tries")
@requires(Permission.CALL_LIST)
@bp.takes(TryRequest)
@bp.gives(200, CallLineAnswer)
def record_call(body: dict[str, Any], line_id: UUID) -> dict[str, Any]:
    """Record a call or a visit. A call that reached nobody leads to a visit."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        tried = Tried(line_id=line_id, **body)
        line = services.record_try(session, tried, me=me, now=clock.now())
        (answer,) = shown.lines(session, [line])
        return answer
