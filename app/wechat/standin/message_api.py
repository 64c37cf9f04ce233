"""Subscribe messages, and checks of texts and pictures."""

import re
from datetime import timedelta
from typing import Any

from flask import Response

from app.wechat.standin.asked import bearing, text
from app.wechat.standin.replies import Refused, reply
from app.wechat.standin.subscriptions import check
from app.wechat.standin.views import OK, Views
from app.wechat.standin.world import World

SEEN_WITHIN = timedelta(hours=2)
LONGEST_TEXT = 2500
STATES = {"developer", "trial", "formal"}
LANGUAGES = {"zh_CN", "en_US", "zh_HK", "zh_TW"}
PASS, LABELS = "pass", {"pass": 100, "review": 21000, "risky": 20003}
SAMPLES = (("风险样例", "risky"), ("复核样例", "review"))
_URL = re.compile(r"https?://\S{1,1000}")


class MessageApi:
    """One method for each API; the checks stand in the order in which WeChat makes them."""

    def __init__(self, world: World) -> None:
        self._world = world

    @property
    def views(self) -> Views:
        return {
            "/cgi-bin/message/subscribe/send": self.send,
            "/wxa/msg_sec_check": self.check_text,
            "/wxa/media_check_async": self.check_media,
        }

    def send(self) -> Response:
        """Deliver a message to somebody who agreed to it."""
        body, world = bearing(self._world), self._world
        openid, template_id, page = (text(body, one) for one in ("touser", "template_id", "page"))
        if not world.logins.knows(openid):
            raise Refused(40003)
        template = world.app.templates.get(template_id)
        if template is None:
            raise Refused(40037)
        if page and page.partition("?")[0] not in world.app.pages:
            raise Refused(41030)
        _check_style(body)
        check(body.get("data"), template)
        world.quotas.use("/cgi-bin/message/subscribe/send", world.clock())
        number = world.subscriptions.send(body, lasting=template.lasting, now=world.clock())
        if world.app.sent_events:
            world.pushes.later(_sent(openid, template_id, number), seconds=0)
        return reply({**OK, "msgid": number})

    def check_text(self) -> Response:
        """Say whether a text may be shown: by two words that stand for all that may not."""
        body, world = bearing(self._world), self._world
        self._check_who(body)
        content = text(body, "content")
        if not content:
            raise Refused(44002)
        if len(content) > LONGEST_TEXT:
            raise Refused(47001)
        world.quotas.use("/wxa/msg_sec_check", world.clock())
        return reply({**OK, "trace_id": self._trace_id(), **_verdict(content)})

    def check_media(self) -> Response:
        """Take a picture's address; what is in it is told later, by an event."""
        body, world = bearing(self._world), self._world
        self._check_who(body)
        if body.get("media_type") not in {1, 2} or not _URL.fullmatch(text(body, "media_url")):
            raise Refused(40097)
        world.quotas.use("/wxa/media_check_async", world.clock())
        trace_id = self._trace_id()
        verdict = _verdict(text(body, "media_url"), as_text=True)
        event = {
            "FromUserName": body["openid"],
            "Event": "wxa_media_check",
            "appid": world.app.appid,
            "trace_id": trace_id,
            "version": 2,
            **verdict,
        }
        world.pushes.later(event, seconds=world.pushes.media_delay)
        return reply({**OK, "trace_id": trace_id})

    def _check_who(self, body: dict[str, Any]) -> None:
        if body.get("version") != 2:
            raise Refused(47001)
        if body.get("scene") not in {1, 2, 3, 4}:
            raise Refused(40129)
        openid, now = text(body, "openid"), self._world.clock()
        if not self._world.logins.knows(openid):
            raise Refused(40003)
        if not self._world.logins.was_here(openid, since=now - SEEN_WITHIN):
            raise Refused(61010)

    def _trace_id(self) -> str:
        parts = (self._world.random.getrandbits(32) for _ in range(3))
        return "-".join(f"{part:08x}" for part in parts)


def _check_style(body: dict[str, Any]) -> None:
    known_state = body.get("miniprogram_state", "formal") in STATES
    if not known_state or body.get("lang", "zh_CN") not in LANGUAGES:
        raise Refused(40097)


def _sent(openid: str, template_id: str, number: int) -> dict[str, Any]:
    item = {
        "TemplateId": template_id,
        "MsgID": str(number),
        "ErrorCode": "0",
        "ErrorStatus": "success",
    }
    return {"FromUserName": openid, "Event": "subscribe_msg_sent_event", "List": item}


def _verdict(content: str, *, as_text: bool = False) -> dict[str, Any]:
    """The label is a number in an answer and a text in an event, as WeChat has it."""
    suggest = next((verdict for word, verdict in SAMPLES if word in content), PASS)
    number = LABELS[suggest]
    label: int | str = str(number) if as_text else number
    result = {"suggest": suggest, "label": label}
    detail = {"strategy": "content_model", "errcode": 0, "prob": 90, **result}
    return {"result": result, "detail": [detail]}
