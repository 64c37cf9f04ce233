"""Staff open the passbook of somebody who has no phone: by their card, or by name with a reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.core import audit, masking
from app.core.paging import Page
from app.core.vault import Vault, normal
from app.identity import finding, listing, personal
from app.identity import queries as identity
from app.identity.errors import ReasonMissing
from app.identity.fields import Field
from app.identity.roles import Permission, Principal
from app.ledger import passbook
from app.ledger.errors import HolderUnknown
from app.organisation import queries as organisation
from points_engine import Unit

BY = Permission.PASSBOOK_SHOW
SHORTEST_REASON = 2
NO_HOLDER = "没有找到这个人，请核对卡号，或按姓名、手机号查找您社区的居民。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Whose passbook is to be opened, which part of it, and why; a card needs no reason."""

    me: Principal
    card_no: str = ""
    person_id: UUID | None = None
    reason: str = ""
    unit: Unit | None = None
    cursor: str | None = None
    limit: int
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A part of a passbook, whose it is by the name that is shown, and from where."""

    person_id: UUID
    name: str
    community: str
    lines: Page[dict[str, Any]]


def open_passbook(session: Session, wanted: Wanted) -> Opened:
    """Open the passbook of somebody of one's own communities; who looked, and why, is kept.

    Anybody else does not exist. Raises `HolderUnknown`, and `ReasonMissing` without a card.
    """
    me, holder = wanted.me, _holder(session, wanted)
    person = identity.get_person(session, holder) if holder else None
    path = organisation.path_of(session, person.community_id) if person else ()
    if person is None or person.erased_at is not None or not me.may(BY, path):
        raise HolderUnknown(NO_HOLDER)
    if not wanted.card_no and len(wanted.reason) < SHORTEST_REASON:
        raise ReasonMissing(
            "请写明为什么查看，例如“本人在柜台，没有带卡”。", errors={"reason": ["必填"]}
        )
    audit.record(
        session,
        actor=me.actor(BY, path),
        action="passbook.show",
        subject=("person", person.id),
        scope=person.community_id,
        at=wanted.now,
        reason=wanted.reason,
        changed={"way": ("", "card" if wanted.card_no else "staff")},
    )
    lines = passbook.read(
        session,
        person_id=person.id,
        unit=wanted.unit,
        cursor=wanted.cursor,
        limit=wanted.limit,
        every_deed=True,
    )
    return Opened(
        person_id=person.id,
        name=masked(person.display_name),
        community=identity.name_of_community(session, person.community_id),
        lines=lines,
    )


def find(session: Session, vault: Vault, text: str, *, me: Principal) -> list[Mapping[str, str]]:
    """Who of one's own communities it may be, with enough of their phone to tell two of a name."""
    found = finding.people_in(session, vault, text, tops=me.units_with(BY))
    ids = [who for who, _name in found]
    phones = personal.read_masked(session, vault, person_ids=ids, field=Field.PHONE)
    return [
        {"id": str(who), "name": masked(name), "phone": phones.get(who, "")} for who, name in found
    ]


def masked(name: str) -> str:
    """A name that is masked already stays as it is."""
    return name if "*" in name else masking.name(name)


def _holder(session: Session, wanted: Wanted) -> UUID | None:
    if not wanted.card_no:
        return wanted.person_id
    card_no = normal.half_width(wanted.card_no).strip().upper()
    return listing.people_with_cards(session, [card_no]).get(card_no)
