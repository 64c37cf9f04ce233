"""Setting stations up: what they are, their hours, a photo, and codes replaced for a reason."""

import io

import pytest
import sqlalchemy as sa
from PIL import Image

from app.core import pictures
from app.core.pictures import PhotoRefused
from tests.support.browser import TOKEN, Browser
from tests.support.refusals import refusal
from tests.support.stationing import a_photo

DRAFT = {
    "name": "新驿站",
    "kind": "service_hut",
    "level": "compound",
    "address": "明德路 40 号",
    "services": ["rest", "reading"],
    "contact": "0758-1234567",
}


@pytest.fixture
def clerk(world):
    return world.staff("community_clerk")


@pytest.fixture
def station(world):
    return world.station(name="明德驿站")


@pytest.fixture
def edit(keeper, station):
    """Sends a part of the editor's form."""

    def edit(part, **said):
        at = f"/staff/stations/{station.id}"
        return keeper.submit(f"{at}/{part}", shown_on=f"{at}/edit", **said)

    return edit


def test_a_station_is_set_up_with_a_code_and_opens_when_it_has_hours(world, api, clerk, lin, hands):
    where = {"lat": 39.915, "lng": 116.404, "crs": "wgs84"}
    community = str(world.units["Mingde"])
    made = api.post("/stations", as_=clerk, community_id=community, location=where, **DRAFT)
    id_ = made.json["id"]
    desk = Browser(world, api, clerk)
    edit = f"/staff/stations/{id_}/edit"

    assert made.json["location"] == {"lat": 39.916404, "lng": 116.410244, "crs": "gcj02"}
    assert (made.json["open_now"], made.json["status"]) == (False, "近期不开放")
    assert "9:00-21:00" not in desk.get(edit).text
    week = {f"day-{day}": "9:00-21:00" for day in range(7)}
    desk.submit(f"/staff/stations/{id_}/hours", shown_on=edit, **week)
    seen = api.get(f"/stations/{id_}", as_=lin).json
    assert (seen["open_now"], seen["hours"]) == (True, "每天 9:00–21:00")
    text = api.get(f"/stations/{id_}/code", as_=clerk, format="text").text
    assert api.post("/station-visits", as_=lin, code=text).status_code == 201


def test_a_station_has_a_name_of_its_own_and_something_to_offer(world, api, clerk, station):
    community = {"community_id": str(world.units["Mingde"])}

    with world.changes() as changed:
        taken = api.post("/stations", as_=clerk, **community, **{**DRAFT, "name": station.name})
        idle = api.post("/stations", as_=clerk, **community, **{**DRAFT, "services": []})
        odd = api.post("/stations", as_=clerk, **community, **{**DRAFT, "services": ["dance"]})

    assert refusal(taken) == (409, "station_name_taken")
    assert refusal(idle) == (422, "station_wrong")
    assert refusal(odd) == (422, "invalid")
    assert changed == {}


def test_a_station_is_not_set_up_outside_of_ones_subtree(world, api, clerk, new_world):
    world.unit("community", "Wenhua", under="East Street")
    places = [world.units["Wenhua"], world.units["city"], new_world().units["Mingde"]]
    api.request_id = "one-and-the-same"

    answers = [api.post("/stations", as_=clerk, community_id=str(one), **DRAFT) for one in places]

    assert {refusal(answer) for answer in answers} == {(404, "station_unknown")}
    assert len({answer.data for answer in answers}) == 1


def test_what_changed_about_a_station_is_written_down(world, api, clerk, station):
    api.put(f"/stations/{station.id}", as_=clerk, **DRAFT)

    with world.own() as session:
        query = "SELECT changed FROM audit_entry WHERE action = 'station.update'"
        (changed,) = session.scalars(sa.text(query)).all()
    assert "新驿站" in str(changed)
    assert api.get(f"/stations/{station.id}", as_=clerk).json["level"] == "compound"


def test_a_day_off_shuts_the_door_says_why_and_can_be_taken_back(world, api, edit, station, lin):
    code = world.code_of(station)
    unsaid = edit("exceptions", day="2026-03-02", spans="休息", reason="")
    past = edit("exceptions", day="2026-03-01", spans="休息", reason="检修")

    edit("exceptions", day="2026-03-02", spans="休息", reason="电路检修")
    shut = api.post("/station-visits", as_=lin, code=code)
    edit("exceptions", day="2026-03-02", spans="10:00-13:00", reason="只开半天")
    half = api.get(f"/stations/{station.id}", as_=lin).json["status"]
    edit("exceptions/drop", day="2026-03-02")

    assert (unsaid.status_code, past.status_code) == (422, 422)
    assert refusal(shut) == (409, "station_closed")
    assert "电路检修" in shut.json["detail"]
    assert half == "开放中，到 13:00"
    assert api.post("/station-visits", as_=lin, code=code).status_code == 201


def test_a_day_off_counts_in_the_list_of_what_is_open(world, api, edit, lin):
    edit("exceptions", day="2026-03-02", spans="休息", reason="检修")

    assert api.get("/stations", as_=lin, open_now="true").json["items"] == []


def test_hours_nobody_can_read_change_nothing(world, edit):
    with world.changes() as changed:
        answer = edit("hours", **{"day-0": "早上到晚上"})

    assert answer.status_code == 422
    assert "看不懂" in answer.text
    assert changed == {}


def test_a_station_out_of_service_is_on_no_map_until_it_is_back(world, api, edit, station, lin):
    edit("service", closed="1")
    assert api.get("/stations", as_=lin).json["items"] == []
    refused = api.post("/station-visits", as_=lin, code=world.code_of(station))
    edit("service", closed="0")

    assert refusal(refused) == (409, "station_closed")
    assert len(api.get("/stations", as_=lin).json["items"]) == 1


def upload(browser, station, content):
    at = f"/staff/stations/{station.id}"
    token = TOKEN.search(browser.get(f"{at}/edit").text).group(1)
    data = {"csrf_token": token, "photo": (io.BytesIO(content), "photo.png")}
    return browser._client.post(f"{at}/photo", data=data)


def test_a_photo_is_drawn_anew_served_for_good_and_taken_down(
    world, keeper, station, browser, edit
):
    exif = Image.Exif()
    exif[0x010E] = "张三的家"
    out = io.BytesIO()
    Image.new("RGB", (3000, 2000), (10, 120, 60)).save(out, "JPEG", exif=exif)

    assert upload(keeper, station, out.getvalue()).status_code == 303
    page = browser.get(f"/stations/{station.id}").text
    address = page.split('src="/stations/')[1].split('"')[0]
    served = browser.get(f"/stations/{address}")

    assert served.content_type == "image/jpeg"
    assert "immutable" in served.headers["Cache-Control"]
    assert served.data.startswith(b"\xff\xd8")
    assert "张三".encode() not in served.data
    assert Image.open(io.BytesIO(served.data)).size == (1280, 853)
    assert browser.get(f"/stations/{station.id}/photo").headers["Cache-Control"] == (
        "private, no-cache"
    )
    edit("photo", drop="1")
    assert browser.get(f"/stations/{station.id}/photo").status_code == 404


SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(SVG, id="a drawing that may hold a program"),
        pytest.param(a_photo()[:40], id="half a photo"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + b"x" * 99, id="no photo behind the name of one"),
        pytest.param(a_photo("GIF"), id="a kind we do not take"),
        pytest.param(a_photo(size=(20_000, 2_001)), id="too many pixels"),
        pytest.param(b"\xff\xd8\xff" + bytes(200_000), id="too large"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_what_is_no_photo_is_refused_and_changes_nothing(
    world, keeper, station, content, monkeypatch
):
    monkeypatch.setattr(pictures, "MOST_BYTES", 200_000)
    with world.changes() as changed:
        answer = upload(keeper, station, content)

    assert answer.status_code == 422
    assert changed == {}


def test_a_picture_as_busy_as_can_be_is_made_to_fit():
    noise = Image.effect_noise((1600, 1600), 200).convert("RGB")
    out = io.BytesIO()
    noise.save(out, "PNG")

    drawn, size = pictures.redrawn(out.getvalue())

    assert len(drawn) <= pictures.KEPT_BYTES
    assert Image.open(io.BytesIO(drawn)).size == size
    with pytest.raises(PhotoRefused):
        pictures.redrawn(SVG)


def test_a_code_is_replaced_for_a_reason_and_the_old_one_says_so(
    world, api, keeper, station, lin, edit
):
    old, page = world.code_of(station), f"/staff/stations/{station.id}/codes"
    unsaid = keeper.submit(page, shown_on=page, reason="")

    keeper.submit(page, shown_on=page, reason="海报被雨淋坏")
    shown = keeper.get(page).text
    scanned = api.post("/scans", as_=lin, text=old)
    with world.changes() as changed:
        visited = api.post("/station-visits", as_=lin, code=old)

    assert unsaid.status_code == 422
    assert "海报被雨淋坏" in shown
    assert f"尾号 {old[-4:]}，已换下" in shown
    assert refusal(scanned) == refusal(visited) == (409, "code_replaced")
    assert station.name in visited.json["detail"]
    assert changed == {"miss": 1}
    assert api.post("/station-visits", as_=lin, code=world.code_of(station)).status_code == 201
    with world.own() as session:
        query = "SELECT reason FROM audit_entry WHERE action = 'station_code.replace'"
        assert session.scalars(sa.text(query)).all() == ["海报被雨淋坏"]


def test_a_code_replaced_by_many_at_once_leaves_one_that_works(world, keeper, station, crowd):
    page = f"/staff/stations/{station.id}/codes"
    token = TOKEN.search(keeper.get(page).text).group(1)
    data = {"csrf_token": token, "reason": "海报坏了"}

    def replace(_phone):
        client = world.app.test_client()
        for name in ("session", "form"):
            client.set_cookie(name, keeper._client.get_cookie(name).value)
        return client.post(page, data=data)

    answers = crowd.at_once([replace] * 6)

    assert {answer.status_code for answer in answers} == {303}
    assert len(world.code_of(station)) == 23
    assert world.row_counts()["station_code"] == 7
