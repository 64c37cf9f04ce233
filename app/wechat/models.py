"""What we keep of WeChat: the token, events as they came, rights to send, and drawn codes."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Moment, TenantRow


class WechatToken(Base):
    """The access token of a mini-program, sealed, for every process: whoever has it acts for it."""

    __tablename__ = "wechat_token"
    __table_args__ = (sa.CheckConstraint("token LIKE 'v1|%'", name="token"),)

    appid: Mapped[str] = mapped_column(primary_key=True)
    token: Mapped[str]
    expires_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))


class WechatEvent(TenantRow):
    """Something WeChat told us, once however often it was told; worked off later."""

    __tablename__ = "wechat_event"
    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "event_key"),
        sa.Index(None, "tenant_id", "received_at"),
        sa.Index(
            "ix_wechat_event_waiting",
            "tenant_id",
            "happened_at",
            "id",
            postgresql_where=sa.text("processed_at IS NULL"),
        ),
    )

    event_key: Mapped[bytes]
    appid: Mapped[str]
    name: Mapped[str]
    subject_blind: Mapped[bytes]  # whose account; what it is called is not kept here
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    happened_at: Mapped[Moment]
    received_at: Mapped[Moment]
    processed_at: Mapped[Moment | None]


class WechatRight(TenantRow):
    """How many messages of a template somebody has agreed to and not been sent."""

    __tablename__ = "wechat_right"
    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "appid", "subject_blind", "template_id"),
        sa.CheckConstraint("left_over >= 0", name="left_over"),
    )

    appid: Mapped[str]
    subject_blind: Mapped[bytes]
    template_id: Mapped[str]
    left_over: Mapped[int]
    changed_at: Mapped[Moment]


class WechatCode(TenantRow):
    """A drawn mini-program code. The key says what is on it; it is good for ever."""

    __tablename__ = "wechat_code"
    __table_args__ = (sa.UniqueConstraint("tenant_id", "content_key"),)

    content_key: Mapped[bytes]
    image: Mapped[bytes]
    drawn_at: Mapped[Moment]
