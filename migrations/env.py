"""How Alembic runs here: with the connection it is given, acting as the role `owner`."""

import sqlalchemy as sa
from alembic import context

# Roles belong to the whole server, and another database's migration may make them just now.
ROLES = """
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['owner', 'app', 'worker', 'auditor_ro'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I LOGIN NOINHERIT', name);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
            END;
        END IF;
    END LOOP;
    EXECUTE format('GRANT CREATE, CONNECT ON DATABASE %I TO owner', current_database());
    EXECUTE 'GRANT USAGE, CREATE ON SCHEMA public TO owner';
END
$$
"""

connection = context.config.attributes["connection"]
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
