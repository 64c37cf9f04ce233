"""Who may do what: walls between tenants, and rights that cannot rewrite history."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

READ = "SELECT"
APPEND = "SELECT, INSERT"
CHANGE = "SELECT, INSERT, UPDATE"
ALL = "SELECT, INSERT, UPDATE, DELETE"

# What the application may do to each tenant's tables. Nobody may do more, nobody may TRUNCATE.
APP = {
    "org_unit": CHANGE,
    "person": CHANGE,
    "super_app_identity": APPEND,
    "staff_credential": CHANGE,
    "session": CHANGE,
    "role_grant": APPEND,
    "idempotency": ALL,
    "miss": APPEND,
    "station": CHANGE,
    "station_code": CHANGE,
    "station_visit": APPEND,
    "activity": CHANGE,
    "enrolment": CHANGE,
    "attendance": CHANGE,
    "shop": CHANGE,
    "item": CHANGE,
    "stock": CHANGE,
    "stock_move": APPEND,
    "redeem_code": CHANGE,
    "redemption": APPEND,
    "redemption_line": APPEND,
    "fact": APPEND,
    "transfer": APPEND,
    "decision": APPEND,
    "policy": APPEND,
    "account": CHANGE,
    "settle_queue": ALL,
}
# What the worker needs: to settle, to let go of what has lapsed, and to check the books. Not people.
WORKER = {
    "transfer": APPEND,
    "decision": APPEND,
    "account": CHANGE,
    "settle_queue": ALL,
    "idempotency": "SELECT, DELETE",
    "redeem_code": "SELECT, DELETE",
    "fact": READ,
    "policy": READ,
    "stock": READ,
    "stock_move": READ,
    "redemption": READ,
    "redemption_line": READ,
}
SHARED = {"tenant": "app, worker", "super_app": "app", "staff_name": "app"}
# What an auditor's views are made of. Auditors read every tenant of the database, or the one set.
AUDITED = (
    "account",
    "transfer",
    "decision",
    "fact",
    "settle_queue",
    "stock",
    "stock_move",
    "redemption",
    "redemption_line",
    "attendance",
)

SET_TENANT = "nullif(current_setting('app.tenant', true), '')"
OWN = f"tenant_id = {SET_TENANT}::bigint"


def upgrade() -> None:
    op.execute("GRANT USAGE ON SCHEMA public TO app, worker, auditor_ro")
    for table, roles in SHARED.items():
        op.execute(f"GRANT SELECT ON {table} TO {roles}")
    for table, rights in APP.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY own_tenant ON {table} USING ({OWN}) WITH CHECK ({OWN})")
        op.execute(f"GRANT {rights} ON {table} TO app")
    for table, rights in WORKER.items():
        op.execute(f"GRANT {rights} ON {table} TO worker")
    for table in AUDITED:
        op.execute(
            f"CREATE POLICY every_tenant ON {table} FOR SELECT TO auditor_ro"
            f" USING ({SET_TENANT} IS NULL)"
        )
        op.execute(f"GRANT SELECT ON {table} TO auditor_ro")


def downgrade() -> None:
    for table in AUDITED:
        op.execute(f"DROP POLICY every_tenant ON {table}")
    for table in APP:
        op.execute(f"DROP POLICY own_tenant ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    for table in (*APP, *SHARED):
        op.execute(f"REVOKE ALL ON {table} FROM app, worker, auditor_ro")
    op.execute("REVOKE USAGE ON SCHEMA public FROM app, worker, auditor_ro")
