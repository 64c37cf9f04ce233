"""What a member's redeem code opens for whoever scans it outside the counter."""

from sqlalchemy.orm import Session

from app.core.scans import Action, CodeExpired, CodeUsed, Found, Scan
from app.supermarket import codes, queries


def resolve(session: Session, scan: Scan) -> Found | None:
    """The code of a member who waits at the counter, without saying whose it is."""
    if not codes.is_scanned(scan.code):
        return None
    code = queries.get_code(session, code_hash=codes.digest(scan.code))
    if code is None:
        return None
    if code.burnt_at is not None:
        raise CodeUsed("这个兑换码已经用过，请会员刷新兑换码后重新出示。")
    if code.expires_at <= scan.now:
        raise CodeExpired("兑换码已过期（一分钟有效），请会员刷新后重新出示。")
    action = Action(
        operation="redeem",
        label="到兑换台办理",
        method="POST",
        path="/api/v1/shops/{shop_id}/redemptions",
    )
    return Found(kind="redeem", id=code.id, title="会员兑换码", actions=(action,), href="/counter")
