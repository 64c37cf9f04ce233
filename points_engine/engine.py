"""What an engine does: one protocol, kept by the dictionaries and by PostgreSQL alike."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Protocol
from uuid import UUID

from points_engine.accounts import Account, Unit
from points_engine.as_of import AsOf
from points_engine.corrections import Adjustment, Donation, Repayment
from points_engine.expiring import CHINA, Expired
from points_engine.facts import Fact
from points_engine.ledger import Transfer
from points_engine.lots import Destination, Expiring, Hold
from points_engine.passbook import Balance, Decision, FactCursor, Line, LineCursor
from points_engine.policy import Policies, Policy
from points_engine.proofs import Document, Seal
from points_engine.redemption import Capture, Reservation, Spending
from points_engine.reversal import Reversal


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What one batch did: facts decided, transfers booked, facts set apart as unjudgeable."""

    facts: int = 0
    transfers: int = 0
    quarantined: int = 0

    @property
    def claimed(self) -> int:
        """How many facts the batch took from the queue: at 0 nothing was left to take."""
        return self.facts + self.quarantined


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """A fact that could not be judged: kept, visible, and in nobody's way."""

    fact_id: UUID
    source: str
    community_id: UUID
    beneficiary_id: UUID
    attempts: int
    error: str
    quarantined_at: datetime


class Engine(Protocol):
    """One tenant's engine. It commits nothing and reads no clock: the caller does both."""

    def report(self, fact: Fact) -> bool:
        """Take in a fact, to be settled from its `received_at` on.

        False when its source is known with the same content; `SourceConflict` when it is known
        with another.
        """
        ...

    def report_many(self, told: Sequence[Fact]) -> int:
        """Take in many facts as if each were reported; how many of them were new.

        After a `SourceConflict` the caller must roll back: some may have been taken in.
        """
        ...

    def waiting(self, beneficiary_id: UUID) -> list[Fact]:
        """The facts of one person that are not settled yet, oldest first."""
        ...

    def facts(self, sources: Iterable[str]) -> dict[str, Fact]:
        """The facts of these sources, settled or not; unknown sources are left out."""
        ...

    def communities_waiting(self, now: datetime) -> list[UUID]:
        """The communities in which a fact could be settled now, in the order of their ids."""
        ...

    def settle(
        self, community_id: UUID, policies: Policies, *, now: datetime, limit: int = 1000
    ) -> Settled:
        """Decide up to `limit` waiting facts of one community and book what they earn.

        Any number of workers may do so at once. However the facts are cut into batches, the
        balances, the amounts and the references are the same.
        """
        ...

    def quarantined(self, *, limit: int = 100) -> list[Quarantined]:
        """Facts that could not be judged, the first to fail first."""
        ...

    def retry(self, fact_id: UUID, *, not_before: datetime) -> bool:
        """Put a quarantined fact back in the queue. False when it is not in quarantine."""
        ...

    def spend(self, spending: Spending) -> Transfer:
        """Take points from the payer at once. One payer a transaction: they are locked.

        Settled points only. The same spending again gives the first transfer; another one
        under its reference is a `ReferenceConflict`; too few points are `InsufficientPoints`.
        That refusal is written before it is raised: when the caller commits it, the same
        spending stays refused for ever.
        """
        ...

    def hold(self, reservation: Reservation) -> Hold:
        """Keep points for somebody who will come for them. One payer a transaction.

        Repeatable, refused and kept as refused like a spending. From its `expires_at` on a hold
        counts no more, whether or not anybody has ended it.
        """
        ...

    def capture(self, capture: Capture) -> Transfer:
        """Pay with what is held, all or a part of it; the rest is free again.

        Also with what lapsed while it was held. Once: the same capture again gives the first
        transfer, another one is a `ReferenceConflict`. `HoldEnded` when it is held no more.
        """
        ...

    def release_hold(self, reference: str, *, at: datetime, on: date) -> Hold:
        """Give up what is held: it is free again, for 30 days at least if it lapsed meanwhile.

        A hold that has ended without a payment stays as it is; `HoldEnded` when it was paid.
        """
        ...

    def lapse_holds(self, now: datetime, *, on: date, limit: int = 100) -> int:
        """End up to `limit` holds for which nobody came in time; answer how many.

        Any number of workers may do so at once.
        """
        ...

    def holds(self, payer_id: UUID) -> list[Hold]:
        """A payer's holds that nobody has ended, the first to end first."""
        ...

    def reverse(self, reversal: Reversal) -> Transfer:
        """Undo one movement by its negation, once.

        Of what somebody had got, what is spent or held is owed from then on. What somebody had
        paid goes back to where it came from. The same again gives the first transfer; another
        reversal of the same is `AlreadyReversed`; what cannot be undone is `NotReversible`.
        """
        ...

    def adjust(self, adjustment: Adjustment) -> Transfer:
        """Give or take by hand, with a reason.

        The same again gives the first transfer, as with everything that has a reference.
        """
        ...

    def donate(self, donation: Donation) -> Transfer:
        """Give points to a love pool or to another person, whose they are from then on."""
        ...

    def repay(self, repayment: Repayment) -> Transfer:
        """Pay back what is owed, all of it or a part; `NotOwed` when it would be more."""
        ...

    def expire(
        self, on: date, *, now: datetime, limit: int = 1000, zone: tzinfo = CHINA
    ) -> Expired:
        """Book out what is free of up to `limit` lots whose last day is before `on`.

        What is held stays with its hold. Any number of workers may do so at once, each until
        nothing is claimed any more.
        """
        ...

    def choose_expiry(self, person_id: UUID, goes_to: Destination, *, chosen_at: datetime) -> None:
        """Say where points shall go that lapse. The latest choice before their day ends counts.

        Of two choices of one instant the first stands.
        """
        ...

    def chosen_expiry(self, person_id: UUID, *, at: datetime) -> Destination:
        """Where points of a person would go that lapse at an instant."""
        ...

    def schedule(self, person_id: UUID, *, on: date, until: date | None = None) -> list[Expiring]:
        """What a person has, by the last day on which it can be spent, the soonest first.

        Amounts include what is held. What never expires comes last; with `until` it and
        whatever lapses later is left out.
        """
        ...

    def ending(self, last_day: date) -> dict[UUID, int]:
        """What people have that can be spent on that day for the last time, in their order."""
        ...

    def earned(self, since: datetime, until: datetime) -> dict[UUID, dict[Unit, int]]:
        """What settlement credited people from one instant up to another, in their order."""
        ...

    def outstanding(self, community_id: UUID) -> int:
        """The points that a community gave and that are still in somebody's account."""
        ...

    def balances(self, person_id: UUID, *, on: date) -> dict[Unit, Balance]:
        """The balance of each of a person's units on a civil day; zero where nothing was booked."""
        ...

    def balance_as_of(
        self, person_id: UUID, unit: Unit, *, at: datetime | None = None, version: int | None = None
    ) -> AsOf:
        """What a person had of a unit once everything up to an instant or a version was booked."""
        ...

    def account_as_of(
        self, account: Account, *, at: datetime | None = None, version: int | None = None
    ) -> AsOf:
        """The same of any account that keeps a balance, a household's for instance."""
        ...

    def lines(
        self,
        person_id: UUID,
        unit: Unit | None = None,
        *,
        before: LineCursor | None = None,
        limit: int = 50,
    ) -> list[Line]:
        """A page of the passbook, newest first. Its cost does not grow with its depth."""
        ...

    def decisions(self, source: str) -> list[Decision]:
        """What was decided about one fact, one for each unit; nothing while it waits."""
        ...

    def decisions_of(
        self, person_id: UUID, *, before: FactCursor | None = None, limit: int = 50
    ) -> list[Decision]:
        """The decisions about up to `limit` facts of one person, the latest fact first."""
        ...

    def publicise(self, community_id: UUID, quarter: str, *, on: date, at: datetime) -> bool:
        """From now on nothing is booked into a quarter that was over before `on`.

        False when it is publicised already. `PeriodNotReady` unless it is the next to be.
        """
        ...

    def close(self, community_id: UUID, quarter: str, *, at: datetime, secret: bytes) -> Seal:
        """Seal a quarter for good; the first seal when it is closed already.

        In a transaction that began after the publicising was committed. `secret` is 32 random
        bytes of its own. `PeriodNotReady`, or `PeriodBusy`: then the same again in a moment.
        """
        ...

    def seals(self, community_id: UUID) -> list[Seal]:
        """The seals of a community's closed quarters, the first quarter first."""
        ...

    def prove(self, community_id: UUID, quarter: str, *, person_id: UUID) -> Document:
        """The proof of all that moved on a person's accounts in a closed quarter.

        `PeriodNotReady`, `NothingToProve`, or `SealBroken` when it is not what was sealed.
        """
        ...

    def publish(self, policy: Policy, *, now: datetime) -> bool:
        """Publish a policy for good. False when that very policy is published already.

        `PolicyConflict` when its version or its first day belongs to another one.
        """
        ...

    def policies(self) -> Policies:
        """Every published policy."""
        ...
