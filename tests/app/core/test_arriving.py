"""Bodies that break off on the way: a refusal, and nobody is woken for it."""

import pytest
from gunicorn.config import Config
from gunicorn.http.parser import RequestParser

from tests.support.refusals import refusal

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
BROKEN = {
    "a size that is no number": b"zz\r\n",
    "a chunk longer than it said": b"2\r\n{}XX",
    "an extension that is none": b"2; =\r\n{}\r\n0\r\n\r\n",
    "a trailer that is none": b"2\r\n{}\r\n0\r\nno trailer\r\n\r\n",
    "a chunk shorter than it said": b"20\r\n{}",
    "no last chunk": b"2\r\n{}\r\n",
}


@pytest.fixture
def send(world):
    """Send these bytes in chunks, read by the web server of production."""

    def send(path, sent, *, content_type=JSON):
        head = b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        received = next(RequestParser(Config(), iter([head + sent]), ("127.0.0.1", 1)))
        return world.app.test_client().post(
            path, content_type=content_type, environ_overrides=arriving_in(received.body)
        )

    return send


def arriving_in(stream):
    return {"wsgi.input": stream, "wsgi.input_terminated": True}


@pytest.mark.parametrize("sent", BROKEN.values(), ids=BROKEN)
def test_a_body_in_broken_chunks_is_malformed(send, sent):
    answer = send("/api/v1/sessions", sent)

    assert refusal(answer) == (400, "malformed")


@pytest.mark.parametrize("sent", BROKEN.values(), ids=BROKEN)
def test_a_form_in_broken_chunks_is_refused_on_a_page(send, sent):
    answer = send("/login/demo", sent, content_type=FORM)

    assert answer.status_code == 400
    assert "没有完整送达" in answer.text


def test_whatever_a_web_server_raises_is_the_clients_broken_body(world):
    class Breaking:
        def read(self, _size):
            raise LookupError("of some web server")

    answer = world.app.test_client().post(
        "/api/v1/sessions", content_type=JSON, environ_overrides=arriving_in(Breaking())
    )

    assert refusal(answer) == (400, "malformed")


def test_a_body_in_whole_chunks_is_read(send):
    answer = send("/api/v1/sessions", b"2\r\n{}\r\n0\r\n\r\n")

    assert refusal(answer) == (422, "invalid")
