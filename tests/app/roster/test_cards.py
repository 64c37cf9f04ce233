"""存折卡 over the API: given out once, found by its number, and its PIN kept from everybody."""

import pytest

from tests.support.refusals import refusal


@pytest.fixture
def clerk(world):
    return world.staff("community_clerk", name="李社工")


@pytest.fixture
def wang(world):
    return world.person("王阿婆")


@pytest.fixture
def choose(api, clerk, wang):
    def choose(pin, *, key, who=clerk, whose=wang, **said):
        return api.post(f"/people/{whose.id}/card/pin", as_=who, key=key * 20, pin=pin, **said)

    return choose


def test_a_card_is_given_out_once_and_found_by_its_number(api, clerk, wang):
    path = f"/people/{wang.id}/card"

    before = api.get(path, as_=clerk).json["card"]
    given = api.post(path, as_=clerk, key="a" * 20)
    again = api.post(path, as_=clerk, key="b" * 20)
    number = given.json["card"]["number"]
    found = api.post("/person-cards/search", as_=clerk, number=f" {number.lower()} ")

    assert before == {
        "person_id": str(wang.id),
        "name_masked": "王*婆",
        "number": None,
        "pin": "none",
    }
    assert given.status_code == 201
    assert again.json == given.json == found.json == api.get(path, as_=clerk).json


def test_the_pin_is_chosen_once_for_a_key_and_proves_the_card(world, api, choose, wang, counter):
    number = world.card(wang)
    world.give(wang, 40)

    first, again = choose("2580", key="a"), choose("2580", key="a")
    unsaid, other = choose("9274", key="b"), choose("9274", key="a")
    card = {"card_no": number, "pin": "2580"}
    lines = [{"item_id": str(counter.rice.id), "quantity": 1}]
    sold = api.post(counter.path, as_=counter.manager, key="c" * 20, card=card, lines=lines)

    assert first.json["card"]["pin"] == "set"
    assert again.json == first.json
    assert refusal(unsaid) == (422, "pin_reason_missing")
    assert refusal(other) == (422, "idempotency_key_reused")
    assert sold.status_code == 201
    assert choose("9274", key="d", reason="忘记密码").status_code == 200
    assert not any(world.holds_text(pin) for pin in ('"2580"', '"9274"'))


def test_a_weak_pin_is_refused_and_the_key_stays_free(choose):
    assert refusal(choose("1234", key="a")) == (422, "pin_weak")
    assert choose("2580", key="a").status_code == 200


def test_nobody_chooses_their_own_or_reaches_beyond_their_community(world, api, choose, clerk):
    world.unit("community", "Next door", under="East Street")
    stranger = world.person("远方", community="Next door")
    number = world.card(stranger)

    with world.changes() as changed:
        own = choose("2580", key="a", whose=clerk)
        answers = [
            choose("2580", key="b", whose=stranger),
            api.get(f"/people/{stranger.id}/card", as_=clerk),
            api.post(f"/people/{stranger.id}/card", as_=clerk, key="c" * 20),
            api.post("/person-cards/search", as_=clerk, number=number),
            api.post("/person-cards/search", as_=clerk, number="K00000000"),
        ]

    assert refusal(own) == (403, "pin_of_oneself")
    assert {refusal(answer) for answer in answers} == {(404, "resident_unknown")}
    assert not {"card_pin", "person", "audit_entry"} & set(changed)
