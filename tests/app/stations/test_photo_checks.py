"""A photo of the staff is shown while WeChat looks at it, and not any more once it is risky."""

import io
import re

import pytest
import sqlalchemy as sa

from app.stations import jobs, photos
from app.stations.models import StationPhoto
from tests.app.wechat.support import as_known_to, media_said
from tests.support.browser import Browser
from tests.support.stationing import a_photo

MEDIA = "/wxa/media_check_async"
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@pytest.fixture
def sim(world, hands, monkeypatch):
    with as_known_to(world, hands, monkeypatch) as sim:
        yield sim


@pytest.fixture
def manager(world):
    return world.staff("station_manager")


@pytest.fixture
def station(world):
    return world.station(name="明德驿站")


@pytest.fixture
def check(world):
    """Lets the worker have photos looked at, and hear what was said of them."""

    def check():
        with world.as_worker():
            return jobs.check_photos_of(world.tenant_id)

    return check


@pytest.fixture
def upload(world, api, manager, station):
    def upload():
        desk, at = Browser(world, api, manager), f"/staff/stations/{station.id}"
        token = TOKEN.search(desk.get(f"{at}/edit").text).group(1)
        data = {"csrf_token": token, "photo": (io.BytesIO(a_photo()), "photo.png")}
        assert desk._client.post(f"{at}/photo", data=data).status_code == 303
        return desk.get(f"{at}/edit").text

    return upload


@pytest.fixture
def say(world):
    """WeChat tells what is in the picture about which it was asked."""

    def say(suggest):
        media_said(world, one_photo(world).trace_id, suggest)

    return say


def one_photo(world):
    with world.work() as session:
        return session.scalars(sa.select(StationPhoto)).one()


@pytest.mark.parametrize(("suggest", "status"), [("pass", 200), ("review", 200), ("risky", 404)])
def test_a_photo_is_asked_about_after_the_upload_and_hidden_when_risky(
    world, api, sim, upload, check, say, manager, station, bell, suggest, status
):
    sim.phone_login(world.openid_of(manager))
    lin = Browser(world, api, world.person())
    upload()
    asked_in_the_request = sim.calls(MEDIA)
    rung = {job.__name__ for job in bell.rung}
    check()
    meanwhile = lin.get(f"/stations/{station.id}/photo").status_code
    say(suggest)
    check()

    page = lin.get(f"/stations/{station.id}").text
    assert ("check_photos" in rung, asked_in_the_request, sim.calls(MEDIA)) == (True, 0, 1)
    assert (meanwhile, one_photo(world).verdict) == (200, suggest)
    assert lin.get(f"/stations/{station.id}/photo").status_code == status
    assert ('class="photo"' in page) is (status == 200)
    desk = Browser(world, api, manager).get(f"/staff/stations/{station.id}/edit").text
    assert ("没有通过微信的内容审核" in desk) is (status == 404)
    assert "没有通过微信的内容审核" not in upload()  # another one starts anew
    assert one_photo(world).verdict is None


@pytest.mark.parametrize("fault", [{"preset": "quota"}, {"drop": True}, {"body": "malformed"}])
def test_a_photo_that_could_not_be_handed_over_stays_and_is_not_asked_about_again(
    world, sim, upload, check, manager, fault
):
    sim.phone_login(world.openid_of(manager))
    sim.fault(api=MEDIA, times=2, **fault)
    upload()

    check()
    once = sim.calls(MEDIA)
    check()

    assert (one_photo(world).verdict, sim.calls(MEDIA)) == ("review", once)


def test_of_what_wechat_says_nothing_in_half_an_hour_is_not_checked(
    world, sim, upload, check, manager, hands
):
    sim.phone_login(world.openid_of(manager))
    upload()
    check()
    hands.move(minutes=31)

    assert (check(), one_photo(world).verdict) == (1, "review")


def test_who_looks_at_it_finds_it_under_an_address_that_nobody_can_make_up(
    world, sim, upload, check, say, manager
):
    sim.phone_login(world.openid_of(manager))
    upload()
    with world.work() as session:
        photo = photos.OURS.take_unasked(session, world.app.extensions["vault"])
    path = photos.OURS.address_to_check(world.keyring, tenant_id=world.tenant_id, photo=photo)
    guest = world.app.test_client()

    found, other = guest.get(path), guest.get(path.replace("-", "-0").replace("0.jpg", ".jpg"))
    nowhere = guest.get(f"/photos/{2**64}/{photo.owner_id}/{photo.digest}-0.jpg")
    check()
    say("pass")
    check()

    assert (found.status_code, found.content_type) == (200, "image/jpeg")
    assert (other.status_code, nowhere.status_code) == (404, 404)
    assert guest.get(path).status_code == 404  # it was looked at
