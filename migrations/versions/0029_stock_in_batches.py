"""Goods and stock: items whole, prices by day, batches, and moves with who and why."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

SET_TENANT = "nullif(current_setting('app.tenant', true), '')"
OWN = f"tenant_id = {SET_TENANT}::bigint"
APPEND, CHANGE = "SELECT, INSERT", "SELECT, INSERT, UPDATE"

RIGHTS = {
    "item_price": APPEND,
    "item_photo": "SELECT, INSERT, UPDATE, DELETE",
    "delivery": "SELECT, INSERT, UPDATE (donor_name, donor_sealed, donor_id, named)",
    "batch": APPEND,
    "stock_count": APPEND,
    "stock_count_line": APPEND,
    "stock_proposal": "SELECT, INSERT, UPDATE (state, decided_by, decided_at, refused_for)",
}
# What the worker compares at night: how much and whether, never who or why.
COMPARED = {"stock_proposal": "tenant_id, id, batch_id, kind, delta, state"}
AUDITED = ("item", "batch")

SAID = r"reason ~ '\S' AND char_length(reason) <= 200"
SOURCES = "'fiscal', 'party_dues', 'social'"
PROPOSED = "'write_off', 'count'"
PERSON = "donor_kind IS NOT DISTINCT FROM 'person'"
MOVES = "'opening', 'donation', 'purchase', 'redemption', 'return', 'write_off', 'count'"

ITEM_CHECKS = {
    "name": r"char_length(name) <= 60 AND name ~ '\S'",
    "sku": r"char_length(sku) <= 30 AND sku ~ '\S'",
    "unit": r"char_length(unit) <= 6 AND unit ~ '\S'",
    "category": r"category ~ '\S'",
    "kind": "kind IN ('goods', 'voucher')",
    "merchant": "(kind = 'voucher') = (merchant IS NOT NULL)",
    "barcode": "barcode ~ '^([0-9]{8}|[0-9]{12,14})$'",
    "quarter_limit": "quarter_limit BETWEEN 1 AND 99",
    "value_fen": "value_fen > 0",
}
MOVE_CHECKS = {
    "kind": f"kind IN ({MOVES})",
    "direction": (
        "kind = 'count' OR (kind IN ('opening', 'donation', 'purchase', 'return')) = (delta > 0)"
    ),
    "cause": "(kind IN ('redemption', 'return')) = (redemption_id IS NOT NULL)",
    "still_good": "kind NOT IN ('donation', 'purchase', 'redemption') OR day <= last_day",
    "entered_by": "kind = 'opening' OR entered_by IS NOT NULL",
    "approved": (
        "(approved_by IS NULL) = (proposal_id IS NULL)"
        f" AND (approved_by IS NULL OR kind IN ({PROPOSED}))"
    ),
    "by_another": "approved_by <> entered_by",
    "reason": (
        r"(kind IN ('return', 'write_off', 'count')) = (reason IS NOT NULL)"
        rf" AND (reason IS NULL OR ({SAID}))"
    ),
}
# What stood on the shelves before is one batch an item, with the item's own number.
BEFORE = """
    UPDATE item SET unit = '件', kind = 'goods', category = 'daily';
    INSERT INTO item_price
            (tenant_id, id, item_id, points, valid_from, announced_on, is_first, set_at)
        SELECT item.tenant_id, gen_random_uuid(), item.id, item.points, since.day, since.day, true,
            since.at
        FROM item CROSS JOIN LATERAL (
            SELECT least(min(move.at), now()) - interval '1 day' AS at,
                (least(min(move.at), now()) - interval '1 day')::date AS day
            FROM stock_move AS move
            WHERE move.tenant_id = item.tenant_id AND move.item_id = item.id
        ) AS since;
    INSERT INTO batch (tenant_id, id, item_id, last_day)
        SELECT stock.tenant_id, stock.id, stock.id, DATE '9999-12-31' FROM stock;
    UPDATE stock SET held = 0;
    UPDATE stock_move AS move SET
            batch_id = move.item_id, last_day = DATE '9999-12-31',
            kind = CASE move.kind WHEN 'stock_in' THEN 'opening' ELSE move.kind END,
            entered_by = (SELECT redemption.manager_id FROM redemption
                WHERE redemption.tenant_id = move.tenant_id AND redemption.id = move.redemption_id),
            day = (move.at AT TIME ZONE
                (SELECT tenant.zone FROM tenant WHERE tenant.id = move.tenant_id))::date;
"""
# Back again there is one number an item, and all that came is one delivery.
AGAIN = """
    UPDATE item SET points = price.points FROM item_price AS price
        WHERE price.tenant_id = item.tenant_id AND price.item_id = item.id AND price.is_first;
    CREATE TEMPORARY TABLE shelf AS
        SELECT item.tenant_id, item.id, coalesce(sum(stock.on_hand), 0)::integer AS on_hand
        FROM item
        LEFT JOIN batch ON batch.tenant_id = item.tenant_id AND batch.item_id = item.id
        LEFT JOIN stock ON stock.tenant_id = batch.tenant_id AND stock.id = batch.id
        GROUP BY item.tenant_id, item.id;
    DELETE FROM stock;
    INSERT INTO stock (tenant_id, id, on_hand) SELECT tenant_id, id, on_hand FROM shelf;
    DELETE FROM stock_move WHERE kind <> 'redemption';
    UPDATE stock_move SET reference = reference || ':' || id;
    INSERT INTO stock_move
            (tenant_id, id, item_id, batch_id, last_day, day, delta, kind, reference, at)
        SELECT came.tenant_id, gen_random_uuid(), came.id, came.id, DATE '9999-12-31',
            current_date, came.quantity, 'stock_in', 'opening', now()
        FROM (SELECT shelf.tenant_id, shelf.id,
                shelf.on_hand - coalesce(sum(move.delta), 0)::integer AS quantity
            FROM shelf LEFT JOIN stock_move AS move
                ON move.tenant_id = shelf.tenant_id AND move.item_id = shelf.id
            GROUP BY shelf.tenant_id, shelf.id, shelf.on_hand) AS came
        WHERE came.quantity > 0;
    DROP TABLE shelf;
"""
TOUCHED = ("item", "item_price", "batch", "stock", "stock_move", "redemption")
STOCK_VIEW = """
    CREATE VIEW auditor.stock WITH (security_invoker = true) AS
    SELECT item.id AS item_id, item.tenant_id, coalesce(sum(stock.on_hand), 0)::integer AS on_hand
    FROM item
    LEFT JOIN batch ON batch.tenant_id = item.tenant_id AND batch.item_id = item.id
    LEFT JOIN stock ON stock.tenant_id = batch.tenant_id AND stock.id = batch.id
    GROUP BY item.id, item.tenant_id
"""
STOCK_VIEW_BEFORE = """
    CREATE VIEW auditor.stock WITH (security_invoker = true) AS
    SELECT id AS item_id, tenant_id, on_hand FROM stock
"""


def upgrade() -> None:
    op.execute("DROP VIEW auditor.stock")
    _add_to_items()
    _create_prices()
    _create_deliveries()
    _create_proposals()
    _add_to_stock()
    _among_all_tenants(BEFORE)
    _settle_items()
    _settle_stock()
    for table in AUDITED:
        op.execute(
            f"CREATE POLICY every_tenant ON {table} FOR SELECT TO auditor_ro"
            f" USING ({SET_TENANT} IS NULL)"
        )
        op.execute(f"GRANT SELECT ON {table} TO auditor_ro")
    op.execute(STOCK_VIEW)
    op.execute("GRANT SELECT ON auditor.stock TO auditor_ro")
    for table, columns in COMPARED.items():
        op.execute(f"GRANT SELECT ({columns}) ON {table} TO worker")


def downgrade() -> None:
    op.execute("DROP VIEW auditor.stock")
    op.execute("REVOKE SELECT ON item FROM auditor_ro")
    op.execute("DROP POLICY every_tenant ON item")
    op.add_column("item", sa.Column("points", sa.Integer(), nullable=True))
    _take_stock_apart()
    _among_all_tenants(AGAIN)
    op.create_foreign_key(
        op.f("fk_stock_tenant_id_id_item"),
        "stock",
        "item",
        ["tenant_id", "id"],
        ["tenant_id", "id"],
    )
    op.alter_column("item", "points", nullable=False)
    op.create_check_constraint(op.f("ck_item_points"), "item", "points > 0")
    before = {
        "kind": "kind IN ('stock_in', 'redemption')",
        "direction": "(kind = 'stock_in') = (delta > 0)",
        "cause": "(kind = 'redemption') = (redemption_id IS NOT NULL)",
    }
    for name, condition in before.items():
        op.create_check_constraint(op.f(f"ck_stock_move_{name}"), "stock_move", condition)
    op.create_unique_constraint(
        op.f("uq_stock_move_tenant_id_item_id_reference"),
        "stock_move",
        ["tenant_id", "item_id", "reference"],
    )
    op.create_foreign_key(
        op.f("fk_stock_move_tenant_id_item_id_item"),
        "stock_move",
        "item",
        ["tenant_id", "item_id"],
        ["tenant_id", "id"],
    )
    op.execute(STOCK_VIEW_BEFORE)
    op.execute("GRANT SELECT ON auditor.stock TO auditor_ro")
    _drop_what_is_new()


def _take_stock_apart() -> None:
    op.drop_constraint(op.f("fk_stock_tenant_id_id_batch"), "stock")
    op.execute("REVOKE UPDATE (on_hand, held) ON stock FROM app")
    op.execute("GRANT UPDATE ON stock TO app")
    op.drop_constraint(op.f("ck_stock_held"), "stock")
    op.drop_column("stock", "held")
    for name in MOVE_CHECKS:
        op.drop_constraint(op.f(f"ck_stock_move_{name}"), "stock_move")
    op.drop_constraint(
        op.f("fk_stock_move_tenant_id_batch_id_item_id_last_day_batch"), "stock_move"
    )
    op.drop_constraint(op.f("uq_stock_move_tenant_id_batch_id_reference"), "stock_move")
    op.drop_constraint(op.f("uq_stock_move_tenant_id_proposal_id"), "stock_move")
    op.drop_index(op.f("ix_stock_move_tenant_id_item_id_at"), "stock_move")


def _drop_what_is_new() -> None:
    for column, target in (
        ("proposal_id", "stock_proposal"),
        ("entered_by", "person"),
        ("approved_by", "person"),
    ):
        op.drop_constraint(op.f(f"fk_stock_move_tenant_id_{column}_{target}"), "stock_move")
    for column in (
        "batch_id", "last_day", "proposal_id", "reason", "entered_by", "approved_by", "day",
    ):  # fmt: skip
        op.drop_column("stock_move", column)
    for table in (
        "stock_proposal", "stock_count_line", "stock_count", "batch", "delivery", "item_photo",
        "item_price",
    ):  # fmt: skip
        op.drop_table(table)
    for name in ITEM_CHECKS:
        op.drop_constraint(op.f(f"ck_item_{name}"), "item")
    op.drop_constraint(op.f("uq_item_tenant_id_shop_id_barcode"), "item")
    for column in (
        "unit", "category", "kind", "merchant", "barcode", "quarter_limit", "value_fen",
        "closed_at",
    ):  # fmt: skip
        op.drop_column("item", column)


def _add_to_items() -> None:
    for name in ("unit", "category", "kind", "merchant", "barcode"):
        op.add_column("item", sa.Column(name, sa.String(), nullable=True))
    for name in ("quarter_limit", "value_fen"):
        op.add_column("item", sa.Column(name, sa.Integer(), nullable=True))
    op.add_column("item", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))


def _settle_items() -> None:
    op.drop_constraint(op.f("ck_item_points"), "item")
    op.drop_column("item", "points")
    for name in ("unit", "category", "kind"):
        op.alter_column("item", name, nullable=False)
    for name, condition in ITEM_CHECKS.items():
        op.create_check_constraint(op.f(f"ck_item_{name}"), "item", condition)
    op.create_unique_constraint(
        op.f("uq_item_tenant_id_shop_id_barcode"), "item", ["tenant_id", "shop_id", "barcode"]
    )


def _create_prices() -> None:
    moment = sa.DateTime(timezone=True)
    _create(
        "item_price",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("announced_on", sa.Date(), nullable=False),
        sa.Column("is_first", sa.Boolean(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=True),
        sa.Column("set_at", moment, nullable=False),
        _check("item_price", "points", "points > 0"),
        _check("item_price", "notice", "is_first OR valid_from >= announced_on + 7"),
        _check("item_price", "set_by", "is_first OR set_by IS NOT NULL"),
        _unique("item_price", "item_id", "valid_from"),
        *_belongs("item_price", item_id="item", set_by="person"),
    )
    op.create_index(
        "uq_item_price_first",
        "item_price",
        ["tenant_id", "item_id"],
        unique=True,
        postgresql_where=sa.text("is_first"),
    )
    _create(
        "item_photo",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=False),
        sa.Column("uploaded_at", moment, nullable=False),
        _check("item_photo", "content", "octet_length(content) BETWEEN 1 AND 307200"),
        _check("item_photo", "size", "width > 0 AND height > 0"),
        _unique("item_photo", "item_id"),
        *_belongs("item_photo", item_id="item", uploaded_by="person"),
    )


def _create_deliveries() -> None:
    paid_from = (
        r"(kind = 'purchase') = (source IS NOT NULL AND voucher IS NOT NULL)"
        r" AND (voucher IS NULL OR (voucher ~ '\S' AND char_length(voucher) <= 60))"
    )
    donor = (
        r"(kind = 'donation') = (donor_kind IS NOT NULL AND donor_name IS NOT NULL)"
        r" AND (donor_name IS NULL OR (donor_name ~ '\S' AND char_length(donor_name) <= 60))"
    )
    _create(
        "delivery",
        sa.Column("shop_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("voucher", sa.String(), nullable=True),
        sa.Column("donor_kind", sa.String(), nullable=True),
        sa.Column("donor_name", sa.String(), nullable=True),
        sa.Column("donor_sealed", sa.String(), nullable=True),
        sa.Column("donor_id", sa.Uuid(), nullable=True),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        _check("delivery", "kind", "kind IN ('opening', 'donation', 'purchase')"),
        _check("delivery", "number", "number > 0"),
        _check("delivery", "reference", "reference <> ''"),
        _check("delivery", "entered_by", "kind = 'opening' OR entered_by IS NOT NULL"),
        _check("delivery", "source", f"source IN ({SOURCES})"),
        _check("delivery", "paid_from", paid_from),
        _check("delivery", "donor_kind", "donor_kind IN ('person', 'unit')"),
        _check("delivery", "donor", donor),
        _check("delivery", "donor_sealed", "donor_sealed LIKE 'v1|%'"),
        _check("delivery", "whose_name", f"{PERSON} OR donor_sealed IS NULL"),
        _check("delivery", "who_gave", f"{PERSON} OR donor_id IS NULL"),
        _unique("delivery", "shop_id", "reference"),
        _unique("delivery", "shop_id", "kind", "year", "number"),
        *_belongs("delivery", shop_id="shop", entered_by="person", donor_id="person"),
    )
    _index("delivery", "shop_id", "day")
    op.create_index(
        "ix_delivery_donor",
        "delivery",
        ["tenant_id", "donor_id"],
        postgresql_where=sa.text("donor_id IS NOT NULL"),
    )
    _create(
        "batch",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=True),
        sa.Column("best_before", sa.Date(), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=False),
        _check("batch", "last_day", "last_day = coalesce(best_before, DATE '9999-12-31')"),
        _unique("batch", "id", "item_id", "last_day"),
        *_belongs("batch", item_id="item", delivery_id="delivery"),
    )
    _index("batch", "item_id", "last_day")
    _index("batch", "delivery_id")


def _create_proposals() -> None:
    moment = sa.DateTime(timezone=True)
    _create(
        "stock_count",
        sa.Column("shop_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("entered_at", moment, nullable=False),
        _check("stock_count", "reference", "reference <> ''"),
        _unique("stock_count", "shop_id", "reference"),
        *_belongs("stock_count", shop_id="shop", entered_by="person"),
    )
    _index("stock_count", "shop_id", "day")
    _create(
        "stock_count_line",
        sa.Column("count_id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        _check("stock_count_line", "counted", "expected >= 0 AND counted >= 0"),
        _check(
            "stock_count_line",
            "reason",
            rf"(expected = counted) = (reason IS NULL) AND (reason IS NULL OR ({SAID}))",
        ),
        _unique("stock_count_line", "count_id", "batch_id"),
        *_belongs("stock_count_line", count_id="stock_count", batch_id="batch"),
    )
    _create(
        "stock_proposal",
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("delta", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("count_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("entered_at", moment, nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", moment, nullable=True),
        sa.Column("refused_for", sa.String(), nullable=True),
        _check("stock_proposal", "kind", f"kind IN ({PROPOSED})"),
        _check("stock_proposal", "delta", "delta <> 0 AND (kind = 'count' OR delta < 0)"),
        _check("stock_proposal", "counted", "(kind = 'count') = (count_id IS NOT NULL)"),
        _check("stock_proposal", "reason", SAID),
        _check("stock_proposal", "state", "state IN ('pending', 'approved', 'refused')"),
        _check("stock_proposal", "by_another", "decided_by <> entered_by"),
        _check(
            "stock_proposal",
            "decided",
            "(state = 'pending') = (decided_by IS NULL)"
            " AND (decided_by IS NULL) = (decided_at IS NULL)",
        ),
        _check(
            "stock_proposal",
            "refused_for",
            r"(state = 'refused') = (refused_for IS NOT NULL) AND (refused_for IS NULL"
            r" OR (refused_for ~ '\S' AND char_length(refused_for) <= 200))",
        ),
        *_belongs(
            "stock_proposal",
            batch_id="batch",
            count_id="stock_count",
            entered_by="person",
            decided_by="person",
        ),
    )
    _index("stock_proposal", "batch_id")
    op.create_index(
        "ix_stock_proposal_pending",
        "stock_proposal",
        ["tenant_id", "entered_at"],
        postgresql_where=sa.text("state = 'pending'"),
    )


def _add_to_stock() -> None:
    op.add_column("stock", sa.Column("held", sa.Integer(), nullable=True))
    for name in ("kind", "direction", "cause"):
        op.drop_constraint(op.f(f"ck_stock_move_{name}"), "stock_move")
    for name in ("batch_id", "proposal_id", "entered_by", "approved_by"):
        op.add_column("stock_move", sa.Column(name, sa.Uuid(), nullable=True))
    for name in ("last_day", "day"):
        op.add_column("stock_move", sa.Column(name, sa.Date(), nullable=True))
    op.add_column("stock_move", sa.Column("reason", sa.String(), nullable=True))


def _settle_stock() -> None:
    """What all have now, all must have."""
    op.drop_constraint(op.f("fk_stock_tenant_id_id_item"), "stock")
    op.drop_constraint(op.f("fk_stock_move_tenant_id_item_id_item"), "stock_move")
    op.drop_constraint(op.f("uq_stock_move_tenant_id_item_id_reference"), "stock_move")
    op.alter_column("stock", "held", nullable=False)
    for name in ("batch_id", "last_day", "day"):
        op.alter_column("stock_move", name, nullable=False)
    op.create_check_constraint(op.f("ck_stock_held"), "stock", "held >= 0 AND held <= on_hand")
    for name, condition in MOVE_CHECKS.items():
        op.create_check_constraint(op.f(f"ck_stock_move_{name}"), "stock_move", condition)
    _refer("stock", "batch", columns=["id"], theirs=["id"])
    parts = ["item_id", "last_day"]
    _refer("stock_move", "batch", columns=["batch_id", *parts], theirs=["id", *parts])
    _refer("stock_move", "stock_proposal", columns=["proposal_id"], theirs=["id"])
    for name in ("entered_by", "approved_by"):
        _refer("stock_move", "person", columns=[name], theirs=["id"])
    for columns in (["batch_id", "reference"], ["proposal_id"]):
        name = "_".join(("uq_stock_move_tenant_id", *columns))
        op.create_unique_constraint(op.f(name), "stock_move", ["tenant_id", *columns])
    _index("stock_move", "item_id", "at")
    op.execute("REVOKE UPDATE ON stock FROM app")
    op.execute("GRANT UPDATE (on_hand, held) ON stock TO app")


def _among_all_tenants(statements: str) -> None:
    """What the owner of the tables does to the rows of every tenant."""
    for table in TOUCHED:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(statements)
    for table in TOUCHED:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    name = "_".join((f"uq_{table}_tenant_id", *columns))
    return sa.UniqueConstraint("tenant_id", *columns, name=op.f(name))


def _index(table: str, *columns: str) -> None:
    name = "_".join((f"ix_{table}_tenant_id", *columns))
    op.create_index(op.f(name), table, ["tenant_id", *columns])


def _refer(table: str, target: str, *, columns: list[str], theirs: list[str]) -> None:
    op.create_foreign_key(
        op.f("_".join((f"fk_{table}_tenant_id", *columns, target))),
        table,
        target,
        ["tenant_id", *columns],
        ["tenant_id", *theirs],
    )


def _belongs(table: str, **targets: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(
            ["tenant_id", column],
            [f"{target}.tenant_id", f"{target}.id"],
            name=op.f(f"fk_{table}_tenant_id_{column}_{target}"),
        )
        for column, target in targets.items()
    ]


def _create(table: str, *rest: sa.schema.SchemaItem) -> None:
    """A table of the tenants', behind its wall."""
    op.create_table(
        table,
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        *rest,
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f(f"fk_{table}_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{table}")),
    )
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY own_tenant ON {table} USING ({OWN}) WITH CHECK ({OWN})")
    op.execute(f"GRANT {RIGHTS[table]} ON {table} TO app")
