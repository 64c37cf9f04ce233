"""The database's schema: all tables there are, and bringing a database to this version."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from app.activities import arrival_models as _arrivals  # noqa: F401 - its tables join the metadata
from app.activities import models as _activities  # noqa: F401 - its tables join the metadata
from app.activities import plan_models as _plans  # noqa: F401 - its tables join the metadata
from app.activities import proof_models as _proofs  # noqa: F401 - its tables join the metadata
from app.core import idempotency as _idempotency  # noqa: F401 - its tables join the metadata
from app.core import misses as _misses  # noqa: F401 - its tables join the metadata
from app.core import tenancy as _tenancy  # noqa: F401 - its tables join the metadata
from app.core.audit import models as _audit  # noqa: F401 - its tables join the metadata
from app.core.complaints import refusal, said_by
from app.core.db import Base
from app.core.telling import models as _telling  # noqa: F401 - its tables join the metadata
from app.core.vault import KeysMissing, Vault
from app.households import models as _households  # noqa: F401 - its tables join the metadata
from app.identity import card_models as _cards  # noqa: F401 - its tables join the metadata
from app.identity import models as _identity  # noqa: F401 - its tables join the metadata
from app.identity import web_models as _browsers  # noqa: F401 - its tables join the metadata
from app.ledger import models as _ledger  # noqa: F401 - its tables join the metadata
from app.notices import models as _notices  # noqa: F401 - its tables join the metadata
from app.organisation import models as _organisation  # noqa: F401 - its tables join the metadata
from app.phones import models as _phones  # noqa: F401 - its tables join the metadata
from app.roster import models as _roster  # noqa: F401 - its tables join the metadata
from app.stations import models as _stations  # noqa: F401 - its tables join the metadata
from app.supermarket import models as _supermarket  # noqa: F401 - its tables join the metadata
from app.wechat import models as _wechat  # noqa: F401 - its tables join the metadata
from points_engine.postgres import metadata as engine_metadata

ROOT = Path(__file__).parents[1]
METADATA = (Base.metadata, engine_metadata)

# What PostgreSQL says when rows break a rule or somebody holds a table.
SCHEMA_ERRORS = ("23", "40", "55")


class SchemaRefused(Exception):
    """The database is not one this version may work with; the message says what to do."""


class SchemaNewer(SchemaRefused):
    """The database was made by a newer version of the service."""


class DatabaseRefused(SchemaRefused):
    """The database cannot be reached, or does not let us in, or went away."""


class MigrationRefused(SchemaRefused):
    """What is in the database, or what goes on in it, stands in the way of this version."""


class RoleTooMighty(SchemaRefused):
    """A role the service acts as could step over the walls between tenants."""


def upgrade(owner_url: str, *, vault: Vault | None = None) -> None:
    """Bring the database to this version's schema; raises `SchemaRefused` where it may not.

    With the vault, steps that seal what stood in clear can carry the rows over.
    """
    engine = sa.create_engine(owner_url, poolclass=sa.NullPool, hide_parameters=True)
    try:
        with engine.connect() as connection:
            _refuse_newer(connection)
            bring(connection, "head", vault=vault)
            _refuse_mighty(connection)
    except KeysMissing as error:
        raise MigrationRefused(str(error)) from error
    except sa.exc.DBAPIError as error:
        state = getattr(error.orig, "sqlstate", None) or ""
        if not state.startswith(SCHEMA_ERRORS):
            raise DatabaseRefused(refusal(error)) from error
        raise MigrationRefused(
            f"The database could not be brought to this version: {said_by(error)}. "
            "That step changed nothing: see to the rows or the session it names, and migrate again."
        ) from error
    finally:
        engine.dispose()


def bring(connection: sa.Connection, revision: str, *, vault: Vault | None = None) -> None:
    """Bring the database up to a revision, step by step, each whole or not at all."""
    config = _config()
    config.attributes["connection"] = connection
    config.attributes["vault"] = vault
    command.upgrade(config, revision)
    connection.commit()


def _refuse_newer(connection: sa.Connection) -> None:
    current = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if current is not None and current not in known:
        raise SchemaNewer(
            f"The database is at revision {current}, which this version does not know: "
            "it was made by a newer one. Run that version, or use another database."
        )
    connection.rollback()


def _refuse_mighty(connection: sa.Connection) -> None:
    query = """
        SELECT rolname FROM pg_roles
        WHERE rolname IN ('app', 'worker', 'auditor_ro') AND (rolsuper OR rolbypassrls)
    """
    mighty = connection.scalars(sa.text(query)).all()
    if mighty:
        raise RoleTooMighty(
            f"The role {mighty[0]} is a superuser or bypasses row security: "
            f"ALTER ROLE {mighty[0]} NOSUPERUSER NOBYPASSRLS first."
        )


def _config() -> Config:
    return Config(ROOT / "alembic.ini")
