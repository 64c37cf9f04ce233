"""The database: one way to reach it, one way to write."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from flask import Flask, current_app
from sqlalchemy import event, orm
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from app.core.errors import DomainError
from app.core.ids import new_id

Moment = Annotated[datetime, mapped_column(sa.DateTime(timezone=True))]

log = logging.getLogger(__name__)

POOL_SIZE, OVERFLOW = 8, 2  # connections that are kept, and more for a rush
NOWHERE = "postgresql+psycopg:///no-address-configured"
AFTER = "run_after_commit"
BEFORE, _REGARDLESS = "run_before_commit", "run_even_if_refused"
PREAMBLE, _TENANT = "preamble", "tenant_id"
_LENT: ContextVar[Session | None] = ContextVar("lent", default=None)

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """What every table of the app inherits: names for its constraints."""

    metadata = sa.MetaData(naming_convention=NAMING)


class TenantRow(Base):
    """A row of one tenant. Its key, and every key that points at it, starts with the tenant."""

    __abstract__ = True

    tenant_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("tenant.id"), primary_key=True, sort_order=-2
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-1)


def belongs_to(table: str, column: str) -> sa.ForeignKeyConstraint:
    """A foreign key to `table` within the same tenant."""
    return sa.ForeignKeyConstraint(["tenant_id", column], [f"{table}.tenant_id", f"{table}.id"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long a transaction may work, wait for a lock, and sit idle."""

    statement_seconds: int = 3
    lock_seconds: int = 2
    idle_seconds: int = 10


class Database:
    """A pool of connections that act as one role, whatever the login may do."""

    def __init__(
        self, url: str, *, role: str, limits: Limits | None = None, pool_size: int = POOL_SIZE
    ) -> None:
        self.role = role
        self._limits = limits or Limits()
        self.engine = sa.create_engine(
            url,
            pool_pre_ping=True,
            pool_size=pool_size,
            max_overflow=OVERFLOW,
            pool_timeout=2,
            hide_parameters=True,  # the text of an error may be printed; rows must not be
            connect_args={
                "connect_timeout": 3,
                "tcp_user_timeout": 10_000,
                "application_name": f"red-account {role}",
            },
        )
        self.pool = self.engine.pool

    def open(self, tenant_id: int | None) -> Session:
        """A session whose transaction acts as the role, and sees one tenant or none."""
        # Once closed it is of no use: another transaction of it would know neither role nor tenant.
        session = Session(self.engine, expire_on_commit=False, close_resets_only=False)
        session.info |= {_TENANT: tenant_id, PREAMBLE: self._preamble(tenant_id)}
        session.info |= {AFTER: [], BEFORE: [], _REGARDLESS: []}
        try:
            session.connection().exec_driver_sql(session.info[PREAMBLE])
        except BaseException:
            session.close()
            raise
        return session

    def _preamble(self, tenant_id: int | None) -> str:
        limits = self._limits
        settings = [
            f"SET LOCAL ROLE {self.role}",
            f"SET LOCAL statement_timeout = '{limits.statement_seconds}s'",
            f"SET LOCAL lock_timeout = '{limits.lock_seconds}s'",
            f"SET LOCAL idle_in_transaction_session_timeout = '{limits.idle_seconds}s'",
        ]
        if tenant_id is not None:
            settings.append(f"SET LOCAL app.tenant = '{int(tenant_id)}'")
        return ";".join(settings)


def init_app(app: Flask, *, url: str, role: str, pool_size: int = POOL_SIZE) -> None:
    app.extensions["database"] = Database(url or NOWHERE, role=role, pool_size=pool_size)


@contextmanager
def acting_as(role: str, url: str, limits: Limits | None = None) -> Iterator[None]:
    """Let this process act as another role, at that role's address, for a while."""
    before = current_app.extensions["database"]
    current_app.extensions["database"] = own = Database(url or NOWHERE, role=role, limits=limits)
    try:
        yield
    finally:
        own.engine.dispose()
        current_app.extensions["database"] = before


def database() -> Database:
    found: Database = current_app.extensions["database"]
    return found


@contextmanager
def transaction(tenant_id: int | None) -> Iterator[Session]:
    """Own one unit of work of one tenant: commit on success, roll back on any exception.

    Only an edge (a view, a page, a job, a command) opens one. Services receive the session it
    yields and never commit, so they compose freely. With `None` the tables of tenants are empty:
    that is for finding out whose request it is. A refusal that says it `keeps` what was written
    is committed before it goes on: a burnt code stays burnt.

    Within `lending` it is part of the unit of work that was lent, whose owner ends it.
    """
    lent = _LENT.get()
    if lent is not None and lent.info[_TENANT] == tenant_id:
        yield lent
        return
    session = database().open(tenant_id)
    try:
        yield session
        _conclude(session)
    except DomainError as refusal:
        if not refusal.keeps:
            session.rollback()
            _leave_word(session)
            raise
        _conclude(session)
        _run(session.info[AFTER])
        raise
    except BaseException:
        session.rollback()
        raise
    finally:
        session.close()
    _run(session.info[AFTER])


@contextmanager
def lending(session: Session) -> Iterator[None]:
    """Let the next edge work in this unit of work. Nothing within may wait for a network."""
    token = _LENT.set(session)
    try:
        yield
    finally:
        _LENT.reset(token)


@contextmanager
def attempt(session: Session) -> Iterator[None]:
    """Part of a unit of work that may be refused without undoing the rest.

    What a refusal `keeps` stays; otherwise the part leaves no trace.
    """
    savepoint = session.begin_nested()
    hooks, last = session.info[AFTER], session.info[BEFORE]
    before, earlier = len(hooks), len(last)
    try:
        yield
    except BaseException as error:
        if isinstance(error, DomainError) and error.keeps:
            savepoint.commit()
        else:
            savepoint.rollback()
            del hooks[before:], last[earlier:]  # what they were to announce did not happen
        raise
    savepoint.commit()


def _conclude(session: Session) -> None:
    for act in (*session.info[BEFORE], *session.info[_REGARDLESS]):
        act(session)
    session.commit()


def _leave_word(undone: Session) -> None:
    if undone.info[_REGARDLESS]:
        with transaction(undone.info[_TENANT]) as session:
            session.info[BEFORE] += undone.info[_REGARDLESS]


def _run(hooks: list[Callable[[], Any]]) -> None:
    for hook in hooks:
        try:
            hook()
        except Exception:  # the data is committed: a lost bell must not look like a failed write
            log.exception("after-commit hook failed")


def after_commit(session: Session, hook: Callable[[], Any]) -> None:
    """Run `hook` once the data it speaks of is really there."""
    session.info[AFTER].append(hook)


def before_commit(
    session: Session, act: Callable[[Session], None], *, even_if_refused: bool = False
) -> None:
    """Do something last in this unit of work; `even_if_refused`: if need be in one of its own."""
    session.info[_REGARDLESS if even_if_refused else BEFORE].append(act)


def one_snapshot(session: Session) -> None:
    """Let everything read from here on be of one instant. To be said before the first query."""
    session.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))


def tenant_of(session: Session) -> int:
    """The tenant this unit of work belongs to."""
    tenant_id: int | None = session.info[_TENANT]
    assert tenant_id is not None, "this transaction was opened without a tenant"
    return tenant_id


@event.listens_for(Session, "do_orm_execute")
def _name_the_tenant(state: orm.ORMExecuteState) -> None:
    """Say the tenant in every statement. Row security would hide the rest anyway.

    Twice is on purpose: the statement is then one shard's business, and two things must be
    forgotten together to do harm.
    """
    tenant_id = state.session.info.get(_TENANT)
    if tenant_id is not None and (state.is_select or state.is_update or state.is_delete):
        state.statement = state.statement.options(
            orm.with_loader_criteria(
                TenantRow,
                lambda entity: entity.tenant_id == tenant_id,
                include_aliases=True,
                track_closure_variables=True,
            )
        )


Owned = TypeVar("Owned", bound=TenantRow)


def add(session: Session, row: Owned) -> Owned:
    """Insert a row of this tenant now, so that the database may refuse it now."""
    row.tenant_id = tenant_of(session)
    session.add(row)
    session.flush()
    return row


def claim(session: Session, model: type[Owned], **values: Any) -> Owned | None:
    """Insert the row, or None when its natural key is already taken.

    Of two identical requests the unique constraint lets one act; the other reads what that wrote.
    """
    values = {"tenant_id": tenant_of(session), "id": new_id(), **values}
    statement = insert(model).values(**values).on_conflict_do_nothing().returning(model)
    return session.scalar(statement)


def get(session: Session, model: type[Owned], id_: UUID, *, lock: bool = False) -> Owned | None:
    """The tenant's row with that id, held until the transaction ends if `lock`.

    Rows that refer to it may still be added: nobody changes a key.
    """
    query = sa.select(model).where(model.id == id_)
    if lock:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    return session.scalar(query)
