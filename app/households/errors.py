"""Why a household or a mandate stays as it is."""

from app.core.errors import Conflict, Forbidden, Invalid, NotFound

NO_MANDATE = "没有找到给您的代办授权。请本人在“我的家庭与代办”里授权，或一起到社区办理。"
NO_PERSON = "没有找到这个人，请从“居民”里查找后进入。"


class HouseholdUnknown(NotFound):
    code, title = "household_unknown", "No such household"


class PersonUnknown(NotFound):
    code, title = "person_unknown", "No such person"


class LivesThereAlready(Conflict):
    code, title = "lives_there", "Belongs to that household already"


class LivesNowhere(Conflict):
    code, title = "lives_nowhere", "Belongs to no household"


class HeadAlready(Conflict):
    code, title = "head_already", "Is the head already"


class MoveTooEarly(Invalid):
    code, title = "move_too_early", "Not possible on that day"


class DelegateUnknown(NotFound):
    code, title = "delegate_unknown", "No such delegate"


class DelegateSelf(Forbidden):
    code, title = "delegate_self", "Nobody is their own delegate"


class DelegateTwice(Conflict):
    code, title = "delegate_twice", "Is a delegate already"


class WitnessIsDelegate(Forbidden):
    code, title = "witness_is_delegate", "Nobody witnesses their own mandate"


class MandateUnknown(NotFound):
    code, title = "mandate_unknown", "No such mandate"


class MandateExceeded(Conflict):
    code, title = "mandate_exceeded", "More than the mandate allows today"


class MandateOver(Conflict):
    code, title = "mandate_over", "The mandate is not in force"


class ActUnknown(Invalid):
    code, title = "act_unknown", "Not an act of a delegate"


class TooYoung(Forbidden):
    code, title = "too_young", "Too young to take part"


class ConsentNeeded(Forbidden):
    code, title = "guardian_consent_needed", "A guardian's consent is needed"


class ConsentTwice(Conflict):
    code, title = "guardian_consent_twice", "That guardian has agreed already"


class ConsentUnknown(NotFound):
    code, title = "guardian_consent_unknown", "No such consent"


class GuardianUnfit(Forbidden):
    code, title = "guardian_unfit", "Cannot be the guardian"
