"""Why a number is not bound."""

from app.core.errors import Conflict, Forbidden, NotFound, Unavailable


class PhoneAccountUnknown(NotFound):
    code, title = "phone_account_unknown", "No account at this mini-program"


class PhoneCodeRefused(Conflict):
    code, title = "phone_code_refused", "The code of the phone button was refused"


class PhoneQuotaUsed(Conflict):
    code, title = "phone_quota_used", "WeChat gives no more numbers today"


class PhoneUnavailable(Unavailable):
    code, title = "phone_unavailable", "WeChat gives no number just now"


class ClaimOpen(Conflict):
    code, title = "phone_claim_open", "Another number waits to be checked"


class ClaimUnknown(NotFound):
    code, title = "phone_claim_unknown", "Nothing waits to be checked"


class ClaimOwn(Forbidden):
    code, title = "phone_claim_own", "Nobody checks their own number"


class CoolingUnknown(NotFound):
    code, title = "phone_cooling_unknown", "This person does not have to wait"


class ReleasePersonUnknown(NotFound):
    code, title = "phone_person_unknown", "Nobody of that id within reach"


class ReleaseUnknown(NotFound):
    code, title = "phone_release_unknown", "No number is being let go of"


class ReleaseOpen(Conflict):
    code, title = "phone_release_open", "The number is being let go of already"


class ReleaseOwn(Forbidden):
    code, title = "phone_release_own", "Nobody lets a number go for themself"


class ReleaseNeedsAnother(Forbidden):
    code, title = "phone_release_needs_another", "Somebody else lets it go than who asked"


class ReleaseEarly(Conflict):
    code, title = "phone_release_early", "Its owner may still object"
