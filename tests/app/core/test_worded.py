"""What a crowd asks goes to the driver itself, and is answered and refused as all else is."""

from uuid import uuid4

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import DataError, OperationalError

from app.core.worded import Worded

WORDS = Worded(sa.select(sa.bindparam("words", type_=ARRAY(sa.Text()))))
NUMBERS = Worded(
    sa.select(
        sa.bindparam("ids", type_=ARRAY(sa.Uuid())), sa.bindparam("many", type_=ARRAY(sa.Integer()))
    )
)
QUOTIENT = Worded(sa.select(sa.literal_column("7") / sa.bindparam("by", type_=sa.Integer())))
LAST_WORDS = Worded(sa.select(sa.func.pg_terminate_backend(sa.func.pg_backend_pid())))
# Whatever means something to an array, to the driver or to a statement, and what does not.
TEXTS = st.none() | st.sampled_from(["NULL", "null", "%(a)s"]) | st.text("\"\\{},'%:; \n肥a")


@pytest.fixture
def work(world):
    with world.work() as session:
        yield session


def test_texts_in_a_list_arrive_as_they_are(work):
    @settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(TEXTS))
    def arrive(words):
        assert WORDS.rows(work, {"words": words}) == [(words,)]

    arrive()


def test_ids_and_numbers_in_a_list_arrive_as_they_are(work):
    ids, many = [uuid4(), uuid4()], [0, -3, 2**31 - 1]

    assert NUMBERS.rows(work, {"ids": ids, "many": many}) == [(ids, many)]
    assert NUMBERS.rows(work, {"ids": [], "many": []}) == [([], [])]


def test_what_is_refused_is_refused_as_by_any_other_statement_and_tells_no_values(work):
    with pytest.raises(DataError) as refused:
        QUOTIENT.rows(work, {"by": "a private word"})

    assert "a private word" not in str(refused.value.params)
    assert refused.value.hide_parameters


def test_whoever_listens_to_statements_hears_it(work, said):
    QUOTIENT.rows(work, {"by": 7})

    assert [statement for statement in said if statement.startswith("SELECT 7 /")] != []


def test_a_connection_that_is_lost_is_given_up_and_the_next_unit_of_work_has_another(world):
    with pytest.raises(OperationalError) as lost, world.work() as session:
        LAST_WORDS.rows(session, {})

    assert lost.value.connection_invalidated
    with world.work() as session:
        assert QUOTIENT.rows(session, {"by": 7}) == [(1,)]
