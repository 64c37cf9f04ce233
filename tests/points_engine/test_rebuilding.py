"""Rebuilding, asked of the meaning alone: facts and policies make the journal that is there."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from points_engine import Fact, FactKind, MemoryEngine, Policy, Published
from points_engine.journal import (
    BOOKED,
    DECIDED,
    FIELDS,
    PARCELLED,
    GivenBack,
    LastUse,
    Moved,
    Settled,
    Standing,
)
from points_engine.rebuild import Difference, differences
from tests.points_engine import make
from tests.points_engine.asked import reversal
from tests.points_engine.remembered import Remembered
from tests.support.hands import NOON

MINUTE, HOUR, A_DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
OF_SPRING = date(2026, 4, 2)

FIRST = Policy.from_document(
    {
        "version": "2026-01",
        "in_force_from": "2026-01-01",
        "rules": [
            {"id": "time", "kind": "attendance", "category": "*", "unit": "minutes",
             "amount": 1, "per": 1, "minimum": 5},
            {"id": "points", "kind": "attendance", "category": "*", "unit": "points",
             "amount": 5, "per": 30, "caps": [{"window": "day", "limit": 20}]},
            {"id": "visit", "kind": "station_visit", "category": "*", "unit": "points",
             "amount": 1, "per": 1},
            {"id": "merit", "kind": "household", "category": "*", "unit": "household",
             "worth": "flat", "amount": 3},
            {"id": "family", "kind": "household", "category": "*", "unit": "points",
             "worth": "flat", "amount": 4,
             "caps": [{"window": "day", "limit": 6, "holder": "household"}]},
            {"id": "duty", "kind": "work", "category": "*", "unit": "work",
             "worth": "flat", "amount": -2},
        ],
        "expiry": {"kind": "rolling_months", "months": 1},
    }
)  # fmt: skip
# Published two days later, for that day and after: who was settled before keeps what was.
SECOND = replace(FIRST, version="2026-03", in_force_from=date(2026, 3, 4), rules=FIRST.rules[1:])
PUBLISHED = [Published(NOON, FIRST), Published(NOON + 2 * A_DAY, SECOND)]


class Lived:
    """A town that served, visited, paid, was wrong once, and closed a quarter behind itself."""

    def __init__(self, tenant, town):
        self.engine, self.town = MemoryEngine(tenant), town
        self.lin, self.wang, self.home = make.someone(), make.someone(), make.someone()
        self.first = town.attendance(self.lin, 90, at=NOON - 2 * MINUTE)
        self.mistake = town.attendance(self.wang, 90, at=NOON - MINUTE)
        self.duty = town.deed(self.wang, kind=FactKind.WORK)
        self._first_day()
        self._pay_and_correct()
        self._later()

    def _first_day(self):
        self.engine.publish(FIRST, now=NOON)
        merits = [
            self.town.deed(who, kind=FactKind.HOUSEHOLD, household_id=self.home, at=at)
            for who, at in ((self.lin, NOON + MINUTE), (self.wang, NOON + 2 * MINUTE))
        ]
        told = [self.town.attendance(self.lin, 60), self.town.visit(self.wang), *merits]
        self.engine.report_many([self.first, self.mistake, self.duty, *told])
        self.settle(NOON + HOUR)

    def _pay_and_correct(self):
        at = NOON + 2 * HOUR
        self.engine.spend(self.town.spending(self.lin, 5, at=at))
        self.engine.reverse(reversal(self.town, f"{self.mistake.source}:points", at=at + HOUR))

    def _later(self):
        self.engine.publish(SECOND, now=NOON + 2 * A_DAY)
        again = self.town.attendance(self.wang, 60, received_at=NOON + 3 * A_DAY)
        today = self.town.attendance(self.lin, 30, at=NOON + 3 * A_DAY)
        self.engine.report_many([again, today])
        self.settle(NOON + 3 * A_DAY + HOUR)
        spring = NOON + 40 * A_DAY + 8 * HOUR  # in China the next day has begun
        self.engine.publicise(self.town.community, "2026Q1", on=OF_SPRING, at=spring)
        self.late = self.town.attendance(self.lin, 30, at=NOON + A_DAY, received_at=spring)
        self.engine.report_many([self.late, self.town.visit(self.wang, at=spring)])
        self.settle(spring)

    def settle(self, at):
        self.engine.settle(self.town.community, self.engine.policies(), now=at)

    def rebuilt(self, changed=lambda event: [event], **other):
        """What differs when each event is told as it is changed."""
        books = Remembered(self.engine)
        told = {
            "tenant_id": books.tenant,
            "published": PUBLISHED,
            "ended": books.ended(),
            "accounts": books.standing(),
            **other,
        }
        events = [again for event in books.events() for again in changed(event)]
        return list(differences(events, **told))


@pytest.fixture
def lived(tenant, town):
    return Lived(tenant, town)


def told_of(fact: Fact, change):
    """What is told of one fact, changed."""

    def changed(event):
        is_it = isinstance(event, Settled) and event.told.source == fact.source
        return [event._replace(found=change(list(event.found))) if is_it else event]

    return changed


def with_field(name, value, *, unit):
    """A change of one field of what was found in one unit."""
    place = FIELDS.index(name)

    def change(found):
        return [
            (each, (*entry[:place], value, *entry[place + 1 :]) if each == unit else entry)
            for each, entry in found
        ]

    return change


def test_a_lived_town_follows_from_its_facts(lived):
    transfers = lived.engine._state.transfers.values()
    awards = [each for it in lived.engine._state.decided.values() for each in it.awards]

    assert {each.kind for each in transfers} == {"earn", "penalty", "redeem", "reverse"}
    assert {each.policy_version for each in awards} == {"2026-01", "2026-03"}
    assert {each.quarter for each in transfers} == {"2026Q1", "2026Q2"}
    assert {each.bound.partition("/")[0] for each in awards} == {
        "", "points.day", "family.household_day",
    }  # fmt: skip
    assert lived.rebuilt() == []


@pytest.mark.parametrize("name", FIELDS)
def test_another_value_in_any_field_is_found_and_named(lived, name):
    (found,) = lived.rebuilt(told_of(lived.first, with_field(name, "other", unit="points")))

    assert found.reference == f"{lived.first.source}:points"
    assert (list(found.expected), found.found) == ([name], {name: "other"})


@pytest.mark.parametrize("name", [*BOOKED, *PARCELLED])
def test_what_nothing_was_granted_for_has_no_booking(lived, name):
    """The first policy gives no score: there is a decision, and nothing else."""
    (found,) = lived.rebuilt(told_of(lived.first, with_field(name, "other", unit="score")))

    assert (found.expected, found.found) == ({name: None}, {name: "other"})


@pytest.mark.parametrize("name", PARCELLED)
def test_what_takes_work_away_makes_no_lot(lived, name):
    (found,) = lived.rebuilt(told_of(lived.duty, with_field(name, "other", unit="work")))

    assert (found.expected, found.found) == ({name: None}, {name: "other"})


def test_a_decision_that_was_taken_out_is_missed(lived):
    (found,) = lived.rebuilt(
        told_of(lived.first, lambda found: [each for each in found if each[0] != "points"])
    )

    assert found.reference == f"{lived.first.source}:points"
    assert set(found.expected) == {*DECIDED, *BOOKED, *PARCELLED} - NOT_OF_AN_EARNING
    assert (found.expected["granted"], set(found.found.values())) == (15, {None})


NOT_OF_AN_EARNING = {"debit_version", "debit_balance_after"}


def test_a_decision_that_no_rule_speaks_of_is_found(lived):
    forged = ("rule", "2026-01", *[None] * (len(FIELDS) - 2))

    (found,) = lived.rebuilt(told_of(lived.first, lambda found: [*found, ("work", forged)]))

    assert found == Difference(
        f"{lived.first.source}:work",
        {"rule_id": None, "policy_version": None},
        {"rule_id": "rule", "policy_version": "2026-01"},
    )


@pytest.mark.parametrize(("name", "is_there"), [("version", 4), ("balance_after", 19)])
def test_a_payment_that_does_not_fit_its_account_is_found(lived, name, is_there):
    def changed(event):
        paid = isinstance(event, Moved) and event.reference.startswith("redemption:")
        return [event._replace(**{name: getattr(event, name) + 1}) if paid else event]

    (found,) = lived.rebuilt(changed)

    assert found.reference.startswith("redemption:")
    assert found.found[name] == found.expected[name] + 1 == is_there + 1
    assert set(found.found) == set(found.expected) == {"version", "balance_after"}


def test_more_used_of_a_cap_than_was_granted_is_found(lived):
    def changed(event):
        return [event._replace(used=event.used + 1) if isinstance(event, LastUse) else event]

    found = lived.rebuilt(changed)

    keys = lived.engine._state.caps
    assert {each.reference for each in found} == {f"cap:{key}" for key in keys}
    assert all(each.found == {"used": each.expected["used"] + 1} for each in found)


def test_a_cap_of_which_nothing_was_used_is_not_expected_to_be_used(lived):
    invented = LastUse(NOON, "points.day/2026-03-02/nobody", 3)

    (found,) = lived.rebuilt(lambda event: [event, invented] if is_last_use(event) else [event])[:1]

    assert found == Difference(f"cap:{invented.key}", {"used": 0}, {"used": 3})


def is_last_use(event):
    return isinstance(event, LastUse)


def test_what_was_used_of_a_cap_is_missed_when_the_books_do_not_say_it(lived):
    found = lived.rebuilt(lambda event: [] if is_last_use(event) else [event])

    caps = lived.engine._state.caps.items()
    assert found == [Difference(f"cap:{key}", {"used": kept.used}, {}) for key, kept in caps]


def test_another_balance_and_an_account_of_nobody_are_found(lived):
    right, *others = Remembered(lived.engine).standing()
    wrong = right._replace(balance=right.balance + 1)
    nobody = Standing("0" * 32, 1, 7)

    found = lived.rebuilt(accounts=[wrong, *others, nobody])

    assert found == [
        Difference(
            f"account:{right.account_id}",
            {"version": right.version, "balance": right.balance},
            {"version": right.version, "balance": right.balance + 1},
        ),
        Difference(
            f"account:{nobody.account_id}",
            {"version": 0, "balance": 0},
            {"version": 1, "balance": 7},
        ),
    ]


def test_accounts_that_are_not_in_the_books_are_missed(lived):
    standing = Remembered(lived.engine).standing()

    found = {each.reference: each for each in lived.rebuilt(accounts=standing[1:])}

    account_id, version, balance = standing[0]
    follows = {"version": version, "balance": balance}
    assert found == {
        f"account:{account_id}": Difference(f"account:{account_id}", follows, {}),
    }


def test_nothing_is_expected_to_be_left_out(lived):
    """Without being told of accounts, policies or the end of quarters, everything differs."""
    accounts = {each.reference for each in lived.rebuilt(accounts=())}
    quarters = lived.rebuilt(ended=())
    policies = lived.rebuilt(published=PUBLISHED[:1])

    standing = Remembered(lived.engine).standing()
    assert accounts == {f"account:{each.account_id}" for each in standing}
    assert {each.reference.rpartition(":")[0] for each in quarters} == {lived.late.source}
    assert all(list(each.found.values()) == ["2026Q2"] for each in quarters)
    assert {each.found.get("policy_version") for each in policies} - {None} == {"2026-03"}


def test_a_fact_that_cannot_be_judged_cannot_have_been_settled(lived):
    def changed(event):
        if isinstance(event, Settled) and event.told.source == lived.duty.source:
            event.told.kind = "ceremony"
        return [event]

    first, *_ = lived.rebuilt(changed)

    assert first == Difference(
        lived.duty.source,
        {"judged": "ValueError: 'ceremony' is not a known kind of fact"},
        {"decided_at": NOON + HOUR},
    )


def test_the_books_of_another_tenant_have_other_identifiers(lived):
    named = {name for each in lived.rebuilt(tenant_id=lived.engine._state.tenant_id + 1)
             for name in each.expected}  # fmt: skip

    assert {"transfer_id", "debit_account_id", "credit_account_id", "lot_account_id"} <= named


def test_what_is_given_back_of_a_cap_that_nobody_used_is_found(lived):
    key = "points.day/2026-03-02/nobody"
    events = [GivenBack(NOON, (key,), 5), LastUse(NOON, key, 0)]
    first = Remembered(lived.engine).events()[0]

    (found,) = lived.rebuilt(lambda event: [*events, event] if event.at == first.at else [event])[
        :1
    ]

    assert found == Difference(f"cap:{key}", {"used": -5}, {"used": 0})


def test_policies_of_one_instant_are_known_together_in_whatever_order(lived):
    together = [Published(NOON, SECOND), Published(NOON, FIRST)]

    assert lived.rebuilt(published=together) == []
    assert lived.rebuilt(published=reversed(PUBLISHED)) == []


def test_an_entry_of_another_length_is_not_compared(lived):
    with pytest.raises(ValueError, match="zip"):
        lived.rebuilt(
            told_of(lived.first, lambda found: [(unit, entry[:-1]) for unit, entry in found])
        )
