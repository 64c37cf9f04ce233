"""The stand-in's access tokens: two issuers, each by its own rules."""

from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest

from app.wechat.standin.tokens import Tokens
from tests.support.hands import NOON

GOOD = 87009  # the token passed, and the missing signature did not
NOT_LATEST, EXPIRED, MISSING = 40001, 42001, 41001
TOKEN = "/cgi-bin/stable_token"


def test_a_token_is_of_a_length_that_has_to_be_stored(sim):
    answer = sim.stable_token()

    assert 130 <= len(answer["access_token"]) <= 200
    assert answer["expires_in"] == 7200


def test_no_token_and_a_made_up_one(sim):
    assert sim.token_errcode("") == MISSING
    assert sim.token_errcode("made-up") == NOT_LATEST


def test_a_classic_token_replaces_the_one_before_after_five_minutes(sim, clock):
    old, new = sim.token(), sim.token()

    clock.move(seconds=299)
    during = sim.token_errcode(old)
    clock.move(seconds=1)

    assert old != new
    assert during == GOOD
    assert sim.token_errcode(old) == NOT_LATEST
    assert sim.token_errcode(new) == GOOD


def test_a_token_expires_after_two_hours(sim, clock):
    token = sim.token()

    clock.move(seconds=7199)
    assert sim.token_errcode(token) == GOOD
    clock.move(seconds=1)
    assert sim.token_errcode(token) == EXPIRED


def test_the_stable_token_stays_the_same(sim, clock):
    first = sim.stable_token()
    clock.move(seconds=6899)

    again = sim.stable_token()

    assert again == {"access_token": first["access_token"], "expires_in": 301}


def test_the_stable_token_is_renewed_at_its_end_and_both_work_for_five_minutes(sim, clock):
    old = sim.stable_token()["access_token"]
    clock.move(seconds=7100)

    new = sim.stable_token()
    clock.move(seconds=299)
    during = sim.token_errcode(old)
    clock.move(seconds=1)

    assert new["access_token"] != old
    assert new["expires_in"] == 7200
    assert during == GOOD
    assert sim.token_errcode(old) == EXPIRED
    assert sim.token_errcode(new["access_token"]) == GOOD


def test_a_forced_token_kills_the_old_one_at_once(sim):
    old = sim.stable_token()["access_token"]

    new = sim.stable_token(force_refresh=True)["access_token"]

    assert sim.token_errcode(old) == NOT_LATEST
    assert sim.token_errcode(new) == GOOD


def test_forcing_again_within_half_a_minute_changes_nothing(sim, clock):
    sim.stable_token()
    first = sim.stable_token(force_refresh=True)["access_token"]

    clock.move(seconds=29)
    too_soon = sim.stable_token(force_refresh=True)["access_token"]
    clock.move(seconds=1)
    later = sim.stable_token(force_refresh=True)["access_token"]

    assert too_soon == first
    assert later != first


def test_forcing_works_twenty_times_a_civil_day(sim, clock):
    sim.stable_token()
    forced = set()
    for _ in range(21):
        forced.add(sim.stable_token(force_refresh=True)["access_token"])
        clock.move(seconds=30)

    clock.move(seconds=12 * 3600)  # from noon past midnight, where WeChat is
    tomorrow = sim.stable_token()["access_token"]
    forced_tomorrow = sim.stable_token(force_refresh=True)["access_token"]

    assert len(forced) == 20
    assert forced_tomorrow != tomorrow


def test_the_issuers_leave_each_other_alone(sim, clock):
    stable, classic = sim.stable_token()["access_token"], sim.token()

    sim.token()
    sim.stable_token(force_refresh=True)
    clock.move(seconds=200)

    assert sim.token_errcode(classic) == GOOD
    assert sim.token_errcode(stable) == NOT_LATEST
    assert sim.stable_token()["access_token"] != classic


@pytest.mark.parametrize(
    ("content", "errcode"),
    [
        (b"", 44002),
        (b"{", 47001),
        (b"[]", 47001),
        (b"[" * 50_000, 47001),
        (b'{"grant_type":"client_credential\\u0020"}', 47002),
        (b"{}", 40002),
        (b'{"grant_type":"client_credential"}', 41002),
        (b'{"grant_type":"client_credential","appid":5}', 41002),
    ],
)
def test_bodies_are_checked_in_order(sim, content, errcode):
    assert sim.post_raw(TOKEN, content).json()["errcode"] == errcode


def test_the_stable_token_wants_a_post_and_a_true_or_false(sim):
    assert sim.get(TOKEN).json()["errcode"] == 43002
    assert sim.stable_token(secret="wrong")["errcode"] == 40125
    assert sim.stable_token(force_refresh="yes")["errcode"] == 47001


def test_many_at_once_are_given_one_stable_token():
    tokens = Tokens(Random(1))

    with ThreadPoolExecutor(16) as workers:
        given = list(workers.map(lambda _: tokens.issue_stable(NOON, force=False), range(64)))

    assert len({answer["access_token"] for answer in given}) == 1
