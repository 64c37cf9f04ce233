"""Reading what we keep of WeChat. Nothing here writes."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.wechat.models import WechatCode, WechatEvent, WechatRight, WechatToken
from app.wechat.superapp import Verdict


def get_token(session: Session, appid: str) -> WechatToken | None:
    return session.scalar(sa.select(WechatToken).filter_by(appid=appid))


def tenant_of_app(session: Session, *, platform: str, appid: str) -> int | None:
    """Whose mini-program it is. Which there are is a matter above this one, hence by its name."""
    known = sa.table("super_app", sa.column("platform"), sa.column("appid"), sa.column("tenant_id"))
    query = sa.select(known.c.tenant_id).where(known.c.platform == platform, known.c.appid == appid)
    return session.scalar(query)


def lock_waiting(session: Session, *, limit: int) -> list[WechatEvent]:
    """Events nobody has worked off or is at, in the order in which they happened."""
    query = sa.select(WechatEvent).where(WechatEvent.processed_at.is_(None))
    in_order = query.order_by(WechatEvent.happened_at, WechatEvent.id).limit(limit)
    return list(session.scalars(in_order.with_for_update(skip_locked=True)))


def rights_of(session: Session, *, appid: str, subject_blind: bytes) -> dict[str, int]:
    """How many messages somebody may still be sent, by template."""
    query = sa.select(WechatRight.template_id, WechatRight.left_over)
    rows = session.execute(query.filter_by(appid=appid, subject_blind=subject_blind))
    return {row.template_id: row.left_over for row in rows}


def get_image(session: Session, content_key: bytes) -> bytes | None:
    return session.scalar(sa.select(WechatCode.image).filter_by(content_key=content_key))


def media_verdict(session: Session, trace_id: str) -> Verdict | None:
    """What WeChat found in a picture, or None while it has not said."""
    query = sa.select(WechatEvent.content["suggest"].astext).where(
        WechatEvent.name == "wxa_media_check", WechatEvent.content["trace_id"].astext == trace_id
    )
    said = session.scalars(query.limit(1)).first()
    if said is None:
        return None
    return Verdict(said) if said in set(Verdict) else Verdict.REVIEW
