"""Quarters come to their end, on both engines: publicised, closed, proved."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from points_engine import (
    MemoryEngine,
    NothingToProve,
    PeriodNotReady,
    Unit,
)
from points_engine.periods import last_day, open_quarter
from tests.points_engine import make
from tests.points_engine.conftest import Committing
from tests.points_engine.make import POLICIES
from tests.support.hands import NOON

APRIL, JULY, OCTOBER = date(2026, 4, 1), date(2026, 7, 1), date(2026, 10, 1)
SPRING = NOON + timedelta(days=60)
SUMMER = NOON + timedelta(days=140)
SECRET = bytes(range(32))
OTHER = bytes(32)


def earn(engine, town, who, *, at=NOON, now=None, minutes=90):
    engine.report(town.attendance(who, minutes, at=at))
    engine.settle(town.community, POLICIES, now=now or at)


def publicise(engine, town, quarter="2026Q1", *, on=APRIL):
    return engine.publicise(town.community, quarter, on=on, at=SPRING)


def close(engine, town, quarter="2026Q1", *, secret=SECRET):
    return engine.close(town.community, quarter, at=SPRING, secret=secret)


def closed(engine, town, quarter="2026Q1", *, on=APRIL):
    publicise(engine, town, quarter, on=on)
    return close(engine, town, quarter)


def refused(deed, *arguments, **named):
    with pytest.raises(PeriodNotReady) as refusal:
        deed(*arguments, **named)
    return str(refusal.value)


@pytest.mark.parametrize(
    ("day", "ended", "quarter"),
    [
        (date(2026, 3, 31), [], "2026Q1"),
        (date(2026, 3, 31), ["2026Q1"], "2026Q2"),
        (date(2026, 3, 31), ["2025Q4"], "2026Q1"),
        (date(2026, 3, 31), ["2026Q4"], "2027Q1"),
        (date(2026, 12, 31), ["2026Q3", "2026Q2"], "2026Q4"),
    ],
)
def test_what_is_late_counts_in_the_first_quarter_after_those_that_ended(day, ended, quarter):
    assert open_quarter(day, ended) == quarter


@pytest.mark.parametrize(
    ("quarter", "day"),
    [("2026Q1", date(2026, 3, 31)), ("2026Q2", date(2026, 6, 30)), ("2024Q4", date(2024, 12, 31))],
)
def test_a_quarter_has_a_last_day(quarter, day):
    assert last_day(quarter) == day


@pytest.mark.parametrize("text", ["2026Q5", "2026", "Q1", "2026Q1 "])
def test_what_is_no_quarter_has_none(text):
    with pytest.raises(ValueError, match="is not a quarter"):
        last_day(text)


def test_a_quarter_is_publicised_once_and_only_when_it_is_over(committing, town):
    too_early = refused(publicise, committing, town, on=date(2026, 3, 31))

    assert too_early == "2026Q1 can be publicised when it is over, after 2026-03-31"
    assert publicise(committing, town)
    assert not publicise(committing, town)


def test_quarters_are_publicised_and_closed_in_their_order(committing, town):
    lin = make.someone()
    earn(committing, town, lin)
    earn(committing, town, lin, at=SPRING)

    early = refused(publicise, committing, town, "2026Q2", on=JULY)
    publicise(committing, town)
    publicise(committing, town, "2026Q2", on=JULY)
    unsealed = refused(close, committing, town, "2026Q2")

    assert early == "2026Q2 can be publicised after 2026Q1"
    assert unsealed == "2026Q2 can be closed after 2026Q1"
    first, second = close(committing, town), close(committing, town, "2026Q2")
    assert (first.previous_root, second.previous_root) == (None, first.root)
    assert committing.seals(town.community) == [first, second]


def test_a_quarter_in_which_nothing_was_booked_may_be_passed_over(committing, town):
    lin = make.someone()
    earn(committing, town, lin, at=SPRING)

    publicise(committing, town, "2026Q2", on=JULY)

    assert (
        refused(publicise, committing, town) == "2026Q1 was passed over: nothing was booked in it"
    )
    # What comes to light now cannot count in it any more.
    earn(committing, town, lin, at=NOON, now=SUMMER)
    assert committing.lines(lin)[0].quarter == "2026Q3"
    assert committing.spend(town.spending(lin, 4)).quarter == "2026Q3"


def test_the_quarters_of_another_community_are_its_own(committing, town):
    lin, elsewhere = make.someone(), replace(town, community=make.someone())
    earn(committing, town, lin)

    assert publicise(committing, elsewhere, "2026Q2", on=JULY)
    assert close(committing, elsewhere, "2026Q2").leaf_count == 0
    assert committing.seals(town.community) == []
    earn(committing, town, lin)
    assert {line.quarter for line in committing.lines(lin)} == {"2026Q1"}


def test_a_publicised_quarter_refuses_nothing_and_what_is_late_says_so(committing, town):
    lin = make.someone()
    earn(committing, town, lin)
    publicise(committing, town)

    earn(committing, town, lin, at=NOON + timedelta(days=1), now=SPRING)
    paid = committing.spend(town.spending(lin, 4, at=NOON + timedelta(days=2)))

    assert paid.quarter == "2026Q2"
    _paid, late, before = committing.lines(lin, Unit.POINTS)
    assert late.reason == f"{before.reason}（2026Q1 已结账，计入 2026Q2）"
    assert committing.balances(lin, on=APRIL)[Unit.POINTS].posted == 26


def test_what_is_late_for_two_quarters_counts_in_the_third(committing, town):
    lin = make.someone()
    for quarter, on in (("2026Q1", APRIL), ("2026Q2", JULY)):
        publicise(committing, town, quarter, on=on)

    earn(committing, town, lin, now=SUMMER)

    assert {line.quarter for line in committing.lines(lin)} == {"2026Q3"}


def test_a_quarter_is_closed_when_it_was_publicised(committing, town):
    assert refused(close, committing, town) == "2026Q1 can be closed when it was publicised"


def test_closing_twice_gives_the_first_seal(committing, town):
    earn(committing, town, make.someone())
    seal = closed(committing, town)

    assert close(committing, town, secret=OTHER) == seal
    assert committing.seals(town.community) == [seal]


def test_a_seal_names_what_is_sealed(committing, town):
    lin = make.someone()
    earn(committing, town, lin)
    paid = committing.spend(town.spending(lin, 4))
    publicise(committing, town)
    earn(committing, town, lin, now=SPRING)

    seal = close(committing, town)

    assert (seal.community_id, seal.quarter) == (town.community, "2026Q1")
    assert (seal.leaf_count, seal.last_transfer, seal.sealed_at) == (4, paid.id, SPRING)


@pytest.mark.parametrize("secret", [b"", bytes(31)], ids=len)
def test_a_secret_of_another_length_closes_nothing(committing, town, secret):
    earn(committing, town, make.someone())
    publicise(committing, town)

    with pytest.raises(ValueError, match="32 bytes"):
        close(committing, town, secret=secret)

    assert committing.seals(town.community) == []


def test_every_line_of_a_closed_quarter_is_proved(committing, town, verified):
    people = [make.someone() for _ in range(5)]
    for who in people:
        earn(committing, town, who)
        committing.spend(town.spending(who, 3))
    seal = closed(committing, town)
    earn(committing, town, people[0], at=SPRING)

    for who in people:
        proof = committing.prove(town.community, "2026Q1", person_id=who)
        proved = {line["transfer"]["id"] for line in proof["lines"]}
        lines = [line for line in committing.lines(who) if line.quarter == "2026Q1"]
        assert proved == {str(line.transfer_id) for line in lines}
        assert len(proved) == 4
        assert verified(proof, notice=seal.notice())[0] == 0


def test_a_proof_holds_nobody_elses_words(committing, town):
    lin, wang = make.someone(), make.someone()
    for who in (lin, wang):
        earn(committing, town, who)
    closed(committing, town)

    proof = str(committing.prove(town.community, "2026Q1", person_id=lin))

    assert all(line.source not in proof for line in committing.lines(wang))
    assert SECRET.hex() not in proof


def test_a_changed_proof_is_found_out(committing, town, verified):
    lin = make.someone()
    earn(committing, town, lin)
    seal = closed(committing, town)
    proof = committing.prove(town.community, "2026Q1", person_id=lin)

    proof["lines"][0]["transfer"]["amount"] += 1

    assert verified(proof, notice=seal.notice())[0] == 1


def test_there_is_no_proof_before_there_is_a_seal(committing, town):
    lin = make.someone()
    earn(committing, town, lin)
    publicise(committing, town)

    refusal = refused(committing.prove, town.community, "2026Q1", person_id=lin)

    assert refusal == "2026Q1 can be proved when it was closed"


def test_who_has_no_line_has_nothing_to_prove(committing, town):
    earn(committing, town, make.someone())
    closed(committing, town)

    with pytest.raises(NothingToProve, match="no line of this person in 2026Q1"):
        committing.prove(town.community, "2026Q1", person_id=make.someone())


def test_both_engines_seal_the_same_life_with_the_same_root(books, tenant, town):
    people = [make.someone() for _ in range(3)]
    deeds = [town.attendance(who, 30 + 10 * n) for n, who in enumerate(people * 4)]
    payments = [town.spending(who, 2) for who in people]
    late, second = town.visit(people[0]), town.attendance(people[1], at=SPRING)

    def life(engine):
        engine.publish(make.HOURS, now=NOON)
        engine.report_many(deeds)
        while engine.settle(town.community, POLICIES, now=NOON, limit=5).claimed:
            pass
        for payment in payments:
            engine.spend(payment)
        seals = [closed(engine, town)]
        engine.report_many([late, second])
        engine.settle(town.community, POLICIES, now=SPRING)
        seals.append(closed(engine, town, "2026Q2", on=JULY))
        proofs = [engine.prove(town.community, "2026Q2", person_id=who) for who in people[:2]]
        return seals, proofs

    memory, postgres = life(MemoryEngine(tenant)), life(Committing(books, tenant))

    assert memory == postgres
    assert memory[0][1].leaf_count == 4


def test_a_quarter_that_was_passed_over_is_closed_before_the_next(committing, town):
    for quarter in ("2025Q4", "2026Q1"):
        publicise(committing, town, quarter)

    assert "2025Q4" in refused(close, committing, town, "2026Q1")

    close(committing, town, "2025Q4")
    assert close(committing, town, "2026Q1").previous_root is not None
