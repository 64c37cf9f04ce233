"""A unit of work: whose it is, what it keeps, and what it announces."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import InvalidRequestError

from app.core.db import after_commit, attempt, transaction
from app.core.errors import Conflict


class ChangedMind(Conflict):
    code, title = "changed_mind", "For these tests only"


def test_a_session_is_of_no_use_once_its_work_is_done(world):
    with world.work() as session:
        pass

    with pytest.raises(InvalidRequestError):
        session.execute(sa.text("SELECT 1"))


def test_what_was_refused_is_not_announced(world):
    heard = []

    def change_mind(session):
        with attempt(session):
            after_commit(session, lambda: heard.append("undone"))
            raise ChangedMind("no")

    with world.work() as session:
        with pytest.raises(ChangedMind):
            change_mind(session)
        after_commit(session, lambda: heard.append("done"))

    assert heard == ["done"]


def test_what_a_refusal_keeps_is_announced(world):
    heard = []

    def change_mind():
        with world.app.app_context(), transaction(world.tenant_id) as session:
            after_commit(session, lambda: heard.append("kept"))
            raise ChangedMind("no").kept()

    with pytest.raises(ChangedMind):
        change_mind()

    assert heard == ["kept"]
