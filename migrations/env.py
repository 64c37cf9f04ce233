"""How Alembic runs here: with the connection it is given, acting as the role `owner`."""

import sqlalchemy as sa
from alembic import context

LOCK_SECONDS = 5  # longer, and everybody who comes after us waits as well

# Roles belong to the whole server, and another database's migration may make them just now.
ROLES = """
DO $$
DECLARE
    name text;
    is_superuser boolean := (SELECT rolsuper FROM pg_roles WHERE rolname = current_user);
BEGIN
    FOREACH name IN ARRAY ARRAY['owner', 'app', 'worker', 'auditor_ro'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I LOGIN NOINHERIT', name);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
            END;
        END IF;
        -- Who may create roles may still not act as one without belonging to it.
        IF name NOT IN ('auditor_ro', current_user) AND NOT is_superuser THEN
            BEGIN
                EXECUTE format('GRANT %I TO CURRENT_USER', name);
            EXCEPTION WHEN insufficient_privilege THEN NULL;  -- another login's to give
            END;
        END IF;
    END LOOP;
    EXECUTE format('GRANT CREATE, CONNECT ON DATABASE %I TO owner', current_database());
    EXECUTE 'GRANT USAGE, CREATE ON SCHEMA public TO owner';
END
$$
"""

connection = context.config.attributes["connection"]
connection.execute(sa.text(f"SET lock_timeout = '{LOCK_SECONDS}s'"))
if connection.scalar(
    sa.text("SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user")
):
    connection.execute(sa.text(ROLES))
    connection.commit()
connection.execute(sa.text("SET ROLE owner"))
connection.commit()
context.configure(connection=connection, transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
connection.execute(sa.text("RESET ROLE"))
