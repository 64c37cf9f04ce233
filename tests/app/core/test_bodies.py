"""Bodies no honest client sends: each is refused by name, and none of them moves a row."""

import json
from uuid import uuid4

import pytest

from tests.support.refusals import refusal

ITEM = "018f0000-0000-7000-8000-000000000000"
CODE = "R" + "x" * 22


def order(*, code=f'"{CODE}"', item=f'"{ITEM}"', quantity="1", more=""):
    lines = f'[{{"item_id": {item}, "quantity": {quantity}}}]'
    return f'{{"redeem_code": {code}, "lines": {lines}{more}}}'.encode()


INVALID = {
    "an unknown field": order(more=', "points": 1'),
    "an unknown field in a line": order(quantity='1, "points": 0'),
    "half a quantity": order(quantity="0.5"),
    "a whole quantity written as a float": order(quantity="1.0"),
    "a quantity with an exponent": order(quantity="1e0"),
    "a quantity in quotes": order(quantity='"1"'),
    "a true quantity": order(quantity="true"),
    "no quantity": order(quantity="null"),
    "a quantity of none": order(quantity="0"),
    "a negative quantity": order(quantity="-1"),
    "a hundred": order(quantity="100"),
    "a quantity beyond 64 bits": order(quantity="9223372036854775808"),
    "a quantity of four thousand digits": order(quantity="9" * 4000),
    "no lines": b'{"redeem_code": "%s", "lines": []}' % CODE.encode(),
    "lines that are none": b'{"redeem_code": "%s", "lines": {}}' % CODE.encode(),
    "too many lines": b'{"redeem_code": "%s", "lines": [%s]}'
    % (CODE.encode(), b", ".join([b'{"item_id": "%s", "quantity": 1}' % ITEM.encode()] * 21)),
    "an item that is no id": order(item='"rice"'),
    "a code with a NUL": order(code='"R\\u0000xxxxxxxxxxxxxxxxxxxxxx"'),
    "a code with half a character": order(code='"R\\ud800xxxxxxxxxxxxxxxxxxxxxx"'),
    "a code with an escape": order(code='"\\u001b[2J"'),
    "a code too long for one": order(code=f'"{"R" * 600}"'),
    "an empty code": order(code='""'),
    "a code that is a list": order(code="[]"),
    "nothing at all": b"",
    "an empty object": b"{}",
    "a list": b"[]",
    "a number": b"7",
    "null": b"null",
}
MALFORMED = {
    "a field whose name is half a character": order(more=', "\\ud800": 1'),
    "a field whose name is a NUL": order(more=', "\\u0000": 1'),
    "a name twice": order(more=f', "redeem_code": "{CODE}"'),
    "a name twice in a line": order(quantity='1, "quantity": 2'),
    "not a number": order(quantity="NaN"),
    "infinity": order(quantity="-Infinity"),
    "a number of a million digits": order(quantity="9" * 60_000),
    "nesting too deep to mean anything": order(more=f', "a": {"[" * 20}{"]" * 20}'),
    "nesting as deep as the reader goes": order(more=f', "a": {"[" * 900}{"]" * 900}'),
    "nesting deeper than the reader goes": order(more=f', "a": {"[" * 30_000}'),
    "objects as deep as the reader goes": order(more=f', "a": {chr(123) + chr(34) * 2 + ":"}' * 9),
    "half a body": order()[:-1],
    "two bodies": order() * 2,
    "bytes that are no UTF-8": order(code='"\xff"'.encode("latin-1").decode("latin-1")).replace(
        "\xff".encode(), b"\xff"
    ),
    "UTF-16": order().decode().encode("utf-16"),
    "a form": b"redeem_code=x&quantity=1",
}


@pytest.mark.parametrize("body", INVALID.values(), ids=INVALID)
def test_a_body_of_the_wrong_form_is_invalid(counter, api, world, body):
    with world.changes() as changed:
        answer = api.post_raw(counter.path, as_=counter.manager, data=body, headers=key())

    assert refusal(answer) == (422, "invalid")
    assert answer.json["errors"]
    assert changed == {}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED)
def test_a_body_that_is_no_json_is_malformed(counter, api, world, body):
    with world.changes() as changed:
        answer = api.post_raw(counter.path, as_=counter.manager, data=body, headers=key())

    assert refusal(answer) == (400, "malformed")
    assert changed == {}


def test_ten_megabytes_are_too_large(counter, api, world):
    body = order(more=f', "padding": "{"x" * 10_000_000}"')

    with world.changes() as changed:
        answer = api.post_raw(counter.path, as_=counter.manager, data=body, headers=key())

    assert refusal(answer) == (413, "request_entity_too_large")
    assert changed == {}


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_json_that_does_not_say_so_is_refused(counter, api, world, content_type):
    with world.changes() as changed:
        answer = api.post_raw(
            counter.path,
            as_=counter.manager,
            data=order(),
            headers=key(),
            content_type=content_type,
        )

    assert refusal(answer) == (400, "malformed")
    assert changed == {}


@pytest.mark.parametrize("path", ["/scans", "/station-visits", "/sessions", "/staff-sessions"])
@pytest.mark.parametrize("body", [b"[]", b"7", b"{}", b'{"a": "\\ud800"}'])
def test_every_operation_is_as_strict(api, world, path, body):
    lin = world.person()

    answer = api.post_raw(path, as_=lin, data=body)

    assert refusal(answer) == (422, "invalid")


def test_the_wrong_fields_are_named(counter, api):
    body = {"redeem_code": CODE, "lines": [{"item_id": "rice", "quantity": 0, "price": 1}]}

    answer = api.post_raw(
        counter.path, as_=counter.manager, data=json.dumps(body).encode(), headers=key()
    )

    assert answer.json["errors"]["lines"]["0"].keys() == {"item_id", "quantity", "price"}


@pytest.mark.parametrize(
    "location",
    [
        {"lat": 91, "lng": 0, "crs": "gcj02"},
        {"lat": "nan", "lng": 0, "crs": "gcj02"},
        {"lat": 0, "lng": 0, "crs": "mars"},
        {"lat": 0, "lng": 0, "crs": "gcj02", "accuracy_m": -1},
        {"lat": 0, "lng": 0, "crs": "gcj02", "speed": 1},
        "here",
    ],
    ids=str,
)
def test_a_location_that_is_none_is_invalid(api, world, location):
    lin, code = world.person(), world.code_of(world.station())

    answer = api.post("/station-visits", as_=lin, code=code, location=location)

    assert refusal(answer) == (422, "invalid")


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/api/v1/nowhere", (404, "not_found")),
        ("GET", "/api/v1/stations/not-an-id", (404, "not_found")),
        ("GET", "/api/v1/stations/%00", (404, "not_found")),
        ("PATCH", "/api/v1/me", (405, "method_not_allowed")),
        ("PUT", "/api/v1/scans", (405, "method_not_allowed")),
    ],
)
def test_an_address_that_is_none_is_refused_in_the_same_shape(app, world, method, path, expected):
    answer = app.test_client().open(path, method=method)

    assert refusal(answer) == expected


def key():
    return {"Idempotency-Key": uuid4().hex}
