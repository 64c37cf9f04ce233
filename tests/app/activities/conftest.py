"""Two members of staff, a draft, and the way from it to people with places."""

from datetime import timedelta

import pytest

from app.activities import jobs
from app.core.db import acting_as


@pytest.fixture
def clerk(world):
    return world.staff("community_clerk")


@pytest.fixture
def secretary(world):
    return world.staff("community_secretary")


@pytest.fixture
def draft_body(world, hands):
    """What somebody plans for next week."""

    def draft_body(**fields):
        starts = hands() + timedelta(days=7)
        return {
            "community_id": str(world.units["Mingde"]),
            "title": "河道清洁",
            "category": "environment",
            "place": "东岸",
            "starts_at": starts.isoformat(),
            "ends_at": (starts + timedelta(hours=2)).isoformat(),
            "tasks": [{"name": "捡拾", "minutes": 120, "places": 2}],
            **fields,
        }

    return draft_body


@pytest.fixture
def drafted(api, clerk, draft_body):
    """The address of a draft of the clerk's."""

    def drafted(**fields):
        answer = api.post("/activities", as_=clerk, **draft_body(**fields))
        assert answer.status_code == 201, answer.json
        return f"/activities/{answer.json['activity']['id']}"

    return drafted


@pytest.fixture
def published(api, drafted, clerk, secretary):
    """The address of what the clerk drafted and the secretary published."""

    def published(**fields):
        path = drafted(**fields)
        api.post(f"{path}/submission", as_=clerk)
        assert api.post(f"{path}/publication", as_=secretary).status_code == 201
        return path

    return published


@pytest.fixture
def sweep(world, settings):
    """What the worker does when it is rung, or by itself, with the worker's rights."""

    def sweep():
        with world.app.app_context(), acting_as("worker", settings.worker_database_url):
            return jobs.go_on_in(world.tenant)

    return sweep


@pytest.fixture
def leader(world):
    return world.staff("station_manager")


@pytest.fixture
def stranger(world):
    """A manager of another community."""
    world.unit("community", "Xinhua", under="East Street")
    return world.staff("station_manager", at="Xinhua")


@pytest.fixture
def activity(world):
    return world.activity()


@pytest.fixture
def come(api, world, hands, activity):
    """People who came to the activity and left it ninety minutes later."""

    def come(*people):
        for way in ("in", "out"):
            for person in people:
                path = f"/activities/{activity.id}/check-{way}s"
                answer = api.post(path, as_=person, code=world.venue_code(activity, way))
                assert answer.status_code == 201, answer.json
            hands.move(minutes=90 if way == "in" else 1)

    return come


@pytest.fixture
def say(api, activity):
    def say(person, rating=4, **body):
        path = f"/activities/{activity.id}/feedback"
        return api.post(path, as_=person, rating=rating, **body)

    return say


@pytest.fixture
def check_words(world):
    """Lets the worker have the words that wait looked at."""

    def check_words():
        with world.as_worker():
            return jobs.check_words_of(world.tenant)

    return check_words
