"""A unit of work: whose it is, what it keeps, and what it announces."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import InvalidRequestError

from app.activities.models import Activity
from app.core.db import after_commit, attempt, get, transaction
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


def test_rows_may_refer_to_one_that_is_held(api, world):
    lin, activity = world.person(), world.activity()
    code = world.venue_code(activity)

    with world.work() as session:
        assert get(session, Activity, activity.id, lock=True)
        answer = api.post(f"/activities/{activity.id}/check-ins", as_=lin, code=code)

    assert answer.status_code == 201
