"""凭证: brought by one, accepted by another, and then the points come."""

import io
from types import SimpleNamespace
from uuid import UUID

import pytest
import sqlalchemy as sa
from PIL import Image
from werkzeug.datastructures import FileStorage

from app.activities import jobs
from app.activities.proof_models import ServiceDocument
from tests.support.browser import Browser
from tests.support.refusals import refusal
from tests.support.stationing import a_photo

PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< >>\n%%EOF\n"


@pytest.fixture
def leader(world):
    return world.staff("station_manager")


@pytest.fixture
def path(world):
    return f"/activities/{world.activity(category='health', title='健康义诊').id}"


@pytest.fixture
def attach(api, leader, path):
    def attach(content, **query):
        return api.post_raw(
            f"{path}/documents", as_=leader, data=content, query_string=query, content_type="*/*"
        )

    return attach


@pytest.fixture
def served(api, world, path, hands):
    """Somebody came, and left after an hour and a half."""
    lin = world.person()
    activity = SimpleNamespace(id=UUID(path.removeprefix("/activities/")))
    api.post(f"{path}/check-ins", as_=lin, code=world.venue_code(activity))
    hands.move(minutes=90)
    api.post(f"{path}/check-outs", as_=lin, code=world.venue_code(activity, "out"))
    return lin


def located(*, form="JPEG"):
    """A photo that says where it was taken."""
    out, exif = io.BytesIO(), Image.Exif()
    exif[0x8825] = {1: "N", 2: (23.0, 3.0, 0.0)}
    exif[0x010E] = "at home with Mrs Wang"
    Image.new("RGB", (80, 60), (20, 90, 60)).save(out, form, exif=exif)
    return out.getvalue()


def test_points_come_once_somebody_else_has_accepted_the_document(
    api, world, leader, path, attach, served, sweep
):
    clerk = world.staff("community_clerk")
    made = attach(located(), title="义诊登记表")
    document = f"/documents/{made.json['document']['id']}"
    (stamp,) = (
        one
        for one in api.get("/me/arrivals", as_=served).json["items"][0]["stamps"]
        if one["key"] == "attended"
    )
    same = attach(located(), title="再传一次")
    own = api.post(f"{document}/acceptance", as_=leader)
    sweep()
    before = world.points_of(served)
    accepted = api.post(f"{document}/acceptance", as_=clerk)
    again = api.post(f"{document}/refusal", as_=clerk, reason="看错了")
    sweep()
    world.settle()
    shown = api.get(document, as_=clerk)

    assert made.json["document"]["media_type"] == "image/jpeg"
    assert "还差凭证" in stamp["said"]
    assert refusal(same) == (409, "document_there")
    assert refusal(own) == (409, "own_document")
    assert (accepted.status_code, accepted.json["document"]["state"]) == (201, "accepted")
    assert refusal(again) == (409, "document_decided")
    assert before == 0
    assert world.points_of(served) > 0
    assert not Image.open(io.BytesIO(shown.data)).getexif()
    assert b"Mrs Wang" not in shown.data
    assert world.violations() == []


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<svg/>", "photo_refused"),
        (PDF[:-8], "document_refused"),
        (PDF.replace(b"/Catalog", b"/Catalog /OpenAction 2 0 R"), "document_refused"),
        (PDF + b"\n" * (2 * 1024 * 1024) + b"%%EOF", "document_refused"),
    ],
    ids=["a drawing", "half a file", "a program", "too large"],
)
def test_what_is_no_document_is_not_kept(world, attach, content, code):
    with world.changes() as changed:
        answer = attach(content)

    assert refusal(answer) == (422, code)
    assert changed == {}


def test_a_pdf_is_downloaded_and_not_run_and_a_refusal_says_why(
    api, world, leader, path, attach, hands
):
    clerk, stranger = world.staff("community_clerk"), world.staff("checker")
    document = f"/documents/{attach(PDF).json['document']['id']}"
    unexplained = api.post(f"{document}/refusal", as_=clerk)
    api.post(f"{document}/refusal", as_=clerk, reason="看不清")
    listed = api.get(f"{path}/documents", as_=leader).json["items"]
    page = Browser(world, api, leader).get(f"/staff{path}/documents").text
    shown = api.get(document, as_=leader)
    hands.move(days=400)
    with world.as_worker():
        jobs.forget_proofs([world.tenant_id])
    gone = api.get(document, as_=leader)

    assert refusal(unexplained) == (422, "reason_needed")
    assert [one["decided_for"] for one in listed] == ["看不清"]
    assert "看不清" in page
    assert shown.headers["Content-Disposition"].startswith("attachment")
    assert refusal(api.get(document, as_=stranger)) == (403, "staff_only")
    assert refusal(gone) == (404, "document_unknown")
    with world.own() as session:
        assert session.scalar(sa.select(ServiceDocument.content)) is None


def test_a_photo_is_sent_with_a_form_and_accepted_by_a_colleague(api, world, leader, path):
    desk, page = Browser(world, api, leader), f"/staff{path}/documents"
    colleague = Browser(world, api, world.staff("community_clerk"))
    file = FileStorage(io.BytesIO(a_photo()), filename="a.png")
    desk.submit(page, shown_on=page, title="登记表", file=file)
    with world.own() as session:
        document_id = session.scalar(sa.select(ServiceDocument.id))
    shown = colleague.get(f"/staff/documents/{document_id}")
    one = f"/staff/documents/{document_id}"
    colleague.submit(one, shown_on=page, decision="accept")

    assert shown.mimetype == "image/jpeg"
    assert "已核对" in desk.get(page).text
