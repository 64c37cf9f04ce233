"""What the code on a browser's login page opens."""

from uuid import NAMESPACE_OID, uuid5

from sqlalchemy.orm import Session

from app.core.scans import Action, CodeExpired, Found, Scan
from app.identity import web_logins


def resolve(session: Session, scan: Scan) -> Found | None:
    """The login that waits on a screen; raises `CodeExpired` where none waits any more."""
    if not web_logins.CODE.fullmatch(scan.code) or not scan.code.startswith("W"):
        return None
    if not web_logins.is_open(session, scan.code, now=scan.now):
        raise CodeExpired(web_logins.UNKNOWN)
    see = Action(
        operation="seeWebLogin",
        label="登录电脑网页",
        method="POST",
        path=f"/api/v1/web-logins/{scan.code}/seen",
    )
    return Found(
        kind="web_login",
        id=uuid5(NAMESPACE_OID, scan.code),
        title="登录电脑网页",
        actions=(see,),
        href=f"/web-logins/{scan.code}",
    )
