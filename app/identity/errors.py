"""Why somebody is not let in."""

from app.core.errors import Forbidden, Invalid, NotFound, Unauthenticated, Unavailable


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
