"""Which mini-program is which city's, and where its newcomers land: for an operator to say."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core.db import tenant_of
from app.identity import queries
from app.identity.models import SuperAppRow

WECHAT = "wechat"


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Whose a mini-program is."""

    tenant_id: int
    landing_community_id: UUID


def owner_of(session: Session, appid: str) -> Owner | None:
    found = queries.get_app(session, platform=WECHAT, appid=appid)
    if found is None:
        return None
    return Owner(tenant_id=found.tenant_id, landing_community_id=found.landing_community_id)


def admit(session: Session, *, appid: str, landing_community_id: UUID) -> None:
    """Let the people of a mini-program in; or let newcomers land elsewhere from now on."""
    landing = {"landing_community_id": landing_community_id}
    row = insert(SuperAppRow).values(
        platform=WECHAT, appid=appid, tenant_id=tenant_of(session), **landing
    )
    session.execute(row.on_conflict_do_update(index_elements=["platform", "appid"], set_=landing))
