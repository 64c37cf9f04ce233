"""The address at which WeChat tells us what happened. It knows itself by a signature."""

import logging

from flask import Response, current_app, request

from app.core import clock, edges
from app.core.db import transaction
from app.core.doors import public
from app.core.errors import Forbidden, NotFound
from app.core.http import ApiBlueprint
from app.core.queue import ring_after_commit
from app.wechat import jobs, queries, services
from app.wechat.superapp import Echo, Event, Received, Reject, SuperApp

PLATFORM = "wechat"
UNDERSTOOD = "success"
LOGGED = 64

log = logging.getLogger(__name__)
bp = ApiBlueprint("wechat", __name__, description="微信消息推送")


class PushRefused(Forbidden):
    code, title = "push_refused", "This was not sent by WeChat"


@bp.get("/wechat/<string:appid>/messages")
@public
@bp.draws("text/plain")
def check_wechat_address(appid: str) -> Response:
    """Answer WeChat's question whether this address is ours, when it is entered in its console.

    The query carries `signature`, `timestamp`, `nonce` and the `echostr` to be answered with.
    """
    told = _told(appid)
    return _text(told.text if isinstance(told, Echo) else "")


@bp.post("/wechat/<string:appid>/messages")
@public
@bp.draws("text/plain")
def receive_wechat_message(appid: str) -> Response:
    """Take in an event, JSON or XML, in clear or sealed, and say so at once.

    It is kept once however often it comes, and takes effect in the worker.
    """
    told = _told(appid)
    events = told if isinstance(told, tuple) else ()
    with transaction(None) as session:
        tenant_id = queries.tenant_of_app(session, platform=PLATFORM, appid=appid)
    if tenant_id is None:
        raise _unknown()
    with transaction(tenant_id) as session:
        if services.note_events(session, edges.vault(), events, appid=appid, now=clock.now()):
            ring_after_commit(session, jobs.work_off_events)
    return _text(UNDERSTOOD)


def _told(appid: str) -> Echo | tuple[Event, ...]:
    super_apps: dict[tuple[str, str], SuperApp] = current_app.extensions["super_apps"]
    super_app = super_apps.get((PLATFORM, appid))
    if super_app is None:
        raise _unknown()
    told = super_app.parse_callback(
        Received(
            method=request.method,
            query=request.args.to_dict(),
            body=request.get_data(),
            at=clock.now(),
        )
    )
    if isinstance(told, Reject):
        log.warning("a message at the callback address was refused: %s", told.reason)
        raise PushRefused("这条消息没有通过微信的签名校验，请核对后台的令牌、密钥和服务器时间。")
    return told


def _unknown() -> NotFound:
    return NotFound("没有找到这个小程序，请核对消息推送的网址。")


def _text(text: str) -> Response:
    return Response(text, content_type="text/plain; charset=utf-8")
