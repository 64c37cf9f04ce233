"""What states, natures and next steps are called on the screen."""

from app.organisation.kinds import Nature, RegistrationState

STATES = {
    RegistrationState.PROPOSED: "待社区办理",
    RegistrationState.ACCEPTED: "已报到",
    RegistrationState.SUSPENDED: "已暂停",
    RegistrationState.REFUSED: "未通过",
    RegistrationState.MOVED: "已转出",
    RegistrationState.CLOSED: "已结束",
}

NEXT = {
    RegistrationState.PROPOSED: "社区办理后会在这里回复。等不及可以打社区电话，也可以撤回重报。",
    RegistrationState.ACCEPTED: "留意居住地服务日和社区活动，参加都自愿，扫码签到就记下来。",
    RegistrationState.SUSPENDED: "暂停期间积分和时长都保留。恢复请联系社区。",
    RegistrationState.REFUSED: "看看原因，改好后可以重新报到，或到社区当面办理。",
    RegistrationState.MOVED: "积分和时长跟着您走，以后在新的社区记。",
    RegistrationState.CLOSED: "积分和时长都还在。需要时可以重新报到。",
}

NATURES = {
    Nature.ORGAN: "机关",
    Nature.INSTITUTION: "事业单位",
    Nature.ENTERPRISE: "企业",
    Nature.SOCIAL: "社会组织",
    Nature.NEW: "新经济、新社会组织",
}
