"""The same redemption asked for twice is one redemption, whatever became of it."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from app.core.db import Database, Limits
from tests.support.browser import Browser
from tests.support.crowd import outcomes
from tests.support.refusals import refusal

CLAIMED = """
    INSERT INTO idempotency (tenant_id, id, actor_id, key, fingerprint, created_at)
    VALUES (:tenant_id, :id, :actor, :key, '', :now)
"""
KEY = re.compile(r'name="idempotency_key" value="([^"]+)"')


def claimed_by(world, actor, key):
    """What another request of somebody writes first."""
    ours = {"tenant_id": world.tenant_id, "id": uuid4(), "actor": actor.id}
    return {**ours, "key": key, "now": world.now()}


def test_a_lost_receipt_is_printed_again_byte_for_byte(world, counter, hands):
    lin, key = world.person(points=100), uuid4().hex
    shown = counter.code(lin)
    first = counter.redeem(shown, key=key)
    hands.move(hours=1)

    with world.changes() as changed:
        again = counter.redeem(shown, key=key)

    assert (again.status_code, again.data) == (201, first.data)
    assert again.content_type == first.content_type
    assert again.headers["Idempotency-Replayed"] == "true"
    assert changed == {}
    assert (world.points_of(lin), world.on_hand(counter.rice)) == (84, 9)


def test_a_refused_redemption_stays_refused_under_its_key(world, counter):
    lin, key = world.person(points=2), uuid4().hex
    shown = counter.code(lin)
    first = counter.redeem(shown, key=key)
    world.give(lin, 100)

    with world.changes() as changed:
        again = counter.redeem(shown, key=key)

    assert refusal(first) == (409, "insufficient_points")
    assert (again.status_code, again.data) == (409, first.data)
    assert again.content_type == "application/problem+json"
    assert again.headers["Idempotency-Replayed"] == "true"
    assert changed == {}


def test_a_key_stands_for_one_body(world, counter):
    lin, key = world.person(points=100), uuid4().hex
    shown = counter.code(lin)
    counter.redeem(shown, key=key)

    with world.changes() as changed:
        more = counter.redeem(shown, key=key, quantity=2)
        other_code = counter.redeem(counter.code(world.person()), key=key)

    assert refusal(more) == (422, "idempotency_key_reused")
    assert refusal(other_code) == (422, "idempotency_key_reused")
    assert "transfer" not in changed
    assert "redemption" not in changed


def test_a_key_stands_for_one_shop(api, world, counter):
    shown, key = counter.code(world.person(points=100)), uuid4().hex
    counter.redeem(shown, key=key)

    second = world.shop(name="Second shop")
    answer = api.post(
        f"/shops/{second.id}/redemptions", as_=counter.manager, key=key, **counter.order(shown)
    )

    assert refusal(answer) == (422, "idempotency_key_reused")


def test_without_a_key_nothing_is_redeemed(api, world, counter):
    shown = counter.code(world.person(points=100))

    with world.changes() as changed:
        answer = api.post(counter.path, as_=counter.manager, **counter.order(shown))

    assert refusal(answer) == (400, "idempotency_key_missing")
    assert changed == {}
    assert counter.redeem(shown).status_code == 201


@pytest.mark.parametrize("key", ["short", "x" * 15, "x" * 256, "a key with many spaces", "键" * 16])
def test_a_key_of_another_form_is_refused(api, world, counter, key):
    order = counter.order(counter.code(world.person(points=100)))

    with world.changes() as changed:
        answer = api.post(counter.path, as_=counter.manager, key=key, **order)

    assert refusal(answer) == (400, "idempotency_key_malformed")
    assert changed == {}


@pytest.mark.parametrize("key", ["x" * 16, "~" * 255])
def test_a_key_of_the_shortest_and_the_longest_form_will_do(world, counter, key):
    assert counter.redeem(counter.code(world.person(points=100)), key=key).status_code == 201


def test_a_body_that_was_invalid_leaves_its_key_free(world, counter):
    shown, key = counter.code(world.person(points=100)), uuid4().hex
    counter.redeem(shown, key=key, quantity=0)

    assert counter.redeem(shown, key=key).status_code == 201


def test_the_same_redemption_twice_at_once_is_one(world, counter, crowd):
    lin, key = world.person(points=100), uuid4().hex
    shown = counter.code(lin)
    crowd.sign_in(counter.manager)

    answers = crowd.at_once([lambda api: counter.redeem(shown, key=key, api=api)] * 8)

    assert outcomes(answers) == {"created": 8}
    assert len({answer.data for answer in answers}) == 1
    assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == 7
    assert (world.points_of(lin), world.on_hand(counter.rice)) == (84, 9)
    assert world.violations() == []


@pytest.fixture
def hurried(app, settings, monkeypatch):
    """The app waits for another request a second, which is how long a test of it takes."""
    database = Database(settings.database_url, role="app", limits=Limits(lock_seconds=1))
    monkeypatch.setitem(app.extensions, "database", database)
    yield database
    database.engine.dispose()


@pytest.mark.usefixtures("hurried")
def test_what_is_still_being_worked_on_is_asked_for_again_later(owner, world, counter):
    shown, key = counter.code(world.person(points=100)), uuid4().hex

    other_request = owner.open(world.tenant_id)
    other_request.execute(sa.text(CLAIMED), claimed_by(world, counter.manager, key))
    answer = counter.redeem(shown, key=key)
    other_request.rollback()
    other_request.close()

    assert refusal(answer) == (409, "request_in_flight")
    assert answer.headers["Retry-After"] == "1"


@pytest.mark.usefixtures("hurried")
def test_the_page_asks_again_under_the_same_key_while_nobody_knows_what_became_of_it(
    owner, world, api, counter
):
    lin, desk = world.person(points=100), Browser(world, api, counter.manager)
    where, shown = f"/counter/{counter.shop.id}", counter.code(lin)
    key = KEY.search(desk.get(where).text).group(1)
    form = {
        "path": where,
        "shown_on": where,
        "redeem_code": shown,
        f"qty-{counter.rice.id}": "1",
    }

    other_request = owner.open(world.tenant_id)
    other_request.execute(sa.text(CLAIMED), claimed_by(world, counter.manager, key))
    unknown = desk.submit(**form, idempotency_key=key)
    other_request.rollback()
    other_request.close()
    sold = desk.submit(**form, idempotency_key=KEY.search(unknown.text).group(1))

    assert unknown.status_code == 409
    assert f'value="{shown}"' in unknown.text
    assert KEY.search(unknown.text).group(1) == key
    assert "兑换成功" in sold.text
    assert KEY.search(sold.text).group(1) != key


def test_two_bodies_at_once_under_one_key_are_one_sale_and_one_refusal(world, counter, crowd):
    lin, key = world.person(points=100), uuid4().hex
    shown = counter.code(lin)
    crowd.sign_in(counter.manager)

    answers = crowd.at_once(
        [
            lambda api: counter.redeem(shown, key=key, api=api),
            lambda api: counter.redeem(shown, key=key, quantity=2, api=api),
        ]
    )

    assert outcomes(answers) == {"created": 1, "idempotency_key_reused": 1}
    assert world.violations() == []


def test_a_yes_that_came_to_nothing_comes_to_nothing_again(world, api, counter):
    """The refusal undoes what the answer had begun, but for what is kept of it."""
    rich = world.person(points=400)
    oil = world.item(counter.shop, name="食用油", points=180, stock=3)
    question = counter.redeem(counter.code(rich), item=oil).json["question"]
    cooling = sa.text("UPDATE person SET cooling_until = :until WHERE id = :id")
    with world.own() as session:
        session.execute(cooling, {"until": world.now() + timedelta(hours=1), "id": rich.id})
    path = f"/me/sale-questions/{question['id']}/confirmation"

    first, again = (api.post(path, as_=rich, key="y" * 20) for _ in range(2))

    assert refusal(first) == (409, "phone_cooling_down")
    assert again.data == first.data
    assert again.headers["Idempotency-Replayed"] == "true"
    assert world.points_of(rich) == 400
