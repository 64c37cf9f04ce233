"""What super-apps call a person: sealed where it stands, and found by its blind."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.db import claim, tenant_of
from app.core.ids import new_id
from app.core.vault import Place, Sealed, Vault
from app.identity.models import Person, SuperAppIdentity
from app.wechat import subjects


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A person as a super-app vouches for them."""

    platform: str
    appid: str
    subject: str = field(repr=False)

    def blind(self, vault: Vault, tenant_id: int) -> bytes:
        """What this account is found by."""
        return subjects.blind_of(vault, tenant_id=tenant_id, appid=self.appid, subject=self.subject)


@dataclass(frozen=True, slots=True, kw_only=True)
class VouchedPerson:
    """A person, with the name of their account at a super-app."""

    id: UUID
    subject: str = field(repr=False)
    name: str
    kinds: tuple[str, ...]


def person_of(session: Session, vault: Vault, known: Known) -> UUID | None:
    """Whose account this is, if anybody's."""
    query = sa.select(SuperAppIdentity.person_id).where(_is(known, vault, tenant_of(session)))
    return session.scalar(query)


def vouch(session: Session, vault: Vault, *, person_id: UUID, known: Known) -> bool:
    """Tie a super-app's account to a person; False when it is tied already."""
    row = row_of(vault, known, person_id=person_id, tenant_id=tenant_of(session))
    columns = ("id", "person_id", "platform", "appid", "subject_blind", "subject_sealed")
    values = {column: getattr(row, column) for column in columns}
    return claim(session, SuperAppIdentity, **values) is not None


def row_of(vault: Vault, known: Known, *, person_id: UUID, tenant_id: int) -> SuperAppIdentity:
    """The account as a row, for whoever brings many."""
    row = SuperAppIdentity(
        tenant_id=tenant_id,
        id=new_id(),
        platform=known.platform,
        appid=known.appid,
        subject_blind=known.blind(vault, tenant_id),
        person_id=person_id,
    )
    row.subject_sealed = vault.seal(known.subject, _place(row))
    return row


def accounts_of(session: Session, vault: Vault, person_id: UUID) -> list[Known]:
    """By which mini-programs a person can be told something, and what they are called there."""
    query = sa.select(SuperAppIdentity).filter_by(person_id=person_id)
    rows = session.scalars(query.order_by(SuperAppIdentity.id))
    return [
        Known(
            platform=row.platform,
            appid=row.appid,
            subject=vault.unseal(row.subject_sealed, _place(row)),
        )
        for row in rows
    ]


def subject_of(session: Session, vault: Vault, person_id: UUID, *, prefix: str) -> str | None:
    """The name of a person's super-app account, if it begins so."""
    theirs = (known.subject for known in accounts_of(session, vault, person_id))
    return next((subject for subject in sorted(theirs) if subject.startswith(prefix)), None)


def has_account(session: Session, person_id: UUID) -> bool:
    """Whether a person signs in with any super-app."""
    query = sa.select(SuperAppIdentity.id).filter_by(person_id=person_id).limit(1)
    return session.scalar(query) is not None


def list_vouched(session: Session, vault: Vault, known: Iterable[Known]) -> list[VouchedPerson]:
    """Whose these accounts are, by what they are called; accounts of nobody are left out."""
    tenant_id = tenant_of(session)
    by_blind = {one.blind(vault, tenant_id): one.subject for one in known}
    rows = session.execute(
        sa.select(Person.id, SuperAppIdentity.subject_blind, Person.display_name, Person.kinds)
        .join(Person, Person.id == SuperAppIdentity.person_id)
        .where(SuperAppIdentity.subject_blind.in_(by_blind))
    )
    found = [
        VouchedPerson(
            id=row.id,
            subject=by_blind[row.subject_blind],
            name=row.display_name,
            kinds=tuple(row.kinds),
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: one.subject)


def move(session: Session, *, person_id: UUID, to: UUID) -> None:
    """Let the accounts of one person be another's from now on."""
    theirs = sa.update(SuperAppIdentity).where(SuperAppIdentity.person_id == person_id)
    session.execute(theirs.values(person_id=to))


def _is(known: Known, vault: Vault, tenant_id: int) -> sa.ColumnElement[bool]:
    return sa.and_(
        SuperAppIdentity.platform == known.platform,
        SuperAppIdentity.appid == known.appid,
        SuperAppIdentity.subject_blind == known.blind(vault, tenant_id),
    )


def _place(row: SuperAppIdentity) -> Place:
    return Place(tenant_id=row.tenant_id, table=row.__tablename__, field="subject", row_id=row.id)


SEALED = (Sealed(model=SuperAppIdentity, column="subject_sealed", place=_place),)
