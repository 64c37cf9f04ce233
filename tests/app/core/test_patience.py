"""Work that is waited for, but not forever."""

from threading import Event

import pytest

from app.core.patience import within


def test_work_that_hangs_is_given_up_and_left_to_itself():
    never = Event()

    with pytest.raises(TimeoutError):
        within(0.01, lambda: never.wait(10))

    never.set()


def test_a_mistake_in_the_work_is_raised_where_the_caller_waits():
    with pytest.raises(ZeroDivisionError):
        within(1, lambda: 1 // 0)
