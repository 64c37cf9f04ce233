"""A month before points lapse, by night, whoever has them is told: once for each last day."""

from datetime import UTC, datetime, timedelta

import pytest

from app.ledger import nightly

# Ten past midnight in Shanghai, thirty days before the year ends.
THE_NIGHT = datetime(2027, 11, 30, 16, 10, tzinfo=UTC)
THE_MORNING = datetime(2027, 12, 1, 0, 0, tzinfo=UTC)


@pytest.fixture
def pass_the_night(post):
    """The night's work, as the role that does it."""

    def pass_the_night(now):
        world = post.world
        with post.as_worker():
            return nightly.run_if_due(world.tenant, (), now=now)

    return pass_the_night


def told(post):
    return [(notice.person_id, notice.words["points"]) for notice in post.notices()]


def test_whoever_has_points_that_lapse_in_a_month_is_told_of_them(
    post, world, pass_the_night, lin, sim
):
    chen, poor = world.person(points=4), world.person()
    world.give(lin, 6)

    pass_the_night(THE_NIGHT)

    assert sorted(told(post)) == sorted([(lin.id, "6"), (chen.id, "4")])
    assert poor.id not in {person_id for person_id, _ in told(post)}
    assert {notice.words["day"] for notice in post.notices()} == {"2027年12月31日"}


def test_nobody_is_told_twice_or_too_early(post, world, pass_the_night, lin):
    world.give(lin, 6)

    pass_the_night(THE_NIGHT - timedelta(days=1))
    early = told(post)
    for later in range(5):
        pass_the_night(THE_NIGHT + timedelta(days=later))

    assert early == []
    assert told(post) == [(lin.id, "6")]


def test_a_night_that_was_missed_is_made_up_for(post, world, pass_the_night, lin):
    world.give(lin, 6)

    pass_the_night(THE_NIGHT + timedelta(days=6))

    assert told(post) == [(lin.id, "6")]


def test_from_the_night_to_the_phone_and_to_the_door(
    api, post, world, pass_the_night, lin, elder, grid_worker, sim, hands
):
    world.give(lin, 6)
    world.give(elder, 4)
    post.agree(lin, at=sim)
    hands.instant = THE_NIGHT

    pass_the_night(THE_NIGHT)
    assert post.send() == 0  # nobody is woken
    hands.instant = THE_MORNING
    post.send()

    (sent,) = sim.outbox()
    (line,) = api.get("/call-list", as_=grid_worker).json["items"]
    assert sent["touser"] == world.openid_of(lin)
    assert sent["data"]["date2"] == {"value": "2027年12月31日"}
    assert (line["name"], line["missed"]) == ("欧**兰", "no_account")
    assert "您有 4 分到 2027年12月31日 为止有效" in line["text"]
