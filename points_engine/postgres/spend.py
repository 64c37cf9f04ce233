"""Spending: a function of the database locks the payer, then reads, decides and writes.

Nearly every payment is one call. It books nothing where anything stands in the way, and what that
is is found out with care, under the same lock.
"""

from points_engine.errors import ReferenceConflict
from points_engine.identifiers import Family, derived_hex, told
from points_engine.ledger import Transfer
from points_engine.periods import quarter_of
from points_engine.postgres import afford, known
from points_engine.postgres.accounts import lock_accounts
from points_engine.postgres.database import Database, compact, one_row
from points_engine.redemption import Spending, check_same

FEW = 8  # lots that are tried at first: reading as many as there are points would take longer

_SPEND = compact("""
    SELECT debit_version, debit_balance_after, booked_at FROM spend(
        %(tenant_id)s, %(id)s, %(reference)s, %(payer)s, %(till)s, %(receivable)s,
        %(community_id)s, %(actor_id)s, %(amount)s, %(most)s, %(owed)s, %(careful)s,
        %(now)s, %(day)s, %(quarter)s, %(reason)s
    )
""")


def spend(database: Database, tenant_id: int, spending: Spending) -> Transfer:
    """Nobody else can spend from the payer between the check and the booking."""
    asked = _asked(tenant_id, spending)
    booked = _book(database, tenant_id, spending, asked=asked)
    return booked or _with_care(database, tenant_id, spending, asked=asked)


def _book(
    database: Database, tenant_id: int, spending: Spending, *, asked: dict[str, object]
) -> Transfer | None:
    """Lock the payer and book it, unless anything stands in the way."""
    version, balance, at = one_row(database, _SPEND, asked) or (None, None, None)
    if at is None:
        return None
    return spending.as_transfer(
        tenant_id,
        booked_at=at,
        quarter=str(asked["quarter"]),
        debit_version=version,
        debit_balance_after=balance,
    )


def _with_care(
    database: Database, tenant_id: int, spending: Spending, *, asked: dict[str, object]
) -> Transfer:
    """The same where something stands in the way: a repetition, a refusal, or a rare thing."""
    wanted = spending.as_transfer(tenant_id)
    if known.hold_of(database, tenant_id, spending.reference) is not None:
        raise ReferenceConflict(spending.reference)
    first = known.transfer_like(database, tenant_id, wanted)
    if first is not None:
        check_same(first, wanted)
        return first
    means = afford.afford(
        database, tenant_id, spending, day=spending.occurred_on, at=spending.booked_at
    )
    lock_accounts(database, tenant_id, [wanted.credit])
    quarter = known.quarter(database, tenant_id, wanted)
    asked |= {"most": str(spending.amount), "owed": str(means.owed), "quarter": quarter}
    asked["careful"] = "true"
    booked = _book(database, tenant_id, spending, asked=asked)
    if booked is None:  # somebody else was quicker to use the reference for another payer
        raise ReferenceConflict(spending.reference)
    return booked


def _asked(tenant_id: int, spending: Spending) -> dict[str, object]:
    """Texts where they will do: the driver looks at every other value first."""
    payer, shop = str(spending.payer_id), str(spending.shop_id)
    account = Family(tenant_id, "account")
    return {
        "tenant_id": str(tenant_id),
        "id": derived_hex(tenant_id, "transfer", spending.reference),
        "payer": account.hex("person", told(payer, "points", "red_account")),
        "receivable": account.hex("person", told(payer, "points", "receivable")),
        "till": account.hex("shop", told(shop, "points", "till")),
        "community_id": spending.community_id.hex,
        "actor_id": spending.actor_id.hex,
        "amount": str(spending.amount),
        "most": str(min(FEW, spending.amount)),
        "owed": "0",
        "careful": "false",  # of holds: they may be overdue
        "now": spending.booked_at,
        "day": spending.occurred_on.isoformat(),
        "quarter": quarter_of(spending.occurred_on),
        "reference": spending.reference,
        "reason": spending.reason,
    }
