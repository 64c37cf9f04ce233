"""What units, kinds of line and causes are called on the screen."""

from datetime import date

from points_engine import Destination, Hold, TransferKind, Unit, quarter_of

UNITS = {
    Unit.MINUTES: "服务时长",
    Unit.SCORE: "贡献分",
    Unit.POINTS: "积分",
    Unit.HOUSEHOLD: "户积分",
    Unit.WORK: "工作积分",
}
UNIT_WORDS = {**dict.fromkeys(UNITS, "分"), Unit.MINUTES: "分钟"}

KINDS = {
    TransferKind.EARN: "获得",
    TransferKind.BONUS: "奖励",
    TransferKind.REVERSE: "冲正",
    TransferKind.REDEEM: "兑换",
    TransferKind.EXPIRE: "到期",
    TransferKind.DONATE: "捐赠",
    TransferKind.ADJUST: "调整",
    TransferKind.REWARD: "奖励",
    TransferKind.PENALTY: "扣减",
}

CAUSES = {
    "visit": "驿站到访",
    "attendance": "志愿服务",
    "duty": "驻站值班",
    "deed": "好事登记",
    "donation": "爱心捐赠",
    "household": "家庭表现",
    "work": "网格工作",
    "redemption": "爱心超市兑换",
    "return": "爱心超市退货",
    "expire": "积分到期",
    "adjust": "积分调整",
    "adjustment": "积分调整",
    "reversal": "冲正",
    "gift": "积分捐赠",
    "repayment": "抵扣待还积分",
    "hold": "爱心超市预订",
    "opening": "期初结转",
}

USE_IT = "请到爱心超市兑换，或捐给爱心池"
DESTINATIONS = {Destination.COMMUNITY: "归还社区", Destination.LOVE_POOL: "捐给爱心池"}


def cause(source: str, kind: TransferKind | None = None) -> str:
    """What a line is about, from the first word of its source.

    A purchase is undone by a return alone; under a further number what was kept is paid again.
    """
    word, _, which = source.partition(":")
    if _is_return(source, kind):
        return CAUSES["return"]
    if word == "redemption" and ":" in which:
        return "退货后留下的物品"
    return CAUSES.get(word, "其他")


def kind(kind: TransferKind, source: str) -> str:
    """What kind of line it is: points that come back for goods are no correction."""
    return "退货退回" if _is_return(source, kind) else KINDS[kind]


def _is_return(source: str, kind: TransferKind | None) -> bool:
    return kind is TransferKind.REVERSE and source.startswith("redemption:")


def amount_text(amount: int, unit: Unit) -> str:
    return f"{amount:+d} {UNIT_WORDS[unit]}"


def counts_in(occurred_on: date, quarter: str, reason: str) -> str:
    """In which quarter a line counts, where that is not its own and its reason does not say so."""
    if quarter == quarter_of(occurred_on) or quarter in reason:
        return ""
    return f"计入 {quarter}"


def held_text(hold: Hold) -> str:
    """Why some points cannot be spent just now."""
    return f"有 {hold.amount} 分暂不在可兑积分里：{hold.reason}。"


def why_less(*, held: int, lapsed: int) -> str:
    """Why fewer points can be spent than are in the books."""
    parts = [f"{held} 分已预订商品或为断网兑换预留，看存折和“我的预约”"] if held else []
    if lapsed:
        parts.append(f"{lapsed} 分已经到期")
    return f"另有 {'，'.join(parts)}，不在可兑积分里。" if parts else ""


def owed_text(owed: int) -> str:
    """What is owed, and how it will be made good."""
    if not owed:
        return ""
    return f"待抵扣 {owed} 分：有一笔记错的积分被冲正，当时已经用掉，以后得的积分先抵这一笔。"
