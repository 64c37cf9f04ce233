"""Every refusal of ours is one of these kinds, and each kind has its HTTP status.

DomainError
├── Malformed        400   the request cannot be understood
├── Unauthenticated  401   who is asking?
├── Forbidden        403   you may not do that
├── NotFound         404   there is no such thing, or it is not yours to see
├── Conflict         409   it cannot be done now, and retrying alone will not help
├── Invalid          422   the body or a parameter is not of the documented form
├── TooMany          429   too often; it says when to come back
└── Unavailable      503   we cannot just now; it says when to come back

Each carries a stable `code` that programs may switch on, and one Chinese sentence that tells
a person what to do next. They leave as problem details (RFC 9457) or, for a page, as a page.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from points_engine import (
    AlreadyReversed,
    HoldEnded,
    InsufficientPoints,
    NothingToProve,
    NotOwed,
    NotReversible,
    PeriodBusy,
    PeriodNotReady,
    PointsError,
    ReferenceConflict,
    SourceConflict,
)

Fields = Mapping[str, Any]
BURNT = "，并请居民重新出示兑换码"


class DomainError(Exception):
    """A refusal the client can act on. `code` is part of the public API.

    `keeps` says that what was written before the refusal stays: the log of a
    failed scan, a burnt code.
    """

    code: ClassVar[str]
    status: ClassVar[int]
    title: ClassVar[str]

    def __init__(
        self, detail: str, *, errors: Fields | None = None, retry_after: int | None = None
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = dict(errors or {})
        self.retry_after = retry_after
        self.keeps = False

    def kept(self) -> "DomainError":
        """The same refusal, with what was written so far committed."""
        self.keeps = True
        return self


class Malformed(DomainError):
    code, status, title = "malformed", 400, "Malformed request"


class Unauthenticated(DomainError):
    code, status, title = "unauthenticated", 401, "Sign in first"


class Forbidden(DomainError):
    code, status, title = "forbidden", 403, "Not allowed"


class NotFound(DomainError):
    code, status, title = "not_found", 404, "Not found"


class Conflict(DomainError):
    code, status, title = "conflict", 409, "Not possible now"


class Invalid(DomainError):
    code, status, title = "invalid", 422, "Invalid request"


class TooMany(DomainError):
    code, status, title = "too_many", 429, "Too many attempts"


class Unavailable(DomainError):
    code, status, title = "unavailable", 503, "Temporarily unavailable"


def catalogue() -> list[type[DomainError]]:
    """Every refusal there is, by its code."""
    found, waiting = set[type[DomainError]](), [DomainError]
    while waiting:
        children = waiting.pop().__subclasses__()
        found.update(children)
        waiting.extend(children)
    return sorted(found, key=lambda refusal: refusal.code)


class NotEnoughPoints(Conflict):
    code, title = "insufficient_points", "Not enough points"


class AlreadyRecorded(Conflict):
    code, title = "reference_conflict", "Recorded before with other contents"


class FactConflict(Conflict):
    code, title = "source_conflict", "Reported before with other contents"


class ReservationEnded(Conflict):
    code, title = "hold_ended", "Not reserved any more"


class CannotBeReversed(Conflict):
    code, title = "not_reversible", "Cannot be reversed"


class ReversedBefore(Conflict):
    code, title = "already_reversed", "Reversed before"


class MoreThanOwed(Conflict):
    code, title = "not_owed", "More than is owed"


class QuarterNotReady(Conflict):
    code, title = "period_not_ready", "The quarter is not ready for that"


class QuarterBusy(Unavailable):
    code, title = "period_busy", "The quarter is still being booked into"


class NoSuchLines(NotFound):
    code, title = "nothing_to_prove", "No line in that quarter"


def from_engine(error: PointsError) -> DomainError:
    """The engine's refusal, as one of ours. What is not listed is a programmer's mistake."""
    match error:
        case InsufficientPoints(balance=balance, needed=needed):
            return NotEnoughPoints(
                f"可用积分 {balance} 分，还差 {needed - balance} 分。请减少商品{BURNT}。"
            )
        case ReferenceConflict():
            return AlreadyRecorded("这笔业务已经记过账，内容与这次不同。请刷新后重试。")
        case HoldEnded():
            return ReservationEnded("这笔预约已经领取、取消或过期，请刷新后查看。")
        case SourceConflict():
            return FactConflict("这件事已经上报过，内容与这次不同。请联系工作人员核对。")
        case NotReversible() | AlreadyReversed() | NotOwed():
            return _of_undoing(error)
    return _of_quarter(error)


def _of_undoing(error: NotReversible | AlreadyReversed | NotOwed) -> DomainError:
    match error:
        case NotReversible():
            return CannotBeReversed("这笔记录不能冲正。请核对后选择另一笔，或改用调整。")
        case AlreadyReversed():
            return ReversedBefore("这笔记录已经冲正过，不能再冲正一次。请刷新后查看。")
        case NotOwed(owed=owed):
            return MoreThanOwed(f"目前待还 {owed}，不能归还更多。请修改数量。")


def _of_quarter(error: PointsError) -> DomainError:
    match error:
        case PeriodNotReady(quarter=quarter):
            return QuarterNotReady(
                f"{quarter} 还不到办理的时候：季度结束后按先后顺序公示、封账，封账后才能出具证明。"
            )
        case PeriodBusy(quarter=quarter):
            return QuarterBusy(f"{quarter} 还有业务正在记账，请稍等片刻再试。", retry_after=1)
        case NothingToProve(quarter=quarter):
            return NoSuchLines(f"{quarter} 没有这个人的账目，请换一个季度。")
    raise error
