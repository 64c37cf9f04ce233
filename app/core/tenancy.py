"""Tenants, and which kind of table each table is.

Three kinds only: a *tenant* table holds rows of one tenant; a *reference* table is small and
read by all; a *control* table is keyed by a globally unique value and answers whose it is.
"""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.clock import CIVIL_ZONE
from app.core.db import Base

REFERENCE_TABLES = frozenset({"tenant", "super_app"})
CONTROL_TABLES = frozenset(
    {"staff_name", "station_sign", "web_login", "wechat_token", "alembic_version"}
)


class Tenant(Base):
    """A city or county that runs the service for its communities."""

    __tablename__ = "tenant"
    __table_args__ = (sa.UniqueConstraint("slug"),)

    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    slug: Mapped[str]
    name: Mapped[str]
    zone: Mapped[str] = mapped_column(server_default=CIVIL_ZONE)
    # Whether staff need a second factor besides their password. Only a demo city does without.
    second_factor: Mapped[bool] = mapped_column(server_default=sa.true())


DEMO = 1  # the demo city's, wherever it is loaded: nobody else gets it


def found(session: Session, *, slug: str, name: str, zone: str) -> Tenant:
    """Make a city; only the owner of the tables may. Two at once take turns."""
    session.execute(sa.text("LOCK TABLE tenant IN SHARE ROW EXCLUSIVE MODE"))
    highest = session.scalar(sa.select(sa.func.max(Tenant.id))) or DEMO
    tenant = Tenant(id=max(highest, DEMO) + 1, slug=slug, name=name, zone=zone)
    session.add(tenant)
    session.flush()
    return tenant


def find(session: Session, slug: str) -> Tenant | None:
    return session.scalar(sa.select(Tenant).filter_by(slug=slug))


def list_tenants(session: Session) -> list[Tenant]:
    return list(session.scalars(sa.select(Tenant).order_by(Tenant.id)))


def get_tenant(session: Session, tenant_id: int) -> Tenant | None:
    return session.get(Tenant, tenant_id)
