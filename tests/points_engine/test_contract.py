"""The exam that every implementation of the engine sits."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from points_engine import (
    ALWAYS_JUDGED,
    Balance,
    Expiry,
    ExpiryKind,
    FactKind,
    InsufficientPoints,
    LineCursor,
    Policies,
    Policy,
    PolicyConflict,
    Reason,
    ReferenceConflict,
    Rule,
    Settled,
    SourceConflict,
    TransferKind,
    Unit,
)
from tests.points_engine import make
from tests.points_engine.make import DAY, HOURS, POLICIES
from tests.points_engine.poison import POISON
from tests.support.hands import NOON

INSTANT = timedelta(microseconds=1)
A_MINUTE = timedelta(minutes=1)


def settle(engine, town, *, now=NOON, policies=POLICIES, limit=1000):
    return engine.settle(town.community, policies, now=now, limit=limit)


def posted(engine, who):
    balances = engine.balances(who, on=DAY)
    return {unit.value: balances[unit].posted for unit in ALWAYS_JUDGED}


def test_a_fact_waits_until_it_is_settled(engine, town):
    lin = make.someone()
    fact = town.attendance(lin, minutes=90)

    assert engine.report(fact)

    assert engine.waiting(lin) == [fact]
    assert engine.communities_waiting(NOON) == [town.community]
    assert posted(engine, lin) == {"minutes": 0, "score": 0, "points": 0}


def test_facts_are_found_by_their_sources_settled_or_not(engine, town):
    lin = make.someone()
    settled, waiting = town.attendance(lin), town.attendance(lin)
    engine.report(settled)
    settle(engine, town)
    engine.report(waiting)

    found = engine.facts([settled.source, waiting.source, "attendance:never"])

    assert found == {settled.source: settled, waiting.source: waiting}


def test_settling_gives_each_unit_what_its_rule_says(engine, town):
    lin = make.someone()
    engine.report(town.attendance(lin, minutes=100))

    settled = settle(engine, town)

    assert settled == Settled(facts=1, transfers=3)
    assert posted(engine, lin) == {"minutes": 100, "score": 15, "points": 15}
    assert engine.waiting(lin) == []
    assert engine.communities_waiting(NOON) == []


def test_a_source_counts_once_however_often_it_is_told(engine, town):
    lin = make.someone()
    fact = town.attendance(lin)
    engine.report(fact)

    assert not engine.report(make.told_again(fact))
    settle(engine, town)
    assert not engine.report(make.told_again(fact))
    settle(engine, town)

    assert posted(engine, lin)["points"] == 15


def test_a_source_told_differently_is_refused(engine, town):
    fact = town.attendance(make.someone(), minutes=90)
    engine.report(fact)

    with pytest.raises(SourceConflict) as refused:
        engine.report(replace(make.told_again(fact), quantity=91))

    assert refused.value.source == fact.source
    assert refused.value.code == "source_conflict"


def test_an_identifier_belongs_to_one_fact(engine, town):
    fact = town.attendance(make.someone())
    engine.report(fact)

    with pytest.raises(SourceConflict):
        engine.report(replace(fact, source="attendance:another"))


def test_many_facts_told_at_once_are_as_good_as_one_after_the_other(engine, town):
    lin, wang = make.someone(), make.someone()
    facts = [town.attendance(lin, minutes=100), town.visit(wang), town.visit(lin)]

    assert engine.report_many(facts) == 3

    assert engine.facts(fact.source for fact in facts) == {fact.source: fact for fact in facts}
    assert settle(engine, town).facts == 3
    assert posted(engine, lin) == {"minutes": 100, "score": 15, "points": 17}
    assert posted(engine, wang)["points"] == 2


def test_among_many_facts_a_source_counts_once_however_often_it_is_told(engine, town):
    known, new = town.attendance(make.someone()), town.attendance(make.someone())
    engine.report(known)

    assert engine.report_many([make.told_again(known), new, make.told_again(new)]) == 1
    assert engine.report_many([new, known]) == 0

    assert settle(engine, town).facts == 2


def test_among_many_facts_a_source_told_differently_is_refused(engine, town):
    known, new = town.attendance(make.someone(), minutes=90), town.attendance(make.someone())
    engine.report(known)

    with pytest.raises(SourceConflict) as refused:
        engine.report_many([new, replace(make.told_again(known), quantity=91)])

    assert refused.value.source == known.source


def test_many_facts_may_be_none(engine):
    assert engine.report_many([]) == 0


def test_a_fact_is_not_settled_before_it_was_received(engine, town):
    lin = make.someone()
    engine.report(town.visit(lin, received_at=NOON + timedelta(minutes=5)))

    assert settle(engine, town, now=NOON) == Settled()
    assert engine.communities_waiting(NOON) == []
    assert settle(engine, town, now=NOON + timedelta(minutes=5)).facts == 1


def test_a_batch_takes_no_more_than_its_limit(engine, town):
    lin = make.someone()
    for _ in range(5):
        engine.report(town.visit(lin))

    sizes = [settle(engine, town, limit=2).claimed for _ in range(4)]

    assert sizes == [2, 2, 1, 0]
    assert posted(engine, lin)["points"] == 10


def test_a_community_settles_its_own_facts(engine, town):
    lin, elsewhere = make.someone(), make.a_town()
    engine.report(town.visit(lin))
    engine.report(elsewhere.visit(lin))

    settle(engine, town)

    assert posted(engine, lin)["points"] == 2
    assert engine.communities_waiting(NOON) == [elsewhere.community]


def test_a_refusal_is_kept_with_its_reason(engine, town):
    lin = make.someone()
    fact = town.attendance(lin, minutes=12)
    engine.report(fact)
    assert engine.decisions(fact.source) == []

    settle(engine, town)

    judged = [decision.judgement for decision in engine.decisions(fact.source)]
    assert [each.unit for each in judged] == [Unit.MINUTES, Unit.SCORE, Unit.POINTS]
    assert [each.granted for each in judged] == [12, 0, 0]
    assert [each.reason for each in judged] == [
        Reason.GRANTED,
        Reason.BELOW_MINIMUM,
        Reason.BELOW_MINIMUM,
    ]
    assert judged[2].explanation == "服务 12 分钟，满 30 分钟才计分，还差 18 分钟"
    assert [line.unit for line in engine.lines(lin)] == [Unit.MINUTES]


def test_a_fact_is_judged_by_the_policy_of_its_day(engine, town):
    lin = make.someone()
    doubled = replace(HOURS.rules[0], worth=replace(HOURS.rules[0].worth, amount=4))
    march = Policy(version="2026-03", in_force_from=date(2026, 3, 2), rules=(doubled,))
    for day in (NOON - timedelta(days=1), NOON, NOON - timedelta(days=100)):
        engine.report(town.visit(lin, at=day, source=f"visit:{day.date()}"))

    settle(engine, town, policies=Policies([march, HOURS]))

    by_source = {line.source: line for line in engine.lines(lin)}
    assert by_source["visit:2026-03-01"].amount == 2
    assert by_source["visit:2026-03-02"].amount == 4
    assert by_source["visit:2026-03-02"].policy_version == "2026-03"
    (first, *_) = engine.decisions("visit:2025-11-22")
    assert (first.judgement.reason, first.judgement.policy_version) == (Reason.NO_RULE, "")


def test_a_line_says_what_moved_and_why(engine, town):
    lin = make.someone()
    fact = town.attendance(lin, minutes=90)
    engine.report(fact)
    settle(engine, town)

    (line,) = engine.lines(lin, Unit.POINTS)

    assert (line.amount, line.balance_after, line.version) == (15, 15, 1)
    assert (line.kind, line.source) == (TransferKind.EARN, fact.source)
    assert line.reference == f"{fact.source}:points"
    assert line.reason == "服务 90 分钟 × 10 分/小时 = 15 分"
    assert (line.policy_version, line.occurred_on) == ("2026-01", fact.occurred_on)
    assert (line.booked_at, line.actor_id) == (NOON, fact.actor_id)


def test_the_passbook_reads_the_same_in_pages_as_at_once(engine, town):
    lin = make.someone()
    for number in range(7):
        engine.report(town.attendance(lin, minutes=30 + number))
        settle(engine, town, now=NOON + timedelta(minutes=number // 2))
    engine.spend(town.spending(lin, 12, at=NOON + timedelta(hours=1)))

    whole = engine.lines(lin, limit=100)
    read, last = [], None
    while page := engine.lines(lin, before=last, limit=4):
        read, last = read + page, page[-1].cursor

    assert len(whole) == 22
    assert read == whole
    assert [line.cursor for line in whole] == sorted((x.cursor for x in whole), reverse=True)


@pytest.mark.parametrize("unit", ALWAYS_JUDGED)
def test_the_lines_of_one_unit_chain(engine, town, unit):
    lin = make.someone()
    for minutes in (30, 61, 300):
        engine.report(town.attendance(lin, minutes=minutes))
    settle(engine, town)
    engine.spend(town.spending(lin, 7))

    lines = list(reversed(engine.lines(lin, unit)))

    running = 0
    for version, line in enumerate(lines, start=1):
        running += line.amount
        assert (line.balance_after, line.version) == (running, version)
    assert engine.balances(lin, on=DAY)[unit] == Balance(posted=running)


def test_a_page_from_before_the_beginning_is_empty(engine, town):
    lin = make.someone()
    engine.report(town.visit(lin))
    settle(engine, town)

    start = LineCursor(booked_at=NOON - timedelta(days=1), version=0, reference="")

    assert engine.lines(lin, before=start) == []


def test_spending_takes_points_and_nothing_else(engine, town):
    lin = make.someone()
    engine.report(town.attendance(lin, minutes=90))
    settle(engine, town)

    paid = engine.spend(town.spending(lin, 12))

    assert (paid.debit_version, paid.debit_balance_after) == (2, 3)
    assert (paid.kind, paid.quarter, paid.unit) == (TransferKind.REDEEM, "2026Q1", Unit.POINTS)
    assert posted(engine, lin) == {"minutes": 90, "score": 15, "points": 3}
    assert engine.lines(lin, Unit.POINTS)[0].amount == -12


def test_what_is_not_settled_cannot_be_spent(engine, town):
    lin = make.someone()
    engine.report(town.attendance(lin, minutes=90))

    with pytest.raises(InsufficientPoints) as refused:
        engine.spend(town.spending(lin, 1))

    assert (refused.value.balance, refused.value.needed) == (0, 1)


def test_the_last_point_can_be_spent_and_not_one_more(engine, town):
    lin = make.someone()
    engine.report(town.visit(lin))
    settle(engine, town)

    with pytest.raises(InsufficientPoints):
        engine.spend(town.spending(lin, 3))
    engine.spend(town.spending(lin, 2))
    with pytest.raises(InsufficientPoints):
        engine.spend(town.spending(lin, 1))

    assert posted(engine, lin)["points"] == 0


def test_a_repeated_spending_gives_the_first_transfer(engine, town):
    lin = make.someone()
    engine.report(town.visit(lin))
    settle(engine, town)
    asked = town.spending(lin, 2)

    first = engine.spend(asked)
    later = NOON + timedelta(hours=13)
    again = engine.spend(replace(asked, booked_at=later, occurred_on=later.date()))

    assert again == first
    assert posted(engine, lin)["points"] == 0


def test_what_was_refused_stays_refused_when_there_would_be_enough(engine, town):
    lin = make.someone()
    engine.report(town.visit(lin))
    settle(engine, town)
    asked = town.spending(lin, 3)
    with pytest.raises(InsufficientPoints):
        engine.spend(asked)
    engine.report(town.visit(lin))
    settle(engine, town)

    later = NOON + timedelta(hours=13)
    with pytest.raises(InsufficientPoints) as refused:
        engine.spend(replace(asked, booked_at=later, occurred_on=later.date()))

    assert (refused.value.balance, refused.value.needed) == (2, 3)
    assert engine.spend(town.spending(lin, 3)).debit_balance_after == 1


@pytest.mark.parametrize("other", [{"amount": 1}, {"payer_id": make.someone()}, {"reason": "-"}])
def test_a_refused_reference_stands_for_what_was_refused(engine, town, other):
    asked = town.spending(make.someone(), 3)
    with pytest.raises(InsufficientPoints):
        engine.spend(asked)

    with pytest.raises(ReferenceConflict) as refused:
        engine.spend(replace(asked, **other))

    assert refused.value.reference == asked.reference


def test_points_leave_by_the_first_lots_to_expire_and_never_from_lapsed_ones(engine, town):
    lin, next_year = make.someone(), NOON + timedelta(days=365)
    for at in (NOON, next_year):
        engine.report(town.attendance(lin, minutes=60, at=at))
        settle(engine, town, now=at)

    engine.spend(town.spending(lin, 4, at=next_year))

    new_year = date(2028, 1, 1)
    assert engine.balances(lin, on=new_year)[Unit.POINTS] == Balance(posted=16, lapsed=6)
    with pytest.raises(InsufficientPoints) as refused:
        engine.spend(town.spending(lin, 11, at=NOON.replace(year=2028)))
    assert (refused.value.balance, refused.value.needed) == (10, 11)
    engine.spend(town.spending(lin, 10, at=NOON.replace(year=2028)))


def test_a_payment_takes_from_as_many_lots_as_it_needs(engine, town):
    lin = make.someone()
    for _ in range(30):
        engine.report(town.visit(lin))
    settle(engine, town)

    assert engine.spend(town.spending(lin, 59)).debit_balance_after == 1
    assert engine.spend(town.spending(lin, 1)).debit_balance_after == 0


@pytest.mark.parametrize(
    "other",
    [
        {"amount": 1},
        {"shop_id": make.someone()},
        {"payer_id": make.someone()},
        {"community_id": make.someone()},
        {"actor_id": make.someone()},
        {"reason": "兑换 食用油 1 瓶"},
    ],
    ids=lambda other: next(iter(other)),
)
def test_a_reference_stands_for_one_movement(engine, town, other):
    lin = make.someone()
    engine.report(town.visit(lin))
    settle(engine, town)
    asked = town.spending(lin, 2)
    engine.spend(asked)

    with pytest.raises(ReferenceConflict) as refused:
        engine.spend(replace(asked, **other))

    assert refused.value.reference == asked.reference


def test_a_clock_that_is_behind_cannot_book_into_the_past(engine, town):
    lin = make.someone()
    engine.report(town.attendance(lin, at=NOON - timedelta(hours=2)))
    settle(engine, town, now=NOON)

    early = engine.spend(town.spending(lin, 1, at=NOON - timedelta(minutes=1)))
    engine.report(town.visit(lin, at=NOON - timedelta(hours=1)))
    settle(engine, town, now=NOON - timedelta(minutes=2))

    assert early.booked_at == NOON + INSTANT
    assert [line.version for line in engine.lines(lin, Unit.POINTS)] == [3, 2, 1]
    booked = [line.booked_at for line in engine.lines(lin, Unit.POINTS)]
    assert booked == [NOON + 2 * INSTANT, NOON + INSTANT, NOON]


def test_a_fact_that_cannot_be_judged_keeps_nobody_waiting(engine, town):
    lin, wang = make.someone(), make.someone()
    bad = town.attendance(lin, minutes=60, category="poison")
    engine.report(bad)
    engine.report(town.attendance(wang, minutes=60))

    settled = settle(engine, town, policies=POISON)

    assert settled == Settled(facts=1, transfers=2, quarantined=1)
    assert posted(engine, wang)["points"] == 10
    assert engine.waiting(lin) == [bad]
    assert engine.communities_waiting(NOON) == []
    (set_apart,) = engine.quarantined()
    assert (set_apart.source, set_apart.attempts) == (bad.source, 1)
    assert set_apart.error == "ZeroDivisionError: integer division or modulo by zero"


def test_a_released_fact_is_settled_like_any_other(engine, town):
    lin = make.someone()
    bad = town.attendance(lin, minutes=60, category="poison")
    engine.report(bad)
    settle(engine, town, policies=POISON)

    assert engine.retry(bad.id, not_before=NOON)
    assert not engine.retry(bad.id, not_before=NOON)
    settle(engine, town)

    assert engine.quarantined() == []
    assert posted(engine, lin)["points"] == 10


def test_what_is_settled_just_after_its_last_day_can_still_be_spent(engine, town):
    """The day that counts is the people's: half past midnight there is yesterday in UTC."""
    lin, new_year = make.someone(), date(2027, 1, 1)
    ends = replace(HOURS, expiry=Expiry(kind=ExpiryKind.NATURAL_YEAR))
    evening = datetime(2026, 12, 31, 12, tzinfo=UTC)
    engine.report(town.attendance(lin, minutes=180, at=evening))

    settle(engine, town, now=datetime(2026, 12, 31, 16, 30, tzinfo=UTC), policies=Policies([ends]))

    balance = engine.balances(lin, on=new_year)[Unit.POINTS]
    assert (balance.posted, balance.available) == (30, 30)
    assert engine.schedule(lin, on=new_year)[0].expires_on == new_year + timedelta(days=30)


def test_the_decisions_of_a_person_are_read_in_pages(engine, town):
    lin = make.someone()
    for hour in range(5):
        engine.report(town.attendance(lin, minutes=10, at=NOON + timedelta(hours=hour)))
    engine.report(town.visit(make.someone()))
    settle(engine, town, now=NOON + timedelta(days=1))

    whole = engine.decisions_of(lin, limit=100)
    read, last = [], None
    while page := engine.decisions_of(lin, before=last, limit=2):
        read, last = read + page, page[-1].cursor

    assert read == whole
    assert [each.occurred_at.hour for each in whole[::3]] == [8, 7, 6, 5, 4]
    assert [each.judgement.unit for each in whole[:3]] == list(ALWAYS_JUDGED)


def test_a_policy_is_published_once_and_for_good(engine):
    assert not engine.publish(HOURS, now=NOON)

    with pytest.raises(PolicyConflict):
        engine.publish(replace(HOURS, rules=HOURS.rules[:1]), now=NOON)
    with pytest.raises(PolicyConflict):
        engine.publish(replace(HOURS, version="2026-01b"), now=NOON)

    assert list(engine.policies()) == [HOURS]


def test_rules_keep_their_limits_when_published(engine, town):
    engine.publish(HOURS, now=NOON)
    lin = make.someone()
    engine.report(town.attendance(lin, minutes=300))

    settle(engine, town, policies=engine.policies())

    capped: Rule | None = HOURS.rule_for(FactKind.ATTENDANCE, "environment", Unit.POINTS)
    assert posted(engine, lin)["points"] == capped.cap


def test_what_settlement_credited_on_a_day_is_told_for_everybody_at_once(engine, town):
    lin, chen = sorted(make.someone() for _ in range(2))
    for who, minutes in ((chen, 60), (lin, 120), (lin, 60)):
        engine.report(town.attendance(who, minutes=minutes))
    settle(engine, town)
    given = engine.lines(lin, Unit.POINTS)
    engine.spend(town.spending(lin, 2))

    told = engine.earned(NOON, NOON + A_MINUTE)

    assert list(told) == [lin, chen]
    assert told[lin][Unit.POINTS] == sum(line.amount for line in given)
    assert told[lin][Unit.MINUTES] == 180
    assert (
        engine.earned(NOON - A_MINUTE, NOON)
        == engine.earned(NOON + A_MINUTE, NOON + 2 * A_MINUTE)
        == {}
    )
