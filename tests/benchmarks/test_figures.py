"""The arithmetic of figures: medians, ratios, promises."""

import pytest

from benchmarks.figures import (
    Line,
    Measured,
    at_least,
    at_most,
    in_turns,
    peaks,
    percentile,
    rates,
    wall_rates,
)
from benchmarks.table import table


def turn(count, *, wall=1.0, client=0.5, server=0.5, peak=0):
    return Measured(count=count, wall=wall, client_cpu=client, server_cpu=server, peak=peak)


def test_a_ratio_compares_the_medians_of_what_a_cpu_second_does():
    product = [turn(60, wall=9), turn(10, wall=2), turn(50, wall=5)]
    floor = [turn(100), turn(200), turn(90)]

    line = rates("settle", product, floor, things="facts", promise=at_least(0.5))

    assert (line.product, line.floor, line.ratio) == (50, 100, 0.5)
    assert line.is_kept
    assert line.more["product_per_second"] == pytest.approx(6.7)


def test_processor_time_is_that_of_the_client_and_of_the_server():
    line = rates("spend", [turn(10, client=3, server=1)], [turn(10)], things="payments")

    assert (line.product, line.floor) == (2.5, 10)
    assert line.more["product_client_share"] == 0.75
    assert line.is_kept is None


def test_what_is_lost_by_waiting_shows_by_the_clock():
    line = wall_rates("till", [turn(10, wall=2)], [turn(10)], things="payments")

    assert line.ratio == 0.5


def test_memory_is_compared_with_that_of_a_smaller_task():
    line = peaks("replay", [turn(1, peak=3 * 2**20)], [turn(1, peak=2**21)], promise=at_most(1.5))

    assert (line.product, line.floor, line.is_kept) == (3, 2, True)


@pytest.mark.parametrize(
    ("promise", "ratio", "kept"),
    [
        (at_least(0.6), 0.6, True),
        (at_least(0.6), 0.59, False),
        (at_most(1.3), 1.3, True),
        (at_most(1.3), 1.31, False),
    ],
    ids=["just enough", "too little", "just not too much", "too much"],
)
def test_a_promise_is_kept_up_to_its_bound(promise, ratio, kept):
    assert promise.is_kept(ratio) is kept


@pytest.mark.parametrize(("percent", "value"), [(50, 50), (99, 99), (100, 100), (0, 1)])
def test_a_percentile_is_one_of_the_values(percent, value):
    assert percentile(range(100, 0, -1), percent) == value


def test_turns_go_forth_and_back():
    taken = []

    def note(name):
        taken.append(name)
        return turn(1)

    measured = in_turns(3, {"product": lambda: note("product"), "floor": lambda: note("floor")})

    assert taken == ["product", "floor", "floor", "product", "product", "floor"]
    assert {name: len(turns) for name, turns in measured.items()} == {"product": 3, "floor": 3}


def test_a_line_says_figure_floor_ratio_and_promise_to_people_and_to_programs():
    broken = Line(name="settle", unit="facts", product=1, floor=4, promise=at_least(0.6))
    skipped = Line(name="check", skipped="there is none yet")

    shown = table([broken, skipped])

    assert broken.as_json() == {
        "name": "settle",
        "unit": "facts",
        "product": 1,
        "floor": 4,
        "ratio": 0.25,
        "promise": ">= 0.6",
        "kept": False,
    }
    assert "0.25   >= 0.6  BROKEN" in shown
    assert skipped.as_json() == {"name": "check", "skipped": "there is none yet"}
    assert skipped.is_kept is None
