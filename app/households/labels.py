"""What acts, relations and ways to consent are called on the screen."""

from app.households.kinds import Act, Consent, Deed, Kinship, Relation

ACTS = {
    Act.READ: "看存折",
    Act.REDEEM: "代领物品",
    Act.CHECK_IN: "代办报名和签到签退",
    Act.REGISTER: "代办报到",
}
DEEDS = {
    Deed.REGISTER: "代办报到",
    Deed.ENROL: "代办报名",
    Deed.CHECK_IN: "代办签到",
    Deed.CHECK_OUT: "代办签退",
}
RELATIONS = {Relation.FAMILY: "家人代办", Relation.GRID_WORKER: "网格员代办"}
KINSHIPS = {
    Kinship.PARENT: "父母",
    Kinship.GRANDPARENT: "祖父母、外祖父母",
    Kinship.GUARDIAN: "其他监护人",
}
CONSENTS = {
    Consent.ONLINE: "本人在手机上同意",
    Consent.IN_PERSON: "本人当面同意",
    Consent.PAPER: "本人书面同意",
}


def acts_text(acts: list[str]) -> str:
    """What a delegate may do, in the order of the list."""
    return "、".join(label for act, label in ACTS.items() if act.value in acts)
