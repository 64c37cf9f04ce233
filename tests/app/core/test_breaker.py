"""When a failing service is left alone, and when it is tried again."""

from threading import Barrier, Event, Thread

import pytest

from app.core.breaker import CircuitBreaker, CircuitOpen


@pytest.fixture
def breaker(clock):
    return CircuitBreaker(monotonic=clock.monotonic)


def call(breaker, *, works):
    return breaker.run(lambda: works, failed=lambda result: not result)


def fail(breaker, times):
    for _ in range(times):
        call(breaker, works=False)


def test_four_failures_are_bad_luck(breaker):
    fail(breaker, 4)

    assert call(breaker, works=True)


def test_five_failures_open_it(breaker):
    fail(breaker, 5)

    with pytest.raises(CircuitOpen) as rest:
        call(breaker, works=True)

    assert rest.value.seconds == 30


def test_successes_in_between_excuse_nothing(breaker):
    for _ in range(4):
        call(breaker, works=False)
        call(breaker, works=True)
    call(breaker, works=False)

    with pytest.raises(CircuitOpen):
        call(breaker, works=True)


def test_five_failures_spread_over_more_than_the_window_do_not_open_it(breaker, clock):
    fail(breaker, 4)
    clock.move(seconds=31)

    fail(breaker, 4)

    assert call(breaker, works=True)


def test_it_rests_to_the_second(breaker, clock):
    fail(breaker, 5)

    clock.move(seconds=29.5)
    with pytest.raises(CircuitOpen) as rest:
        call(breaker, works=True)
    clock.move(seconds=0.5)

    assert rest.value.seconds == 1
    assert call(breaker, works=True)


def test_after_a_good_trial_failures_are_counted_afresh(breaker, clock):
    fail(breaker, 5)
    clock.move(seconds=30)
    call(breaker, works=True)

    fail(breaker, 4)

    assert call(breaker, works=True)


def test_a_failed_trial_opens_it_for_another_rest(breaker, clock):
    fail(breaker, 5)
    clock.move(seconds=30)
    call(breaker, works=False)

    clock.move(seconds=29)
    with pytest.raises(CircuitOpen):
        call(breaker, works=True)
    clock.move(seconds=1)

    assert call(breaker, works=True)


def test_a_trial_that_raises_has_failed_and_another_may_follow(breaker, clock):
    fail(breaker, 5)
    clock.move(seconds=30)
    with pytest.raises(ZeroDivisionError):
        breaker.run(lambda: 1 // 0, failed=bool)
    with pytest.raises(CircuitOpen):
        call(breaker, works=True)

    clock.move(seconds=30)

    assert call(breaker, works=True)


def test_one_trial_at_a_time(breaker, clock):
    fail(breaker, 5)
    clock.move(seconds=30)
    under_way, finish = Event(), Event()

    def trial():
        under_way.set()
        return finish.wait(5)

    trying = Thread(target=lambda: breaker.run(trial, failed=lambda well: not well))
    trying.start()
    under_way.wait(5)
    with pytest.raises(CircuitOpen):
        call(breaker, works=True)
    finish.set()
    trying.join()

    assert call(breaker, works=True)


def test_calls_that_began_before_the_opening_do_not_prolong_or_end_it(breaker, clock):
    begin, finish = Barrier(7), Event()

    def slow(*, works):
        begin.wait(5)
        finish.wait(5)
        return works

    late = [
        Thread(
            target=lambda works=works: breaker.run(
                lambda: slow(works=works), failed=lambda well: not well
            )
        )
        for works in (True, *[False] * 5)
    ]
    for thread in late:
        thread.start()
    begin.wait(5)
    fail(breaker, 5)
    clock.move(seconds=20)
    finish.set()
    for thread in late:
        thread.join()

    with pytest.raises(CircuitOpen) as rest:
        call(breaker, works=True)

    assert rest.value.seconds == 10
