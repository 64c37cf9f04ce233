"""Reversal: what was booked is undone by a movement of its own, the negated original.

What a reversed movement had brought somebody is taken back: first what is still free of its lot,
held points stay with their hold. What is missing is brought back first, so that the negated
original can be booked in full: what had lapsed comes back from where it went, and the rest,
spent or held, is owed. What a reversed movement had taken from somebody goes back to the same
lots; what could be spent for less than the grace from there makes one lot that lives for it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from points_engine.accounts import Account, receivable
from points_engine.corrections import check_said, has_lots
from points_engine.errors import NotReversible, ReferenceConflict
from points_engine.ledger import Transfer, TransferKind, transfer_id
from points_engine.lots import GRACE, Lot, Share, restored_until
from points_engine.redemption import check_same

_STAYS = frozenset({TransferKind.REVERSE, TransferKind.EXPIRE})
_OWED, _LAPSED = "此前已用去，记为待还", "此前已到期，先行转回"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversal:
    """Undo the movement named `of`, and say why."""

    reference: str
    of: str
    occurred_on: date
    booked_at: datetime
    actor_id: UUID
    reason: str

    def __post_init__(self) -> None:
        check_said(self.reference, self.reason)

    def as_transfer(self, tenant_id: int, original: Transfer) -> Transfer:
        """The negated original. It carries its own reason, not the fact's."""
        return Transfer(
            id=transfer_id(tenant_id, self.reference),
            kind=TransferKind.REVERSE,
            reference=self.reference,
            source=original.source,
            debit=original.credit,
            credit=original.debit,
            amount=original.amount,
            community_id=original.community_id,
            occurred_on=self.occurred_on,
            booked_at=self.booked_at,
            actor_id=self.actor_id,
            reason=self.reason,
            policy_version=original.policy_version,
            reverses=original.id,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What is left of what the original brought, and where the lapsed part of it went."""

    free: int
    lapsed: Sequence[tuple[Account, int]] = ()


@dataclass(slots=True, kw_only=True)
class Undoing:
    """Everything a reversal books: its movements in their order, and what becomes of lots.

    `used` are the uses of the last movement, the reversal itself: below zero what goes back.
    `made` are new lots, in full; those that cover what was missing are used up by `used`.
    """

    transfers: list[Transfer]
    used: list[Share] = field(default_factory=list)
    made: list[tuple[Account, Lot]] = field(default_factory=list)


def check_reversible(of: str, original: Transfer | None) -> Transfer:
    """`NotReversible` for what does not exist, what undoes something itself, and what lapsed.

    Of adjustments only those by which a community gave or took: the others belong to a reversal
    or pay for one.
    """
    if original is None or original.kind in _STAYS:
        raise NotReversible(of)
    sides = {original.debit.code, original.credit.code}
    if original.kind is TransferKind.ADJUST and "issuance" not in sides:
        raise NotReversible(of)
    return original


def check_same_reversal(first: Transfer, again: Transfer) -> None:
    """`ReferenceConflict` unless a repetition undoes what was undone."""
    check_same(first, again)
    if first.reverses != again.reverses:
        raise ReferenceConflict(again.reference)


def take_back(wanted: Transfer, left: Left, *, tenant_id: int) -> Undoing:
    """Undo what brought the debited person something."""
    account, missing = wanted.debit, wanted.amount - left.free
    covers = []
    for place, (source, amount) in enumerate(left.lapsed, start=1):
        covers.append(_cover(wanted, source, f"lapsed{place}", amount=amount, tenant_id=tenant_id))
        missing -= amount
    if missing:
        debt = receivable(account.owner_id, account.unit)
        covers.append(_cover(wanted, debt, "owed", amount=missing, tenant_id=tenant_id))
    undoing = Undoing(transfers=[*covers, wanted])
    if has_lots(account):
        undoing.made = [(account, _lot(cover, cover.amount)) for cover in covers]
        undoing.used = [Share(lot_id=cover.id, amount=cover.amount) for cover in covers]
        if left.free:
            assert wanted.reverses is not None
            undoing.used.append(Share(lot_id=wanted.reverses, amount=left.free))
    return undoing


def give_back(undoing: Undoing, taken: Iterable[tuple[Lot, int]]) -> None:
    """Let what the original had taken go back to where it came from."""
    wanted = undoing.transfers[-1]
    day, graced = wanted.occurred_on, []
    for lot, amount in sorted(taken, key=lambda each: each[0].order, reverse=True):
        if restored_until(lot.expires_on, day) == lot.expires_on:
            undoing.used.append(Share(lot_id=lot.id, amount=-amount))
        else:
            graced.append((lot, amount))
    if graced:
        grace = _lot(wanted, sum(amount for _, amount in graced))
        # Where it lapses is where most lately somebody could have let it lapse.
        grace.community_id, grace.expires_on = graced[0][0].community_id, day + GRACE
        undoing.made.append((wanted.credit, grace))


def _cover(
    wanted: Transfer, source: Account, word: str, *, amount: int, tenant_id: int
) -> Transfer:
    reference = f"{wanted.reference}:{word}"
    return Transfer(
        id=transfer_id(tenant_id, reference),
        kind=TransferKind.ADJUST,
        reference=reference,
        source=wanted.source,
        debit=source,
        credit=wanted.debit,
        amount=amount,
        community_id=wanted.community_id,
        occurred_on=wanted.occurred_on,
        booked_at=wanted.booked_at,
        actor_id=wanted.actor_id,
        reason=f"{wanted.reason}（{_OWED if word == 'owed' else _LAPSED}）",
    )


def _lot(booked: Transfer, amount: int) -> Lot:
    return Lot(
        id=booked.id,
        community_id=booked.community_id,
        earned_on=booked.occurred_on,
        expires_on=None,
        original=amount,
        remaining=amount,
    )
