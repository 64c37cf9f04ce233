"""What a member's redeem code opens for whoever scans it outside the counter."""

from sqlalchemy.orm import Session

from app.core.scans import Action, CodeExpired, CodeUsed, Found, Scan
from app.supermarket import codes, queries
from app.supermarket.errors import CODE_OVER, CODE_SPENT


def resolve(session: Session, scan: Scan) -> Found | None:
    """The code of a member who waits at the counter, without saying whose it is."""
    if not codes.is_scanned(scan.code):
        return None
    code = queries.get_code(session, code_hash=codes.digest(scan.code))
    if code is None:
        return None
    if code.burnt_at is not None:
        raise CodeUsed(CODE_SPENT)
    if code.expires_at <= scan.now:
        raise CodeExpired(CODE_OVER)
    action = Action(
        operation="redeem",
        label="到兑换台办理",
        method="POST",
        path="/api/v1/shops/{shop_id}/redemptions",
    )
    return Found(
        kind="redeem", id=code.id, title="居民的兑换码", actions=(action,), href="/counter"
    )
