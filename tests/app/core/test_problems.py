"""What is answered when a request fails before it is understood, or for a reason nobody foresaw."""

import re

import pytest
from flask import Flask
from werkzeug.exceptions import ClientDisconnected, default_exceptions

from points_engine import PointsError
from tests.support.refusals import refusal

BROKEN_REFERER = "http://[bad/"
ROW = re.compile(r"^\| `([a-z_]+)` \| (\d+) \|", re.MULTILINE)
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def said_of(app: Flask, error: Exception) -> tuple[int, str]:
    """Status and code of the answer when this happens in the midst of a request."""
    with app.test_request_context("/api/v1/me"):
        answer = app.make_response(app.handle_user_exception(error))
    return answer.status_code, answer.json["code"]


def documented(api) -> set[tuple[int, str]]:
    text = api.get("/api/openapi.json").json["info"]["description"]
    return {(int(status), code) for code, status in ROW.findall(text)}


@pytest.mark.parametrize("error", default_exceptions.values(), ids=lambda kind: kind.__name__)
def test_whatever_the_web_layer_refuses_has_a_documented_code(app, api, error):
    assert said_of(app, error()) in documented(api)


def test_what_the_web_layer_does_not_understand_is_malformed_as_everywhere(app):
    assert said_of(app, ClientDisconnected()) == (400, "malformed")


def test_a_failure_without_a_name_is_ours(app, api):
    for error in (LookupError("x"), PointsError("off by one")):
        assert said_of(app, error) == (500, "internal_error")
    assert (500, "internal_error") in documented(api)


def test_a_refused_method_is_told_the_methods_there_are(app):
    answer = app.test_client().put("/api/v1/scans")

    assert refusal(answer) == (405, "method_not_allowed")
    assert set(answer.headers["Allow"].split(", ")) == {"OPTIONS", "POST"}


def test_a_part_of_a_file_that_is_not_there_is_refused_with_its_size(app):
    answer = app.test_client().get("/static/icon.svg", headers={"Range": "bytes=999999-"})

    assert answer.status_code == 416
    assert answer.headers["Content-Range"].startswith("bytes */")


def test_a_script_that_says_it_reads_no_page_is_shown_none(app):
    client, script = app.test_client(), {"Accept": "application/json"}

    unknown = client.get("/nowhere", headers=script)
    stale = client.post("/login", headers=script)

    assert refusal(unknown) == (404, "not_found")
    assert refusal(stale) == (400, "form_stale")
    assert client.get("/nowhere").mimetype == "text/html"


def test_a_referer_that_is_no_address_leads_back_nowhere(app):
    page = app.test_client().get("/nowhere", headers={"Referer": BROKEN_REFERER})

    assert page.status_code == 404
    assert "没有找到这个页面" in page.text


def test_a_form_that_comes_from_no_address_is_stale(app):
    browser = app.test_client()
    page = browser.get("/staff/login", base_url="https://localhost")

    answer = browser.post(
        "/staff/login",
        base_url="https://localhost",
        data={"csrf_token": TOKEN.search(page.text)[1]},
        headers={"Referer": BROKEN_REFERER},
    )

    assert answer.status_code == 400
    assert "页面停留太久" in answer.text
