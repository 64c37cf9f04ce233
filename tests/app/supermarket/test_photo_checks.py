"""A photo of goods is shown while WeChat looks at it, and not any more once it is risky."""

import io
import re

import pytest
import sqlalchemy as sa

from app.supermarket import jobs, photos
from app.supermarket.models import ItemPhoto
from tests.app.wechat.support import as_known_to, media_said
from tests.support.browser import Browser
from tests.support.stationing import a_photo

MEDIA = "/wxa/media_check_async"
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
HIDDEN = "没有通过微信的内容审核"


@pytest.fixture
def sim(world, counter, hands, monkeypatch):
    with as_known_to(world, hands, monkeypatch) as sim:
        sim.phone_login(world.openid_of(counter.manager))
        yield sim


@pytest.fixture
def check(world):
    """Lets the worker have photos looked at, and hear what was said of them."""

    def check():
        with world.as_worker():
            return jobs.check_photos_of(world.tenant_id)

    return check


@pytest.fixture
def upload(world, api, counter):
    def upload():
        desk, at = Browser(world, api, counter.manager), f"/staff/goods/{counter.rice.id}"
        token = TOKEN.search(desk.get(at).text).group(1)
        data = {"csrf_token": token, "photo": (io.BytesIO(a_photo()), "photo.png")}
        assert desk._client.post(f"{at}/photo", data=data).status_code == 303
        return desk.get(at).text

    return upload


@pytest.fixture
def say(world):
    """WeChat tells what is in the picture about which it was asked."""

    def say(suggest):
        media_said(world, one_photo(world).trace_id, suggest)

    return say


def one_photo(world):
    with world.work() as session:
        return session.scalars(sa.select(ItemPhoto)).one()


@pytest.mark.parametrize(("suggest", "status"), [("pass", 200), ("risky", 404)])
def test_it_is_asked_about_after_the_upload_and_hidden_when_risky(
    world, api, counter, sim, upload, check, say, bell, suggest, status
):
    lin = Browser(world, api, world.person())
    upload()
    asked_in_the_request = sim.calls(MEDIA)
    rung = {job.__name__ for job in bell.rung}
    check()
    meanwhile = lin.get(f"/goods/{counter.rice.id}/photo").status_code
    say(suggest)
    check()

    assert ("check_photos" in rung, asked_in_the_request, sim.calls(MEDIA)) == (True, 0, 1)
    assert (meanwhile, one_photo(world).verdict) == (200, suggest)
    assert lin.get(f"/goods/{counter.rice.id}/photo").status_code == status
    pages = [
        lin.get(f"/shops/{counter.shop.id}").text,
        Browser(world, api, counter.manager).get(f"/counter/{counter.shop.id}").text,
    ]
    shown = f"/goods/{counter.rice.id}/photo?v="
    assert [shown in page for page in pages] == [status == 200] * 2
    assert all('loading="lazy"' in page for page in pages if status == 200)
    desk = Browser(world, api, counter.manager).get(f"/staff/goods/{counter.rice.id}").text
    assert (HIDDEN in desk) is (status == 404)
    assert HIDDEN not in upload()  # another one starts anew
    assert one_photo(world).verdict is None


def test_what_could_not_be_handed_over_is_left_to_people_and_stays(world, sim, upload, check):
    sim.fault(api=MEDIA, times=2, preset="quota")
    upload()

    check()
    once = sim.calls(MEDIA)
    check()

    assert (one_photo(world).verdict, sim.calls(MEDIA)) == ("review", once)


def test_it_is_found_under_an_address_that_nobody_can_make_up(world, sim, upload, check, say):
    upload()
    with world.work() as session:
        photo = photos.OURS.take_unasked(session, world.app.extensions["vault"])
    path = photos.OURS.address_to_check(world.keyring, tenant_id=world.tenant_id, photo=photo)
    guest = world.app.test_client()

    found, other = guest.get(path), guest.get(path.replace("-", "-0").replace("0.jpg", ".jpg"))
    nowhere = guest.get(f"/goods-photos/{2**64}/{photo.owner_id}/{photo.digest}-0.jpg")
    check()
    say("pass")
    check()

    assert (found.status_code, found.content_type) == (200, "image/jpeg")
    assert (other.status_code, nowhere.status_code) == (404, 404)
    assert guest.get(path).status_code == 404  # it was looked at
