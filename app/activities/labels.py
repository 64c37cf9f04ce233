"""What states of activities are called on the screen, and when they are."""

from datetime import datetime

from app.activities.kinds import (
    ActivityState,
    Audience,
    EnrolmentState,
    Guarantee,
    Phase,
    Rhythm,
    Risk,
    Skill,
    WordsState,
)
from app.activities.models import Activity
from app.activities.ways import Way
from app.core.clock import civil_text
from app.ledger import expected as earnings
from app.ledger.expected import Expected

YOUNGEST, ANY_AGE = 14, 120
PHASES = {
    Phase.DRAFT: "草稿",
    Phase.IN_REVIEW: "待审核",
    Phase.ENROLLING: "报名中",
    Phase.RUNNING: "进行中",
    Phase.ENDED: "已结束",
    Phase.VERIFIED: "名单已确认",
    Phase.SETTLED: "已结算",
    Phase.CANCELLED: "已取消",
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
    """What stands in an answer: the state, and the clock's word while it is published."""
    return phase_of(activity, now).value


def phase_of(activity: Activity, now: datetime) -> Phase:
    """How far an activity is at an instant."""
    if activity.state != ActivityState.PUBLISHED:
        return Phase(activity.state)
    if now < activity.starts_at:
        return Phase.ENROLLING
    return Phase.RUNNING if now < activity.ends_at else Phase.ENDED


def state_label(activity: Activity, now: datetime) -> str:
    """How far it is, in a word."""
    return PHASES[phase_of(activity, now)]


def check_in(open_before_min: int, close_after_start_min: int | None) -> str:
    """When people check in by themselves, and what they do after that."""
    opens = f"开始前 {open_before_min} 分钟开放签到"
    if close_after_start_min is None:
        return f"{opens}，到结束为止"
    return f"{opens}，开始 {close_after_start_min} 分钟后请找负责人签到"


ENROLMENTS = {
    EnrolmentState.CONFIRMED: "已报名",
    EnrolmentState.WAITLISTED: "候补",
    EnrolmentState.OFFERED: "待确认",
    EnrolmentState.LEFT: "已退出",
    EnrolmentState.LAPSED: "未确认",
}
SKILLS = {
    Skill.MEDICAL: "医护",
    Skill.FIRST_AID: "急救",
    Skill.PSYCHOLOGY: "心理疏导",
    Skill.LEGAL: "法律",
    Skill.HAIRDRESSING: "理发",
    Skill.REPAIR: "维修",
    Skill.TEACHING: "教学辅导",
    Skill.DIGITAL: "手机电脑",
    Skill.ARTS: "文艺",
    Skill.DRIVING: "驾驶",
}
RISKS = {Risk.LOW: "一般", Risk.RAISED: "有一定风险", Risk.HIGH: "风险较高"}
GUARANTEES = {
    Guarantee.WATER: "饮水",
    Guarantee.REST: "休息",
    Guarantee.INSURANCE: "保险",
    Guarantee.TRANSPORT: "交通补贴",
    Guarantee.TOOLS: "工具",
    Guarantee.MEAL: "工作餐",
    Guarantee.STATEMENT: "服务证明",
}
AUDIENCES = {
    Audience.COMMUNITY: "本社区所有人",
    Audience.MEMBERS: "本社区在职党员",
    Audience.GRID: "一个网格的住户",
    Audience.SERIES: "参加过本系列的人",
    Audience.NOBODY: "不发预告",
}
RHYTHMS = {
    Rhythm.WEEKLY: "每周",
    Rhythm.MONTHLY: "每月",
    Rhythm.SERVICE_DAY: "居住地服务日",
}
WEEKDAYS = "一二三四五六日"


def length(minutes: int) -> str:
    """How long something takes: "2 小时", "1 小时 30 分钟", "45 分钟"."""
    hours, rest = divmod(minutes, 60)
    said = [f"{hours} 小时"] if hours else []
    return " ".join([*said, *([f"{rest} 分钟"] if rest or not hours else [])])


def ages(least: int, most: int) -> str:
    """Who is of a fitting age; empty where everybody is who may come at all."""
    if most >= ANY_AGE:
        return f"{least} 周岁以上" if least > YOUNGEST else ""
    return f"{least} 至 {most} 周岁"


CAME = {
    "read": "已读",
    "called": "已电话告知",
    "to_call": "待打电话",
    "sent": "已发微信",
    "under_way": "发送中",
    "in_app": "未读",
}

WAYS = {
    Way.CODE: "扫码",
    Way.DELEGATE: "家人代扫",
    Way.CARD: "刷卡",
    Way.STAFF: "工作人员代签",
    Way.LIST: "按签到表录入",
    Way.BACKFILL: "事后补录",
    Way.CLOSING: "到点自动",
}

WORDS = {
    WordsState.CHECKING: "审核中",
    WordsState.SHOWN: "已展示",
    WordsState.WAITING: "审核中",
    WordsState.HIDDEN: "没有展示",
}
