"""What a redemption is called, on its receipt and in the passbook."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from app.supermarket.kinds import DonationGoal, Fate, ReservationState, VoucherState, Way
from app.supermarket.models import Delivery
from points_engine import Guard, Level

FEN_PER_YUAN = 100
MONTH_BEGINS, MONTH_ENDS = 10, 20  # the last days of a month's first and second third
NOTHING_RAISED = "还没有登记筹到的资金，请联系系统管理员登记。居民挣得的积分照常记、照常兑。"
WAYS = {
    Way.CODE: "手机兑换码",
    Way.CARD_PIN: "存折卡和取物密码",
    Way.PAPER: "存折卡和签字",
    Way.ERRAND: "代领人持卡",
    Way.PICKUP: "预约取货码",
    Way.OFFLINE: "断网时持卡签字",
}
WITHOUT_PHONE = (
    Way.PAPER,
    Way.ERRAND,
    Way.OFFLINE,
)  # nobody saw whose points they are type or show anything
WARNED_DAYS = 30  # before its last day something is shown as ending
NUMBER_LENGTH = 8
RESERVATION_STATES = {
    ReservationState.OPEN: "等您来取",
    ReservationState.PICKED_UP: "已经取走",
    ReservationState.CANCELLED: "已经取消",
    ReservationState.LAPSED: "过期没取，积分已退回",
}
VOUCHER_STATES = {
    VoucherState.LIVE: "可以用",
    VoucherState.USED: "已经用了",
    VoucherState.RETURNED: "已经退回，积分已退",
    VoucherState.EXPIRED: "过期没用",
}
FATES = {Fate.SHELF: "放回货架", Fate.WRITTEN_OFF: "报损，不再上架"}
DONATION_GOALS = {
    DonationGoal.POOL: "捐给社区爱心池",
    DonationGoal.FAMILY: "捐给困难家庭（社区确定）",
}
MOST_NAMED = 5  # kinds of goods in one line of the passbook; the receipt has them all


def number(redemption_id: UUID) -> str:
    """What people read aloud when something is wrong with a redemption."""
    return redemption_id.hex[-NUMBER_LENGTH:].upper()


def batch_number(batch_id: UUID) -> str:
    """By what one finds a batch again in both books."""
    return batch_id.hex[-6:].upper()


def goods_text(goods: Sequence[tuple[str, int]], fetched_by: str) -> str:
    """What was taken, and by whom if not by oneself."""
    named = "、".join(f"{name}×{quantity}" for name, quantity in goods[:MOST_NAMED])
    rest = f"等 {len(goods)} 种商品" if len(goods) > MOST_NAMED else ""
    return f"{named}{rest}" + (f"，{fetched_by} 代领" if fetched_by else "")


def passbook_reason(
    *, shop: str, redemption_id: UUID, goods: Sequence[tuple[str, int]], fetched_by: str = ""
) -> str:
    """Where the points went: the shop, the goods, who fetched them, the receipt's number."""
    return f"{shop}：{goods_text(goods, fetched_by)}（单号 {number(redemption_id)}）"


def part_of_month(day: date) -> str:
    """About when: 2026年10月上旬, 中旬, 底."""
    part = "上旬" if day.day <= MONTH_BEGINS else "中旬" if day.day <= MONTH_ENDS else "底"
    return f"{day.year}年{day.month}月{part}"


def yuan(fen: int) -> str:
    whole, rest = divmod(fen, FEN_PER_YUAN)
    return f"{whole:,} 元" if not rest else f"{whole:,}.{rest:02d} 元"


def budget_text(points: int, guard: Guard) -> str:
    """Points in circulation, what they will cost, and what there is for it."""
    cost = f"在外积分 {points:,} 分 ≈ 采购值 {yuan(guard.outstanding_fen)}"
    if not guard.funded_fen:
        return f"{cost} / 已筹 0 元"
    return f"{cost} / 已筹 {yuan(guard.funded_fen)}（{guard.share_percent}%）"


def budget_warning(guard: Guard) -> str:
    """What to do about it, in words; nothing while there is enough."""
    if not guard.funded_fen:
        return NOTHING_RAISED if guard.outstanding_fen else ""
    if guard.level is Level.EXCEEDED:
        return (
            "在外积分的采购值已达到筹到的资金：请先筹措资金，暂不上架新商品。"
            "居民挣得的积分照常记、照常兑。"
        )
    if guard.level is Level.WARNING:
        return f"在外积分的采购值已占筹到资金的 {guard.share_percent}%，请尽早筹措。"
    return ""


REFUSALS = {
    "insufficient_points": "积分不够",
    "sold_out": "商品已兑完",
    "self_redemption": "管理员给自己兑换",
    "limit_reached": "经手到了上限",
    "paper_too_much": "签字办理超过限额",
    "pin_wrong": "取物密码不对",
    "pin_locked": "取物密码已锁定",
    "pin_unset": "没有设取物密码",
    "declined": "居民选了不兑换",
    "mandate_exceeded": "代领到了上限",
    "mandate_over": "代办授权已结束",
    "item_unknown": "商品不在这个兑换点",
    "quarter_used": "本季度的限额用完",
    "order_too_large": "超过一次能用的积分",
    "balance_too_low": "没有攒到起兑的积分",
    "not_redeemable": "这类身份不兑换",
    "phone_cooling_down": "手机号刚换，还不能兑换",
}


def refusals(counted: dict[str, int]) -> list[tuple[str, int]]:
    """What was refused, most often first, in words."""
    named = ((REFUSALS.get(code, "其他原因"), number) for code, number in counted.items())
    return sorted(named, key=lambda one: (-one[1], one[0]))


SOURCES = {"fiscal": "市级财政", "party_dues": "党费", "social": "社会资金"}
DELIVERIES = {"opening": "期初", "donation": "捐赠", "purchase": "采购"}
PROPOSALS = {"write_off": "报损", "count": "盘点差异"}
DONORS = {"person": "个人", "unit": "单位"}
LETTERS = {"opening": "期", "donation": "捐", "purchase": "购"}


def delivery_number(delivery: Delivery) -> str:
    """What stands on a receipt: 捐2026-0007."""
    return f"{LETTERS[delivery.kind]}{delivery.year}-{delivery.number:04d}"


def quarter_name(quarter: str) -> str:
    """A quarter by its code: 2026 年第 4 季度."""
    return f"{quarter[:4]} 年第 {quarter[5:]} 季度"


def quarter_text(first_day: date) -> str:
    """A quarter by its first day: 2026年1季度."""
    return f"{first_day.year}年{first_day.month // 3 + 1}季度"
