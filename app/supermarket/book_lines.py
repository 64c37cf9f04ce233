"""Lines of the two books of a shop, as they stand on the screen and on paper."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.core import masking
from app.core.paper import Column
from app.supermarket import labels
from app.supermarket.book_queries import Gift, Issue
from app.supermarket.kinds import MoveKind

DONATIONS = (
    Column(title="日期", share=11),
    Column(title="收据号", share=13),
    Column(title="捐赠人", share=15),
    Column(title="物品", share=17),
    Column(title="单位", share=6),
    Column(title="数量", share=8, summed=True),
    Column(title="批次", share=10),
    Column(title="保质期", share=11),
    Column(title="价值（元）", share=12, summed=True, money=True),
    Column(title="经手人", share=10),
    Column(title="监督员签字", share=13),
)
REDEMPTIONS = (
    Column(title="日期", share=11),
    Column(title="单号", share=12),
    Column(title="物品", share=18),
    Column(title="单位", share=6),
    Column(title="数量", share=8, summed=True),
    Column(title="批次", share=10),
    Column(title="积分", share=9, summed=True),
    Column(title="兑换人", share=10),
    Column(title="经手人", share=10),
    Column(title="方式", share=8),
    Column(title="签字", share=14),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of either book. `value` is points, or in the donations a fair value in fen."""

    day: str
    number: str
    who: str
    goods: str
    unit: str
    quantity: int
    batch: str
    best_before: str
    value: int | None
    by: str
    way: str = ""

    def as_gift(self) -> tuple[str | int, ...]:
        """As 物品捐赠簿 has it."""
        value = self.value if self.value is not None else "—"
        goods = (self.goods, self.unit, self.quantity, self.batch, self.best_before)
        return (self.day, self.number, self.who, *goods, value, self.by, "")

    def as_issue(self) -> tuple[str | int, ...]:
        """As 物品兑换簿 has it."""
        goods = (self.goods, self.unit, self.quantity, self.batch)
        return (self.day, self.number, *goods, self.value or 0, self.who, self.by, self.way, "")


def of_gift(gift: Gift, names: Mapping[UUID, str]) -> Line:
    """Who gave stays masked, or is the unit that gave."""
    fen = gift.item.value_fen
    by = gift.delivery.entered_by
    return Line(
        day=f"{gift.delivery.day:%Y-%m-%d}",
        number=labels.delivery_number(gift.delivery),
        who=gift.delivery.donor_name or "",
        goods=gift.item.name,
        unit=gift.item.unit,
        quantity=gift.quantity,
        batch=labels.batch_number(gift.batch.id),
        best_before=_until(gift.batch.best_before),
        value=None if fen is None else fen * gift.quantity,
        by=names.get(by, "") if by else "",
    )


def of_issue(issue: Issue, names: Mapping[UUID, str]) -> Line:
    """What came back stands below zero, in pieces and in points."""
    by, gone = issue.move.entered_by, -issue.move.delta
    return Line(
        day=f"{issue.move.day:%Y-%m-%d}",
        number=labels.number(issue.redemption.id),
        who=masking.name(names.get(issue.redemption.person_id, "")),
        goods=issue.line.name,
        unit=issue.item.unit,
        quantity=gone,
        batch=labels.batch_number(issue.batch.id),
        best_before=_until(issue.batch.best_before),
        value=issue.line.points // issue.line.quantity * gone,
        by=names.get(by, "") if by else "",
        way=_way(issue),
    )


def _way(issue: Issue) -> str:
    if issue.move.kind == MoveKind.RETURN.value:
        return "退货"
    if issue.offline is not None:
        return "断网" if issue.offline == issue.move.day else f"断网 {issue.offline:%m-%d}"
    return "代领" if issue.fetched else "本人"


def _until(best_before: date | None) -> str:
    return f"{best_before:%Y-%m-%d}" if best_before else "—"
