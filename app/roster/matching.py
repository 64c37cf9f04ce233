"""Whether somebody in a sheet is known already: by their number; by phone and name; by door."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.vault import Vault
from app.households import queries as households
from app.identity import listing, personal
from app.identity.fields import Field
from app.roster.checking import PersonRow

ELSEWHERE = "这个人已在其他社区建档，请先办理转入，不要重复建档"
CARD_TAKEN = "这个卡号已经发给别人，请核对"


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """A row, and who it is where they are known; what stands in the way, where something does."""

    row: PersonRow
    person_id: UUID | None
    problem: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    by_number: Mapping[str, Sequence[UUID]]
    by_phone: Mapping[str, Sequence[UUID]]
    by_name: Mapping[str, Sequence[UUID]]
    behind: Mapping[tuple[UUID, str], Sequence[UUID]]
    cards: Mapping[str, UUID]
    numbered: Collection[UUID]  # those whose identity number is kept already


def match(
    session: Session,
    vault: Vault,
    rows: Sequence[PersonRow],
    *,
    community_id: UUID,
    grids: Mapping[str, UUID],
) -> list[Matched]:
    """Find each of these people, in as few questions as there are ways to know somebody."""
    known = _ask(session, vault, rows, community_id=community_id, grids=grids)
    found = [(row, _who(row, known, _unit(row, community_id, grids))) for row in rows]
    home = listing.communities_of(session, {who for _, who in found if who})
    return [
        Matched(
            row=row,
            person_id=who,
            problem=_problem(
                row, who, known, elsewhere=who is not None and home[who] != community_id
            ),
        )
        for row, who in found
    ]


def _ask(
    session: Session,
    vault: Vault,
    rows: Sequence[PersonRow],
    *,
    community_id: UUID,
    grids: Mapping[str, UUID],
) -> _Known:
    def find(field: Field, values: Collection[str]) -> dict[str, list[UUID]]:
        return personal.find_many(session, vault, field=field, values=values)

    doors = {(_unit(row, community_id, grids), row.door) for row in rows if row.door}
    by_phone = find(Field.PHONE, {row.phone for row in rows if row.phone})
    reached = {one for people in by_phone.values() for one in people}
    return _Known(
        by_number=find(Field.ID_NUMBER, {row.id_number for row in rows if row.id_number}),
        by_phone=by_phone,
        by_name=find(Field.NAME, {row.name for row in rows}),
        behind=households.people_behind(session, doors) if doors else {},
        cards=listing.people_with_cards(session, {row.card for row in rows if row.card}),
        numbered=personal.having(session, reached, field=Field.ID_NUMBER),
    )


def _unit(row: PersonRow, community_id: UUID, grids: Mapping[str, UUID]) -> UUID:
    """Where the door is: in the grid, or straight in the community."""
    return grids.get(row.grid, community_id)


def _who(row: PersonRow, known: _Known, unit_id: UUID) -> UUID | None:
    if row.id_number in known.by_number:
        return known.by_number[row.id_number][0]
    named = set(known.by_name.get(row.name, ()))
    for one in known.by_phone.get(row.phone, ()):
        if one in named and not (row.id_number and one in known.numbered):
            return one
    behind = () if row.id_number or row.phone else known.behind.get((unit_id, row.door), ())
    return next((one for one in behind if one in named), None)


def _problem(
    row: PersonRow, who: UUID | None, known: _Known, *, elsewhere: bool
) -> tuple[str, str] | None:
    if elsewhere:
        return "身份证号" if row.id_number else "手机号", ELSEWHERE
    if row.card and known.cards.get(row.card, who) != who:
        return "存折卡号", CARD_TAKEN
    return None
