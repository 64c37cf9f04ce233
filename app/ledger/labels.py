"""What units, kinds of line and causes are called on the screen."""

from points_engine import TransferKind, Unit

UNITS = {Unit.MINUTES: "服务时长", Unit.SCORE: "贡献分", Unit.POINTS: "积分"}
UNIT_WORDS = {Unit.MINUTES: "分钟", Unit.SCORE: "分", Unit.POINTS: "分"}

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

CAUSES = {"visit": "驿站到访", "attendance": "志愿服务", "redemption": "爱心超市兑换"}


def cause(source: str) -> str:
    """What a line is about, from the first word of its source."""
    return CAUSES.get(source.partition(":")[0], "其他")


def amount_text(amount: int, unit: Unit) -> str:
    return f"{amount:+d} {UNIT_WORDS[unit]}"
