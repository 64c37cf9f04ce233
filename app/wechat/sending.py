"""A subscribe message on its way: filled in, sent once, and what became of it."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Self

from app.wechat.answers import DAILY_LIMIT
from app.wechat.errors import WechatBusy, WechatDeclined, WechatMisconfigured, WechatRefusal
from app.wechat.fields import FieldUnfit
from app.wechat.superapp import Delivery, Message
from app.wechat.telling import tell
from app.wechat.templates import Templates
from app.wechat.wire import Call

REFUSED_BY_PERSON = 43101
PAGE_NOT_RELEASED = 41030
PASSING = frozenset({45168})
NOT_SENT = "a message was not sent"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """What is sent: a template with its fields filled in, and the page it opens."""

    template_id: str
    data: dict[str, dict[str, str]]
    page: str

    @classmethod
    def of(cls, message: Message, templates: Templates) -> Self | None:
        """The message in the form of its template; None where there is none or it does not fit."""
        template = templates.get(message.template)
        if template is None:
            return None
        try:
            data = template.filled(message.words)
        except FieldUnfit as unfit:
            log.error("a message does not fit its template: %s", unfit)  # noqa: TRY400 - no trace
            return None
        return cls(template_id=template.id, data=data, page=message.page or template.page)

    def without_page(self) -> Self:
        """The same as a card that opens nothing."""
        return replace(self, page="")

    def call(self, subject_id: str) -> Call:
        body: dict[str, Any] = {
            "touser": subject_id,
            "template_id": self.template_id,
            "data": self.data,
            "miniprogram_state": "formal",
            "lang": "zh_CN",
        }
        if self.page:
            body["page"] = self.page
        return Call(path="/cgi-bin/message/subscribe/send", body=body, repeatable=False)


def delivery_of(send: Callable[[], object]) -> Delivery | None:
    """What became of the message; None if only its page stood in the way."""
    try:
        send()
    except WechatDeclined as declined:
        return _declined(declined)
    except WechatRefusal as refusal:
        tell(NOT_SENT, refusal)
        return _not_now(refusal)
    return Delivery.SENT


def _declined(declined: WechatDeclined) -> Delivery | None:
    if declined.errcode == REFUSED_BY_PERSON:
        return Delivery.REFUSED
    tell(NOT_SENT, declined)
    if declined.errcode == PAGE_NOT_RELEASED:
        return None
    return Delivery.RETRY if declined.errcode in PASSING else Delivery.BAD


def _not_now(refusal: WechatRefusal) -> Delivery:
    """WeChat has no key by which a repeated message is known: what may have gone out, has."""
    if refusal.errcode == DAILY_LIMIT:
        return Delivery.TOMORROW
    if isinstance(refusal, WechatMisconfigured):
        return Delivery.RETRY  # an operator will see to it
    return (
        Delivery.RETRY if isinstance(refusal, WechatBusy) and refusal.undone else Delivery.UNKNOWN
    )
