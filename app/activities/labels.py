"""What categories and states of activities are called on the screen."""

from datetime import datetime

from app.activities.models import Activity
from app.core.clock import civil_text
from app.ledger import expected as earnings
from app.ledger.expected import Expected

CATEGORIES = {
    "mediation": "矛盾调解",
    "aid_vulnerable": "扶弱助残",
    "environment": "环境卫生整治",
    "safety_patrol": "治安巡逻",
    "policy_outreach": "政策宣传与法律咨询",
    "school_escort": "护学服务",
    "convenience": "便民服务",
    "health": "健康义诊",
    "culture": "文体与邻里文化",
    "emergency": "应急值守与防汛",
    "station_duty": "驻站值班",
}


def when(activity: Activity, zone: str) -> str:
    """From when to when; the day is said once when there is only one."""
    starts, ends = civil_text(activity.starts_at, zone), civil_text(activity.ends_at, zone)
    day, _, at = ends.partition(" ")
    return f"{starts}–{at}" if starts.startswith(f"{day} ") else f"{starts} 至 {ends}"


def so_far(expected: tuple[Expected, ...], *, in_vain: bool, over: bool) -> str:
    """What leaving now would mean: nothing, as long as one has not stayed long enough."""
    if not in_vain:
        return f"现在签退：{earnings.points_reason(expected)}"
    if over:  # to stay on helps nobody any more
        return f"活动已经结束，这次不计分：{earnings.why_nothing_was(expected)}。"
    return (
        f"现在签退，这次不计分：{earnings.why_nothing(expected)}。"
        "签退只能签一次，还要接着服务的话，请走的时候再签退。"
    )


def is_running(activity: Activity, now: datetime) -> bool:
    return state_of(activity, now) == "running"


def state_of(activity: Activity, now: datetime) -> str:
    """What stands in an answer: cancelled, published, running or ended."""
    if activity.state != "published":
        return activity.state
    if now < activity.starts_at:
        return "published"
    return "running" if now < activity.ends_at else "ended"


def state_label(activity: Activity, now: datetime) -> str:
    names = {"running": "进行中", "published": "未开始", "ended": "已结束", "cancelled": "已取消"}
    return names[state_of(activity, now)]
