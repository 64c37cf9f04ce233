"""What the steps and states of the call list are called on the screen."""

from app.notices.kinds import Missed, Outcome, Step

STEPS = {Step.PHONE: "电话", Step.VISIT: "上门"}
MISSED = {
    Missed.NO_ACCOUNT: "没有微信",
    Missed.NO_RIGHT: "没有订阅消息",
    Missed.REFUSED: "不接收消息",
    Missed.FAILED: "微信没有送到",
}
OUTCOMES = {
    (Step.PHONE, Outcome.REACHED): "电话已通知到",
    (Step.PHONE, Outcome.MISSED): "电话没打通",
    (Step.VISIT, Outcome.REACHED): "上门已通知到",
    (Step.VISIT, Outcome.MISSED): "上门没见到",
}
