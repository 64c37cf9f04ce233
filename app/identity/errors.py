"""Why somebody is not let in."""

from app.core.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    TooMany,
    Unauthenticated,
    Unavailable,
)


class SignInFirst(Unauthenticated):
    code = "sign_in_first"


class SessionEnded(Unauthenticated):
    code, title = "session_ended", "The session has ended"


class LoginCodeRefused(Unauthenticated):
    code, title = "login_code_refused", "The login code was refused"


class PasswordRefused(Unauthenticated):
    code, title = "password_refused", "User name or password is wrong"


class LoginForbidden(Forbidden):
    code, title = "login_blocked", "WeChat blocked this login"


class StaffOnly(Forbidden):
    code, title = "staff_only", "For staff only"


class PlatformUnknown(NotFound):
    code, title = "platform_unknown", "Unknown mini-program"


class LoginUnavailable(Unavailable):
    code, title = "login_unavailable", "Login is temporarily unavailable"


class OtpUnexpected(Invalid):
    code, title = "otp_unexpected", "No second factor is set up"


class PersonalInvalid(Invalid):
    code, title = "personal_invalid", "Not a valid name, number or day"


class PersonalTaken(Conflict):
    code, title = "personal_taken", "Recorded for somebody else"


class PhoneAtDesk(Conflict):
    code, title = "phone_at_desk", "The number has to be checked at the service desk"


class PhoneCoolingDown(Conflict):
    code, title = "phone_cooling_down", "Nothing is redeemed for a day after a number has changed"


class ConsentUnknown(NotFound):
    code, title = "consent_unknown", "Nothing of the kind is asked"


class ConsentOutdated(Conflict):
    code, title = "consent_outdated", "The text has changed since it was shown"


class ReasonMissing(Invalid):
    code, title = "reason_missing", "A reason is needed"


class ErasurePending(Conflict):
    code, title = "erasure_pending", "Something has to come to its end first"


class ErasureUnconfirmed(Conflict):
    code, title = "erasure_unconfirmed", "Confirm it once more"


class OtpRequired(Unauthenticated):
    code, title = "otp_required", "A second factor is needed"


class OtpRefused(Unauthenticated):
    code, title = "otp_refused", "The second factor was refused"


class SecondFactorFirst(Forbidden):
    code, title = "second_factor_first", "Set up a second factor first"


class PasswordFirst(Forbidden):
    code, title = "password_first", "Choose a password of your own first"


class FactorSet(Conflict):
    code, title = "second_factor_set", "The second factor is set up already"


class FactorNotBegun(Conflict):
    code, title = "second_factor_not_begun", "No second factor is being set up"


class StepUpRequired(Forbidden):
    code, title = "step_up_required", "Prove once more who you are"


class CodeOfAnother(Forbidden):
    code, title = "login_code_of_another", "The login code is somebody else's"


class WebLoginUnknown(NotFound):
    code, title = "web_login_unknown", "No browser waits for that code"


class WebLoginForResidents(Conflict):
    code, title = "web_login_for_residents", "For residents only"


class WebLoginNotHere(Conflict):
    code, title = "web_login_not_here", "This device cannot vouch for another"


class WebLoginBusy(TooMany):
    code, title = "web_login_busy", "Asked too often"


class HandoffRefused(NotFound):
    code, title = "handoff_refused", "The code for entering is not good any more"


class GrantUnknown(NotFound):
    code, title = "grant_unknown", "Unknown grant"


class GrantPlaceUnknown(NotFound):
    code, title = "grant_place_unknown", "Unknown unit for a grant"


class GranteeUnknown(NotFound):
    code, title = "grantee_unknown", "Unknown person for a grant"


class RoleAboveOwn(Forbidden):
    code, title = "role_above_own", "The role is above one's own"


class GrantToSelf(Forbidden):
    code, title = "grant_to_self", "Nobody grants to themselves"


class OwnProposal(Forbidden):
    code, title = "own_proposal", "Nobody approves what they proposed"


class GrantExists(Conflict):
    code, title = "grant_exists", "Granted or proposed already"


class GrantDecided(Conflict):
    code, title = "grant_decided", "Decided or ended already"


class DutiesSeparate(Conflict):
    code, title = "duties_separate", "These roles are kept apart"


class GrantSpanInvalid(Invalid):
    code, title = "grant_span_invalid", "The span of days is wrong"


class AccountUnknown(NotFound):
    code, title = "account_unknown", "Unknown staff account"


class AccountAboveOwn(Forbidden):
    code, title = "account_above_own", "The account is not below one's own"


class AccountExists(Conflict):
    code, title = "account_exists", "Has a staff account already"


class AccountPlaceUnknown(NotFound):
    code, title = "account_place_unknown", "Unknown unit for a staff account"


class AccountPersonUnknown(NotFound):
    code, title = "account_person_unknown", "Unknown person for a staff account"


class PasswordForStaff(Conflict):
    code, title = "password_for_staff", "Passwords are for staff"


class PasswordWeak(Invalid):
    code, title = "password_weak", "Too easy to guess"


class UsernameTaken(Conflict):
    code, title = "username_taken", "The name to sign in with is taken"


class UsernameInvalid(Invalid):
    code, title = "username_invalid", "Not a name to sign in with"


class FactorForStaff(Conflict):
    code, title = "second_factor_for_staff", "Second factors are for staff"


class NoNumber(Conflict):
    code, title = "no_number", "No telephone number is known"


class CardTaken(Conflict):
    code, title = "card_taken", "Somebody else has this card number"


class PinWeak(Invalid):
    code, title = "pin_weak", "Too easy to guess, or not a PIN"


class PinOfOneself(Forbidden):
    code, title = "pin_of_oneself", "Staff do not set their own PIN"


class PinReasonMissing(Invalid):
    code, title = "pin_reason_missing", "Say why the PIN is set anew"


class PinUnset(Conflict):
    code, title = "pin_unset", "The card has no PIN"


class PinLocked(Conflict):
    code, title = "pin_locked", "The PIN is locked"


class PinWrong(Conflict):
    code, title = "pin_wrong", "The PIN is wrong"


class UnitClosed(Conflict):
    code, title = "unit_closed", "The unit is closed"
