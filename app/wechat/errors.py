"""What a call to WeChat can come to, other than an answer.

The texts are ours. They never repeat what was sent, nor what came back.
"""


class WechatRefusal(Exception):
    """`errcode` is WeChat's number and `trace_id` its name for the request, where it gave them."""

    def __init__(
        self, message: str, *, errcode: int | None = None, trace_id: str | None = None
    ) -> None:
        super().__init__(message)
        self.errcode = errcode
        self.trace_id = trace_id


class LoginCodeInvalid(WechatRefusal):
    """The code is unknown, used, too old or another app's. The phone may fetch a new one."""


class LoginBlocked(WechatRefusal):
    """WeChat holds the person to be a risk and lets them in nowhere. Trying again is no use."""


class PhoneCodeInvalid(WechatRefusal):
    """The code of the phone button is used, too old, or somebody else's."""


class WechatBusy(WechatRefusal):
    """WeChat gave no useful answer just now; it is worth asking again after `retry_after`.

    Where `undone`, WeChat has certainly not done what it was asked; else it may have.
    """

    def __init__(
        self,
        message: str,
        *,
        retry_after: int,
        errcode: int | None = None,
        trace_id: str | None = None,
        undone: bool = False,
    ) -> None:
        super().__init__(message, errcode=errcode, trace_id=trace_id)
        self.retry_after = retry_after
        self.undone = undone or errcode is not None


class WechatUnreachable(WechatBusy):
    """No connection came about, so WeChat has not seen the request."""

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message, retry_after=retry_after, undone=True)


class WechatMisconfigured(WechatRefusal):
    """WeChat refuses us, not the person: an operator has to put something right."""


class WechatDeclined(WechatRefusal):
    """WeChat does not accept what this one call says; `field` is what it names, if it does."""

    def __init__(
        self, message: str, *, errcode: int, trace_id: str | None = None, field: str | None = None
    ) -> None:
        super().__init__(message, errcode=errcode, trace_id=trace_id)
        self.field = field


class WechatAddressRefused(ValueError):
    """The configured address is not one that may be told our secret."""
