"""Words for what happens to roles, as pages show them."""

from datetime import date

from app.identity.roles import ROLE_LABELS

STATE_LABELS = {"proposed": "待复核", "active": "生效", "refused": "已退回", "ended": "已结束"}
STATE_KINDS = {"proposed": "wait", "active": "ok"}

FIELD_LABELS = {"state": "状态", "role": "岗位"}
WORDS = {**STATE_LABELS, **ROLE_LABELS}

ACTION_LABELS = {
    "role.grant": "授予岗位",
    "role.propose": "提出市级岗位",
    "role.approve": "复核通过",
    "role.refuse": "退回",
    "role.end": "收回岗位",
    "account.reset_password": "重设密码",
    "account.reset_second_factor": "重设第二步验证",
}


def span_text(since: date, until: date | None) -> str:
    """From which day on, and the first day on which it is over."""
    began = f"{since:%Y-%m-%d} 起"
    return f"{began}，长期" if until is None else f"{began}，到 {until:%Y-%m-%d} 止（当天起失效）"


def action_text(action: str) -> str:
    return ACTION_LABELS.get(action, action)


def change_text(field: str, old: str, new: str) -> str:
    """What was before and is now, in the reader's words where there are some."""
    before, after = (WORDS.get(word, word) or "无" for word in (old, new))
    return f"{FIELD_LABELS.get(field, field)}：{before} → {after}"


def result_text(result: str) -> str:
    return "完成" if result == "done" else f"被拒绝（{result}）"
