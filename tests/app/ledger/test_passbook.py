"""The passbook: every line once, in one order, however it is paged through."""

import base64
import itertools
import json

import pytest

from tests.support.refusals import refusal


def read_all(api, person, *, limit, **query):
    """Every page, until there is none."""
    read, cursor = [], {}
    while True:
        page = api.get("/me/passbook", as_=person, limit=limit, **query, **cursor).json
        read.append(page["items"])
        if page["next_cursor"] is None:
            return read
        cursor = {"cursor": page["next_cursor"]}


@pytest.fixture
def lin(world, hands):
    """Somebody with eleven visits, each settled at its own time or together with others."""
    person = world.person()
    for number in range(1, 6):
        world.give(person, 2 * (1 + number % 3))
        hands.move(minutes=number % 2)
    return person


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_pages_of_any_size_add_up_to_the_whole(api, lin, limit):
    (whole,) = read_all(api, lin, limit=100)

    pages = read_all(api, lin, limit=limit)

    assert [line["id"] for line in itertools.chain(*pages)] == [line["id"] for line in whole]
    assert {len(page) for page in pages[:-1]} <= {limit}
    assert len({line["id"] for line in whole}) == len(whole)


@pytest.mark.parametrize("unit", ["points", "score"])
def test_the_lines_of_a_unit_explain_its_balance(api, lin, unit):
    lines = list(itertools.chain(*read_all(api, lin, limit=4, unit=unit)))

    balance = 0
    for line in reversed(lines):
        balance += line["amount"]
        assert line["balance_after"] == balance
    assert balance == api.get("/me/balances", as_=lin).json[unit]["available"]


def test_what_is_settled_while_somebody_reads_disturbs_no_page(api, world, hands, lin):
    first = api.get("/me/passbook", as_=lin, limit=5).json
    (whole,) = read_all(api, lin, limit=100)
    hands.move(minutes=1)
    world.give(lin, 6)

    rest = api.get("/me/passbook", as_=lin, limit=100, cursor=first["next_cursor"]).json

    read = [line["id"] for line in first["items"] + rest["items"]]
    assert read == [line["id"] for line in whole]


def test_everybody_reads_their_own_passbook_alone(api, world, lin):
    wang = world.person(points=2)
    cursor = api.get("/me/passbook", as_=lin, limit=1).json["next_cursor"]

    lines = api.get("/me/passbook", as_=wang, cursor=cursor).json["items"]
    own = api.get("/me/passbook", as_=wang).json["items"]

    assert {line["id"] for line in lines} <= {line["id"] for line in own}
    assert len(own) == 2


def cursor_of(*parts):
    raw = json.dumps(list(parts)).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


BAD_CURSORS = {
    "nothing": "",
    "no base64": "A",
    "no JSON": base64.urlsafe_b64encode(b"[1,").decode().rstrip("="),
    "no text": "____",
    "not of the alphabet": "a b",
    "too long": "A" * 401,
    "no list": cursor_of()[:2] + "==",
    "too few parts": cursor_of("2026-03-02T04:00:00+00:00"),
    "too many parts": cursor_of("2026-03-02T04:00:00+00:00", "1", "a", "b"),
    "a time without a zone": cursor_of("2026-03-02T04:00:00", "1", "a"),
    "no time": cursor_of("yesterday", "1", "a"),
    "no number": cursor_of("2026-03-02T04:00:00+00:00", "one", "a"),
    "a number beyond 64 bits": cursor_of("2026-03-02T04:00:00+00:00", str(2**63), "a"),
    "a NUL": cursor_of("2026-03-02T04:00:00+00:00", "1", "a\0"),
    "half a character": cursor_of("2026-03-02T04:00:00+00:00", "1", "\ud800"),
    "a digit of other people": cursor_of("2026-03-02T04:00:00+00:00", "١", "a"),
    "the first century": cursor_of("0001-01-01T00:00:00+23:59", "1", "a"),
    "deep nesting": base64.urlsafe_b64encode(b"[" * 290).decode().rstrip("="),
}


@pytest.mark.parametrize("cursor", BAD_CURSORS.values(), ids=BAD_CURSORS)
def test_a_cursor_that_is_none_is_invalid(api, world, cursor):
    answer = api.get("/me/passbook", as_=world.person(), cursor=cursor)

    assert refusal(answer) == (422, "invalid")
    assert answer.json["errors"].keys() == {"cursor"}


@pytest.mark.parametrize("path", ["/stations", "/shops", "/activities"])
@pytest.mark.parametrize(
    "parts",
    [
        ("a", "not-an-id"),
        ("\0", "018f0000-0000-7000-8000-000000000000"),
        ("\ud800", "018f0000-0000-7000-8000-000000000000"),
        ("nan",),
    ],
    ids=ascii,
)
def test_the_cursors_of_other_lists_are_as_strict(api, world, path, parts):
    answer = api.get(path, as_=world.person(), cursor=cursor_of(*parts))

    assert refusal(answer) == (422, "invalid")


@pytest.mark.parametrize("distance", ["nan", "inf", "-inf", "1e999", "far"])
def test_a_distance_that_is_none_is_no_place_to_go_on_from(api, world, distance):
    cursor = cursor_of(distance, "018f0000-0000-7000-8000-000000000000")

    near = {"lat": 31, "lng": 118, "crs": "gcj02"}

    answer = api.post("/stations/search", as_=world.person(), near=near, cursor=cursor)

    assert refusal(answer) == (422, "invalid")
    assert "errors" not in answer.json or answer.json["errors"].keys() == {"cursor"}


@pytest.mark.parametrize("limit", ["0", "-1", "101", "1.5", "ten", "9" * 40])
def test_a_limit_out_of_bounds_is_invalid(api, world, limit):
    answer = api.get("/me/passbook", as_=world.person(), limit=limit)

    assert refusal(answer) == (422, "invalid")
    assert answer.json["errors"].keys() == {"limit"}


def test_a_unit_nobody_keeps_is_invalid(api, world):
    answer = api.get("/me/passbook", as_=world.person(), unit="gold")

    assert refusal(answer) == (422, "invalid")
    assert answer.json["errors"].keys() == {"unit"}


def test_a_new_account_has_three_zeros_and_an_empty_passbook(api, world):
    lin = world.person()
    nothing = {"available": 0, "pending": 0}

    assert api.get("/me/balances", as_=lin).json == {
        "points": {**nothing, "held": 0, "owed": 0, "expiring": [], "lapses_to": "community"},
        "score": nothing,
        "minutes": nothing,
    }
    assert api.get("/me/passbook", as_=lin).json == {"items": [], "next_cursor": None}
