"""Writing what a checked sheet holds: people with their doors, or units."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.core import clock
from app.core.ids import new_id
from app.core.vault import Vault
from app.households import moving
from app.households.moving import Living
from app.identity import personal
from app.identity import services as people
from app.identity.fields import Field, masked
from app.identity.personal import Datum
from app.identity.roles import Principal
from app.identity.services import Arrival
from app.organisation import queries as organisation
from app.organisation import stationed
from app.organisation.kinds import Nature
from app.roster import matching
from app.roster.checking import PersonRow, UnitRow
from app.roster.errors import BatchNotReady
from app.roster.matching import Matched
from app.roster.models import ImportBatch


def grids_of(session: Session, community_id: UUID) -> dict[str, UUID]:
    """The grids and buildings of a community, by what they are called."""
    units = organisation.open_units(session, [community_id])
    return {unit.name: unit.id for unit in units if unit.kind in {"grid", "building"}}


def write_units(
    session: Session,
    rows: Sequence[UnitRow],
    batch: ImportBatch,
    *,
    me: Principal,
    now: datetime,
) -> int:
    created = 0
    for row in rows:
        if organisation.child_named(session, parent_id=batch.community_id, name=row.name):
            continue
        arriving = stationed.Arriving(
            community_id=batch.community_id, name=row.name, nature=Nature(row.nature)
        )
        stationed.station_unit(session, arriving, me=me, now=now)
        created += 1
    return created


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A row, whose it is, and whether they are new."""

    row: PersonRow
    person_id: UUID
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """The people of a batch, as they are written: all of them, then their data, then their doors.

    In this order the database looks into a table that has its size already: what it plans for
    an empty one, and keeps, would take minutes for thousands.
    """

    session: Session
    vault: Vault
    batch: ImportBatch
    me: Principal
    now: datetime

    def match(self, rows: Sequence[PersonRow], *, at_once: int) -> list[Settled]:
        """Who each row is; refuses what has changed since the sheet was checked."""
        grids, found = grids_of(self.session, self.batch.community_id), list[Matched]()
        for start in range(0, len(rows), at_once):
            found += matching.match(
                self.session,
                self.vault,
                rows[start : start + at_once],
                community_id=self.batch.community_id,
                grids=grids,
            )
        if any(one.problem for one in found):
            raise BatchNotReady("上传之后资料有了变化，请把表格再上传一次，重新检查。")
        return [
            Settled(
                row=one.row,
                person_id=one.person_id or new_id(),
                is_new=one.person_id is None,
            )
            for one in found
        ]

    def register(self, found: Sequence[Settled]) -> int:
        """Make accounts for those who have none; how many."""
        fresh = [_arrival(one.row, one.person_id) for one in found if one.is_new]
        people.register_many(
            self.session, fresh, community_id=self.batch.community_id, now=self.now
        )
        for one in found:
            if not one.is_new:
                people.note_kind(
                    self.session,
                    person_id=one.person_id,
                    kind=one.row.kind,
                    card_no=one.row.card or None,
                )
        return len(fresh)

    def tell(self, found: Sequence[Settled]) -> None:
        """Keep what the sheet says of some of them."""
        data = [datum for one in found for datum in _data(one.row, one.person_id)]
        personal.put_many(self.session, self.vault, data, at=self.now)

    def house(self, found: Sequence[Settled]) -> None:
        """Let them live behind their doors."""
        grids = grids_of(self.session, self.batch.community_id)
        living = [
            Living(
                person_id=one.person_id,
                unit_id=grids.get(one.row.grid, self.batch.community_id),
                door=one.row.door,
                is_head=one.row.is_head,
            )
            for one in found
            if one.row.door
        ]
        moving.take_over(
            self.session,
            living,
            on=clock.civil_day(self.now, self.me.zone),
            entered_by=self.me.person_id,
            now=self.now,
        )


def _arrival(row: PersonRow, person_id: UUID) -> Arrival:
    return Arrival(
        id=person_id, name=masked(Field.NAME, row.name), kind=row.kind, card_no=row.card or None
    )


def _data(row: PersonRow, person_id: UUID) -> Iterator[Datum]:
    values = {
        Field.NAME: row.name,
        Field.PHONE: row.phone,
        Field.ID_NUMBER: row.id_number,
        Field.BIRTH_DATE: row.birth_date,
    }
    for field, value in values.items():
        if value:
            yield Datum(person_id=person_id, field=field, value=value)
