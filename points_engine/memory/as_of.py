"""Balances of the past in dictionaries: the lines of an account, read until they go too far."""

from collections.abc import Iterator
from datetime import datetime

from points_engine.accounts import Account
from points_engine.as_of import AsOf, check_asked
from points_engine.memory.state import State


def as_of(state: State, account: Account, *, at: datetime | None, version: int | None) -> AsOf:
    check_asked(account, at=at, version=version)
    found = AsOf()
    for each in _versions(state, account):
        assert each.booked_at is not None
        if (at is not None and each.booked_at > at) or (
            version is not None and each.version > version
        ):
            break
        found = each
    return found


def _versions(state: State, account: Account) -> Iterator[AsOf]:
    for reference in state.by_account.get(account, ()):
        booked = state.transfers[reference]
        credited = booked.credit == account
        balance = booked.credit_balance_after if credited else booked.debit_balance_after
        version = booked.credit_version if credited else booked.debit_version
        assert balance is not None
        assert version is not None
        yield AsOf(balance=balance, version=version, booked_at=booked.booked_at)
