"""What an operator is told of a refusal. Its words are ours, and hold nothing of what was sent."""

import logging

from app.wechat.errors import WechatMisconfigured, WechatRefusal

log = logging.getLogger(__name__)


def tell(what: str, refusal: WechatRefusal) -> None:
    """Say what did not happen and why; an operator's own business is an error."""
    level = logging.ERROR if isinstance(refusal, WechatMisconfigured) else logging.WARNING
    extra = {"errcode": refusal.errcode, "trace_id": refusal.trace_id}
    log.log(level, "%s: %s", what, refusal, extra=extra)
