"""Reversal: both sides are locked, and the caps it counted under; then read, then undone."""

from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from points_engine.accounts import Account, OwnerKind, expired, love_pool, receivable
from points_engine.corrections import has_lots
from points_engine.errors import AlreadyReversed, ReferenceConflict
from points_engine.ledger import Transfer
from points_engine.lots import Lot
from points_engine.periods import open_quarter
from points_engine.postgres import pins
from points_engine.postgres.database import Database, all_rows, one_value, run
from points_engine.postgres.lots import take
from points_engine.postgres.post import post
from points_engine.postgres.standing import add_lots, balance, ended_quarters, hold_accounts
from points_engine.postgres.transfers import find, found
from points_engine.reversal import (
    Left,
    Reversal,
    Undoing,
    check_reversible,
    check_same_reversal,
    give_back,
    take_back,
)

_COUNTED = sa.text("""
    SELECT granted, caps FROM decision
    WHERE tenant_id = :tenant_id AND fact_id = :fact_id AND unit = :unit
""")

_LOCK_CAPS = sa.text("""
    SELECT count(*) FROM (
        SELECT key FROM cap_usage
        WHERE tenant_id = :tenant_id AND key = ANY(CAST(:cap_key AS text[]))
        ORDER BY key
        FOR NO KEY UPDATE
    ) AS locked
""")

_GIVE_BACK_CAPS = sa.text("""
    UPDATE cap_usage
    SET used = used - :granted, last_booked_at = :booked_at
    WHERE tenant_id = :tenant_id AND key = ANY(CAST(:cap_key AS text[]))
""")

_REVERSED_BY = sa.text("""
    SELECT reference FROM transfer WHERE tenant_id = :tenant_id AND reverses = :original
""")

_LOT = sa.text("""
    SELECT id, community_id, earned_on, expires_on, original, remaining, held FROM lot
    WHERE tenant_id = :tenant_id AND id = :original
""")

_LAPSED = sa.text("""
    SELECT account.owner_id, account.code, CAST(sum(lot_use.amount) AS bigint) AS amount
    FROM lot_use
    JOIN transfer ON transfer.tenant_id = :tenant_id AND transfer.id = lot_use.transfer_id
    JOIN account ON account.tenant_id = :tenant_id AND account.id = transfer.credit_account_id
    WHERE lot_use.tenant_id = :tenant_id AND lot_use.lot_id = :original
      AND transfer.kind = 'expire'
    GROUP BY account.owner_id, account.code ORDER BY account.code
""")

_TAKEN = sa.text("""
    SELECT id, community_id, earned_on, expires_on, original, remaining, held, amount
    FROM lot_use
    JOIN lot ON lot.tenant_id = :tenant_id AND lot.id = lot_use.lot_id
    WHERE lot_use.tenant_id = :tenant_id AND lot_use.transfer_id = :original
""")

_BOOKING_INSTANT = sa.text("""
    SELECT greatest(CAST(:now AS timestamptz), max(last_booked_at) + interval '1 microsecond')
    FROM (
        SELECT last_booked_at FROM account
        WHERE tenant_id = :tenant_id AND id = ANY(CAST(:account_id AS uuid[])) AND guarded
        UNION ALL
        SELECT last_booked_at FROM cap_usage
        WHERE tenant_id = :tenant_id AND key = ANY(CAST(:cap_key AS text[]))
    ) AS earlier
""")


# Where points lapsed to: one of the two accounts of a community where points end.
_ENDS = {"expired": expired, "love_pool": love_pool}


def reverse(database: Database, tenant_id: int, reversal: Reversal) -> Transfer:
    original = find(database, tenant_id, reversal.of)
    first = _repeated(database, tenant_id, reversal, original=original)
    if first is not None:
        return first
    original = check_reversible(reversal.of, original)
    return _Reverser(database, tenant_id, original, reversal=reversal).reverse()


def _repeated(
    database: Database, tenant_id: int, reversal: Reversal, *, original: Transfer | None
) -> Transfer | None:
    first = find(database, tenant_id, reversal.reference)
    if first is None:
        return None
    if original is None:
        raise ReferenceConflict(reversal.reference)
    check_same_reversal(first, reversal.as_transfer(tenant_id, original))
    return first


class _Reverser:
    """One reversal on its way into the books. What is booked for good is read before the locks."""

    def __init__(
        self, database: Database, tenant_id: int, original: Transfer, *, reversal: Reversal
    ) -> None:
        self._database = database
        self._tenant_id = tenant_id
        self._original = original
        self._reversal = reversal
        self._wanted = reversal.as_transfer(tenant_id, original)
        self._granted, self._caps = self._counted()

    def reverse(self) -> Transfer:
        self._lock()
        # Whoever asked for the same at the same time has finished by now.
        first = _repeated(self._database, self._tenant_id, self._reversal, original=self._original)
        if first is not None:
            return first
        self._refuse_twice()
        self._end_overdue()
        self._book(self._plan())
        return found(self._database, self._tenant_id, self._wanted.reference)

    def _counted(self) -> tuple[int, list[str]]:
        """How much of which caps an earning had used."""
        fact_id, unit = self._original.fact_id, self._original.unit.value
        if fact_id is None:
            return 0, []
        (row,) = all_rows(
            self._database, _COUNTED, tenant_id=self._tenant_id, fact_id=fact_id, unit=unit
        )
        return row.granted, row.caps

    def _lock(self) -> None:
        accounts = [self._wanted.debit, self._wanted.credit]
        if self._may_owe_for(self._wanted.debit):
            accounts.append(receivable(self._wanted.debit.owner_id, self._wanted.unit))
        hold_accounts(self._database, self._tenant_id, accounts)
        self._accounts = [each.id_in(self._tenant_id) for each in accounts if each.guarded]
        if self._caps:
            run(self._database, _LOCK_CAPS, tenant_id=self._tenant_id, cap_key=self._caps)

    @staticmethod
    def _may_owe_for(account: Account) -> bool:
        of_a_person = account.owner_kind is OwnerKind.PERSON
        return of_a_person and account.guarded and not account.may_owe

    def _refuse_twice(self) -> None:
        by = all_rows(
            self._database, _REVERSED_BY, tenant_id=self._tenant_id, original=self._original.id
        )
        if by:
            raise AlreadyReversed(self._reversal.of, by=by[0].reference)

    def _end_overdue(self) -> None:
        """What nobody came for is there to be taken back."""
        payer, at = self._wanted.debit, self._wanted.booked_at
        if has_lots(payer):
            late = pins.overdue(self._database, self._tenant_id, payer, at=at)
            day = self._wanted.occurred_on
            pins.end_all(self._database, self._tenant_id, late, at=at, on=day)

    def _plan(self) -> Undoing:
        undoing = Undoing(transfers=[self._wanted])
        if self._wanted.debit.guarded:
            undoing = take_back(self._wanted, self._left(), tenant_id=self._tenant_id)
        if has_lots(self._wanted.credit):
            give_back(undoing, self._taken())
        return undoing

    def _left(self) -> Left:
        account, amount = self._original.credit, self._original.amount
        if not has_lots(account):
            if account.may_owe:
                return Left(free=amount)
            day = self._wanted.occurred_on
            there = balance(self._database, self._tenant_id, account, day=day)
            return Left(free=min(amount, there.posted - there.held))
        asked = {"tenant_id": self._tenant_id, "original": self._original.id}
        (lot,) = all_rows(self._database, _LOT, **asked)
        lapsed = [
            (_ENDS[row.code](row.owner_id), row.amount)
            for row in all_rows(self._database, _LAPSED, **asked)
        ]
        return Left(free=lot.remaining - lot.held, lapsed=lapsed)

    def _taken(self) -> list[tuple[Lot, int]]:
        rows = all_rows(
            self._database, _TAKEN, tenant_id=self._tenant_id, original=self._original.id
        )
        columns = [row._asdict() for row in rows]
        return [(Lot(**row), amount) for row in columns for amount in [row.pop("amount")]]

    def _book(self, undoing: Undoing) -> None:
        database, tenant_id, wanted = self._database, self._tenant_id, self._wanted
        booked_at = self._booking_instant()
        ended = ended_quarters(database, tenant_id, wanted.community_id)
        quarter = open_quarter(wanted.occurred_on, ended)
        counted = [replace(each, quarter=quarter) for each in undoing.transfers]
        post(database, tenant_id, counted, booked_at=booked_at)
        for account, lot in undoing.made:
            add_lots(database, tenant_id, account, lots=[lot])
        if undoing.used:
            take(database, tenant_id, wanted.id, shares=undoing.used)
        if self._caps:
            run(
                database,
                _GIVE_BACK_CAPS,
                tenant_id=tenant_id,
                cap_key=self._caps,
                granted=self._granted,
                booked_at=booked_at,
            )

    def _booking_instant(self) -> datetime:
        booked_at = one_value(
            self._database,
            _BOOKING_INSTANT,
            tenant_id=self._tenant_id,
            account_id=self._accounts,
            cap_key=self._caps,
            now=self._wanted.booked_at,
        )
        assert isinstance(booked_at, datetime)
        return booked_at
