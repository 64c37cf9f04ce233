"""Personal data: sealed where they stand, found without being opened, and shown for a reason.

Everybody sees a person by the masked name. The person sees their own in full; others by a
permission that reaches that person, with a reason, and it is written down.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from app.core import audit, many
from app.core.audit import Actor
from app.core.db import attempt, tenant_of
from app.core.ids import new_id
from app.core.vault import Place, Sealed, Vault, normal
from app.identity import queries
from app.identity.errors import PersonalTaken
from app.identity.fields import SEARCHED, WITH_TAIL, Field, masked, written
from app.identity.models import Person, PersonalDatum
from app.identity.roles import Principal

AT_ONCE = 1000
OF_ONE_PERSON = "uq_personal_datum_id_number"
_DATUM = PersonalDatum.__table__


@dataclass(frozen=True, slots=True, kw_only=True)
class Datum:
    """One thing to be known about a person, as somebody wrote it."""

    person_id: UUID
    field: Field
    value: str


def put(
    session: Session,
    vault: Vault,
    *,
    person_id: UUID,
    values: Mapping[Field, str],
    actor: Actor,
    at: datetime,
) -> None:
    """Keep data of a person, sealed, and write down that they changed; the name is masked."""
    queries.lock_person(session, person_id)
    before = read_own(session, vault, person_id=person_id)
    after = {field: written(field, value) for field, value in values.items()}
    new = {field: value for field, value in after.items() if before.get(field) != value}
    data = [Datum(person_id=person_id, field=field, value=new[field]) for field in new]
    put_many(session, vault, data, at=at)
    if new:
        audit.record(
            session,
            actor=actor,
            action="person.change",
            subject=("person", person_id),
            scope=queries.community_of(session, person_id),
            at=at,
            changed={
                field: (_seen(field, before.get(field)), _seen(field, value))
                for field, value in new.items()
            },
        )


def put_many(session: Session, vault: Vault, data: Iterable[Datum], *, at: datetime) -> None:
    """Keep data of many people at once. Whoever brings them writes down that they came.

    A number that was proved stays; whoever proves another one puts it in its place.
    """
    data = list(data)
    rows = [_row(vault, datum, tenant_id=tenant_of(session), at=at) for datum in data]
    for start in range(0, len(rows), AT_ONCE):
        _upsert(session, rows[start : start + AT_ONCE])
    names = {
        datum.person_id: masked(Field.NAME, written(Field.NAME, datum.value))
        for datum in data
        if datum.field is Field.NAME
    }
    if names:
        _show_masked(session, names)


def read_own(session: Session, vault: Vault, *, person_id: UUID) -> dict[Field, str]:
    """All that is kept of a person, in full: for themself and nobody else."""
    rows = session.scalars(sa.select(PersonalDatum).filter_by(person_id=person_id))
    found = {Field(row.field): _unsealed(vault, row) for row in rows}
    return {field: found[field] for field in Field if field in found}


def own_name(session: Session, vault: Vault, *, me: Principal) -> str:
    """The caller's full name, or the one they are shown by."""
    query = sa.select(PersonalDatum).filter_by(person_id=me.person_id, field=Field.NAME)
    row = session.scalar(query)
    return _unsealed(vault, row) if row is not None else me.display_name


def read_masked(
    session: Session, vault: Vault, *, person_ids: Collection[UUID], field: Field
) -> dict[UUID, str]:
    """What may be seen of a datum of these people; those of whom it is not kept are left out."""
    query = sa.select(PersonalDatum).where(
        PersonalDatum.person_id.in_(person_ids), PersonalDatum.field == field
    )
    rows = session.scalars(query)
    return {row.person_id: masked(field, _unsealed(vault, row)) for row in rows}


def find(session: Session, vault: Vault, *, field: Field, value: str) -> list[UUID]:
    """Whose datum is exactly this one, however it is written."""
    sought = written(field, value)
    return find_many(session, vault, field=field, values=[sought]).get(sought, [])


def find_many(
    session: Session, vault: Vault, *, field: Field, values: Collection[str]
) -> dict[str, list[UUID]]:
    """The same for many values at once, each as it is written."""
    tenant_id = tenant_of(session)
    blinds = {vault.blind(value, tenant_id=tenant_id, use=field): value for value in values}
    query = sa.select(PersonalDatum.blind, PersonalDatum.person_id).where(
        PersonalDatum.field == field, PersonalDatum.blind.in_(blinds)
    )
    found: dict[str, list[UUID]] = {}
    for blind, person_id in session.execute(query.order_by(PersonalDatum.person_id)):
        found.setdefault(blinds[blind or b""], []).append(person_id)
    return found


def having(session: Session, person_ids: Collection[UUID], *, field: Field) -> set[UUID]:
    """Those of these people of whom such a datum is kept."""
    query = sa.select(PersonalDatum.person_id).where(
        PersonalDatum.person_id.in_(person_ids), PersonalDatum.field == field
    )
    return set(session.scalars(query))


def born_on(session: Session, vault: Vault, *, person_id: UUID) -> date | None:
    """The day of birth, for a rule to be kept; it is shown to nobody from here."""
    tenant_id = tenant_of(session)
    query = sa.select(birth_date_sealed())
    sealed = session.scalar(query, {"tenant": tenant_id, "person": person_id})
    return born(vault, sealed, tenant_id=tenant_id, person_id=person_id)


PERSON = sa.bindparam("person", type_=sa.Uuid())


def birth_date_sealed(person: sa.ColumnElement[UUID] = PERSON) -> sa.ScalarSelect[str]:
    """The sealed day of birth, for a statement that binds `tenant` and `person`."""
    return (
        sa.select(_DATUM.c.sealed)
        .where(
            _DATUM.c.tenant_id == sa.bindparam("tenant"),
            _DATUM.c.person_id == person,
            _DATUM.c.field == sa.literal_column(f"'{Field.BIRTH_DATE.value}'"),
        )
        .scalar_subquery()
    )


def born(vault: Vault, sealed: str | None, *, tenant_id: int, person_id: UUID) -> date | None:
    """The day of birth that such a statement has read, for a rule to be kept."""
    if sealed is None:
        return None
    place = Place(
        tenant_id=tenant_id,
        table=PersonalDatum.__tablename__,
        field=Field.BIRTH_DATE,
        row_id=person_id,
    )
    return date.fromisoformat(vault.unseal(sealed, place))


def find_by_tail(session: Session, vault: Vault, *, field: Field, tail: str) -> list[UUID]:
    """Whose number ends with these four places."""
    use = f"{field}-tail"
    blind = vault.blind(tail.strip().upper(), tenant_id=tenant_of(session), use=use)
    query = sa.select(PersonalDatum.person_id).where(
        PersonalDatum.field == field, PersonalDatum.tail == blind
    )
    return list(session.scalars(query.order_by(PersonalDatum.person_id)))


def drop_proved(session: Session, *, person_id: UUID, proved_at: datetime) -> bool:
    """Let go of a person's number that was proved then; False where it is another by now."""
    gone = sa.delete(PersonalDatum).where(
        PersonalDatum.person_id == person_id,
        PersonalDatum.field == Field.PHONE,
        PersonalDatum.verified_at == proved_at,
    )
    return session.scalar(gone.returning(PersonalDatum.id)) is not None


def forget(session: Session, *, person_id: UUID) -> None:
    """Let go of everything that is sealed of a person. Nothing can bring it back."""
    session.execute(sa.delete(PersonalDatum).where(PersonalDatum.person_id == person_id))


def _seen(field: Field, value: str | None) -> str:
    return masked(field, value) if value is not None else ""


def _row(vault: Vault, datum: Datum, *, tenant_id: int, at: datetime) -> PersonalDatum:
    field, value = datum.field, written(datum.field, datum.value)
    row = PersonalDatum(
        tenant_id=tenant_id, id=new_id(), person_id=datum.person_id, field=str(field), set_at=at
    )
    row.sealed = vault.seal(value, _place(row))
    if field in SEARCHED:
        row.blind = vault.blind(value, tenant_id=tenant_id, use=field)
    if field in WITH_TAIL:
        tail = normal.last_four(value)
        row.tail = vault.blind(tail, tenant_id=tenant_id, use=f"{field}-tail")
    return row


def _place(row: PersonalDatum) -> Place:
    return Place(
        tenant_id=row.tenant_id, table=row.__tablename__, field=row.field, row_id=row.person_id
    )


def _unsealed(vault: Vault, row: PersonalDatum) -> str:
    return vault.unseal(row.sealed, _place(row))


def _upsert(session: Session, rows: Sequence[PersonalDatum]) -> None:
    columns = [column.key for column in sa.inspect(PersonalDatum).column_attrs]
    values = [{column: getattr(row, column) for column in columns} for row in rows]
    statement = many.inserting(PersonalDatum, values)
    new = {column: statement.excluded[column] for column in ("sealed", "blind", "tail", "set_at")}
    key = [PersonalDatum.tenant_id, PersonalDatum.person_id, PersonalDatum.field]
    # A number its owner has proved is not replaced by what a sheet says of it.
    proved_otherwise = sa.and_(
        PersonalDatum.verified_at.is_not(None), PersonalDatum.blind != statement.excluded["blind"]
    )
    try:
        with attempt(session):
            session.execute(
                statement.on_conflict_do_update(
                    index_elements=key, set_=new, where=sa.not_(proved_otherwise)
                )
            )
    except exc.IntegrityError as error:
        if OF_ONE_PERSON not in str(error.orig):
            raise
        raise PersonalTaken(
            "这个身份证号已经登记在另一个人名下，请核对，或到社区服务台合并账户。"
        ) from error


def _show_masked(session: Session, names: Mapping[UUID, str]) -> None:
    """Let these people be shown by their masked names from now on."""
    new = (
        sa.func.unnest(
            sa.cast(list(names), ARRAY(sa.Uuid)), sa.cast(list(names.values()), ARRAY(sa.Text))
        )
        .table_valued("id", "name")
        .render_derived(name="new")
    )
    session.execute(
        sa.update(Person)
        .where(Person.id == new.c.id)
        .values(display_name=new.c.name)
        .execution_options(synchronize_session=False)
    )


SEALED = (Sealed(model=PersonalDatum, column="sealed", place=_place),)
