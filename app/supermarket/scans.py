"""What a member's codes open for whoever scans them outside the counter."""

from sqlalchemy.orm import Session

from app.core.db import tenant_of
from app.core.scans import Action, CodeExpired, CodeUsed, Found, Scan
from app.supermarket import codes, kept, queries
from app.supermarket.errors import CODE_OVER, CODE_SPENT


def resolve(session: Session, scan: Scan) -> Found | None:
    """The code of a member who waits at the counter, without saying whose it is."""
    if codes.is_pickup(scan.code):
        return _pickup(session, scan)
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


def _pickup(session: Session, scan: Scan) -> Found | None:
    """Goods that wait at a shop."""
    digest = codes.pickup_digest(scan.code, scan.keyring, tenant_of(session))
    row = kept.by_code(session, code_hash=digest)
    if row is None:
        return None
    if row.state == "picked_up":
        raise CodeUsed("这笔预约已经取走，同一个取货码不能再取；还要换，请居民出示兑换码。")
    if row.state != "open":
        raise CodeExpired("这笔预约已经取消或过期，积分已退回，请居民重新预约或直接兑换。")
    action = Action(
        operation="pickUp",
        label="到预约领取办理",
        method="POST",
        path=f"/api/v1/shops/{row.shop_id}/pick-ups",
    )
    return Found(
        kind="pickup",
        id=row.id,
        title="居民的取货码",
        actions=(action,),
        href=f"/counter/{row.shop_id}/orders",
    )
