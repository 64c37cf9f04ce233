"""Rebuilding: the journal again, from the facts and the policies, compared to the last bit.

Settlements are consequences: each is judged anew, in the order in which it was decided, by what
was published, used of the caps and ended of the quarters at that moment. Payments, reversals and
expiries are commands: they are taken as recorded, and must fit the accounts they move. Whoever
rebuilds remembers the caps in use and what every account has, and nothing of what is past.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from points_engine.accounts import OwnerKind, Unit
from points_engine.awards import UNJUDGEABLE, Award, Weighed, describe, grant, weigh_one
from points_engine.expiring import CHINA
from points_engine.identifiers import derived_hex
from points_engine.journal import (
    BOOKED,
    FIELDS,
    PARCELLED,
    Ended,
    Entry,
    Event,
    GivenBack,
    Moved,
    Published,
    Settled,
    Standing,
    Told,
)
from points_engine.ledger import earn_reference
from points_engine.lots import first_last_day
from points_engine.periods import open_quarter
from points_engine.policy import Policies

_NOTHING: Entry = (None,) * len(FIELDS)
_NOT_BOOKED: Entry = (None,) * (len(BOOKED) + len(PARCELLED))
_NO_LOT: Entry = (None,) * len(PARCELLED)


@dataclass(frozen=True, slots=True)
class Difference:
    """Where the books are not what follows from the facts: only what differs, by its name."""

    reference: str
    expected: Mapping[str, object]
    found: Mapping[str, object]


def differences(
    events: Iterable[Event],
    *,
    tenant_id: int,
    published: Iterable[Published],
    ended: Iterable[Ended] = (),
    accounts: Iterable[Standing] = (),
) -> Iterator[Difference]:
    """Where the books differ from what follows from their facts; nothing when they are right.

    The events come in the order of their instants, at one instant the settlements in the order of
    their facts and the last uses of caps at the end. Later entries of an account that is wrong
    once are wrong with it, so read the first difference first.
    """
    books = _Books(tenant_id, published, ended)
    for event in events:
        yield from books.take(event)
    for account in accounts:
        yield from books.compare(account)
    yield from books.unaccounted()


class _Books:
    """The books as they follow so far."""

    def __init__(
        self, tenant_id: int, published: Iterable[Published], ended: Iterable[Ended]
    ) -> None:
        self._names = _Names(tenant_id)
        self._rules = _Rules(published)
        self._quarters = _Quarters(ended)
        self._used: dict[str, int] = {}
        self._accounts: dict[str, tuple[int, int]] = {}  # by identifier: version and balance

    def take(self, event: Event) -> Iterator[Difference]:
        if isinstance(event, Settled):
            yield from self._settled(event)
        elif isinstance(event, Moved):
            yield from self._moved(event)
        elif isinstance(event, GivenBack):
            for key in event.caps:
                self._used[key] = self._used.get(key, 0) - event.amount
        else:
            follows = {"used": self._used.pop(event.key, 0)}
            yield from _compared(f"cap:{event.key}", follows, {"used": event.used})

    def compare(self, account: Standing) -> Iterator[Difference]:
        version, balance = self._accounts.pop(account.account_id, (0, 0))
        yield from _compared(
            f"account:{account.account_id}",
            {"version": version, "balance": balance},
            {"version": account.version, "balance": account.balance},
        )

    def unaccounted(self) -> Iterator[Difference]:
        """What follows and is not in the books at all."""
        for account_id, (version, balance) in self._accounts.items():
            follows = {"version": version, "balance": balance}
            yield Difference(f"account:{account_id}", follows, {})
        for key, used in self._used.items():
            yield Difference(f"cap:{key}", {"used": used}, {})

    def _settled(self, event: Settled) -> Iterator[Difference]:
        source = event.told.source
        try:
            awards = weigh_one(0, event.told, self._rules.at(event.at))
        except UNJUDGEABLE as problem:
            yield Difference(source, {"judged": describe(problem)}, {"decided_at": event.at})
            return
        grant(Weighed(awards), self._used)
        follows = {award.unit.value: self._entry(event, award) for award in awards}
        for unit, entry in event.found:
            expected = follows.pop(unit, _NOTHING)
            if tuple(entry) != tuple(expected):
                yield _difference(f"{source}:{unit}", expected, entry)
        for unit, expected in follows.items():
            yield _difference(f"{source}:{unit}", expected, _NOTHING)

    def _moved(self, event: Moved) -> Iterator[Difference]:
        version, balance = self._step(event.account_id, event.amount)
        yield from _compared(
            event.reference,
            {"version": version, "balance_after": balance},
            {"version": event.version, "balance_after": event.balance_after},
        )

    def _step(self, account_id: str, amount: int) -> tuple[int, int]:
        version, balance = self._accounts.get(account_id, (0, 0))
        self._accounts[account_id] = step = version + 1, balance + amount
        return step

    def _entry(self, event: Settled, award: Award) -> Entry:
        decided = (
            award.rule_id,
            award.policy_version,
            award.raw,
            award.granted,
            award.reason,
            award.bound,
            list(award.cap_keys),
            event.at,
        )
        return (*decided, *(self._booked(event, award) if award.granted else _NOT_BOOKED))

    def _booked(self, event: Settled, award: Award) -> Entry:
        told, earned = event.told, award.granted > 0
        reference = earn_reference(told.source, award.unit)
        ours, theirs = self._names.issuance(told, award.unit), self._names.account(told, award.unit)
        step = self._step(theirs, award.granted)
        booked = (
            self._names.transfer(reference),
            "earn" if earned else "penalty",
            reference,
            told.source,
            *((ours, theirs) if earned else (theirs, ours)),
            abs(award.granted),
            award.policy_version,
            told.community_id,
            self._quarters.of(told, event.at),
            told.occurred_on,
            event.at,
            told.actor_id,
            "",
            *((None, None, *step) if earned else (*step, None, None)),
        )
        return (*booked, *(_lot(event, award, theirs) if award.unit is Unit.POINTS else _NO_LOT))


def _lot(event: Settled, award: Award, account_id: str) -> Entry:
    told, day = event.told, event.at.astimezone(CHINA).date()
    last_day = first_last_day(award.expires_on, day)
    return account_id, told.community_id, told.occurred_on, last_day, award.granted


class _Rules:
    """Which policies settlements knew at an instant."""

    def __init__(self, published: Iterable[Published]) -> None:
        known = sorted(published, key=lambda each: each.published_at)
        self._instants = [each.published_at for each in known]
        self._policies = [
            Policies(each.policy for each in known[:number]) for number in range(len(known) + 1)
        ]

    def at(self, instant: datetime) -> Policies:
        return self._policies[bisect_right(self._instants, instant)]


class _Quarters:
    """Which quarters were open at an instant."""

    def __init__(self, ended: Iterable[Ended]) -> None:
        self._ended: defaultdict[str, list[Ended]] = defaultdict(list)
        for each in ended:
            self._ended[each.community_id].append(each)

    def of(self, told: Told, at: datetime) -> str:
        known = self._ended.get(told.community_id, ())
        return open_quarter(
            told.occurred_on, {each.quarter for each in known if each.ended_at <= at}
        )


class _Names:
    """The identifiers of what settlements move. Those that come again soon are remembered."""

    def __init__(self, tenant_id: int) -> None:
        self._tenant_id = tenant_id
        self._account = lru_cache(maxsize=1 << 16)(self._derived)

    def transfer(self, reference: str) -> str:
        return derived_hex(self._tenant_id, "transfer", reference)

    def issuance(self, told: Told, unit: Unit) -> str:
        return self._account((OwnerKind.COMMUNITY, told.community_id), unit, "issuance")

    def account(self, told: Told, unit: Unit) -> str:
        owner = OwnerKind.PERSON, told.beneficiary_id
        if unit is Unit.HOUSEHOLD:
            owner = OwnerKind.HOUSEHOLD, str(told.household_id)
        return self._account(owner, unit, "red_account")

    def _derived(self, owner: tuple[OwnerKind, str], unit: Unit, code: str) -> str:
        kind, owner_id = owner
        return derived_hex(self._tenant_id, "account", kind.value, owner_id, unit.value, code)


def _compared(
    reference: str, expected: Mapping[str, int], found: Mapping[str, int]
) -> Iterator[Difference]:
    if expected != found:
        yield Difference(reference, expected, found)


def _difference(reference: str, expected: Entry, found: Entry) -> Difference:
    named = list(zip(FIELDS, expected, found, strict=True))
    return Difference(
        reference,
        {name: follows for name, follows, is_there in named if follows != is_there},
        {name: is_there for name, follows, is_there in named if follows != is_there},
    )
