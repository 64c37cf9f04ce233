"""The one journey the product exists for, over the API, from a login code to goods in hand."""

from uuid import uuid4

import pytest

from app.core.queue import Bell
from tests.support.serving import listening


@pytest.fixture(params=["answers", "falls silent"])
def half_way(request, app, monkeypatch):
    """What becomes of Redis half-way: nothing, or it takes what it is told and says nothing."""
    if request.param == "answers":
        yield lambda: None
        return
    with listening() as silent:
        bell = Bell(f"redis://127.0.0.1:{silent.getsockname()[1]}")
        yield lambda: monkeypatch.setitem(app.extensions, "queue", bell)


def login(api, phone, world, person):
    return api.post(
        "/sessions", platform="wechat", appid=world.appid, code=phone(f"o{person.id.hex}")
    )


def test_a_resident_comes_gives_time_and_takes_goods_home(api, world, hands, bell, phone, half_way):
    lin, manager = world.person("林小燕"), world.staff("shop_manager")
    secretary = world.staff("community_secretary", name="方书记")
    station, activity, shop = world.station(), world.activity(), world.shop()
    rice = world.item(shop, name="大米", points=16, stock=3)

    session = login(api, phone, world, lin)
    assert session.status_code == 201
    assert session.json["member"]["display_name"] == "林小燕"

    scan = api.post("/scans", as_=lin, text=f"http://any/q/{world.code_of(station)}")
    assert scan.json["kind"] == "station"
    visit = api.post("/station-visits", as_=lin, code=world.code_of(station), service="water")
    assert visit.status_code == 201
    assert visit.json["visit"]["first_today"]
    assert {line["unit"]: line["amount"] for line in visit.json["expected"]} == {
        "score": 1,
        "points": 2,
    }

    shown = api.get(f"/activities/{activity.id}/venue-code", as_=secretary, kind="in")
    arrived = api.post(f"/activities/{activity.id}/check-ins", as_=lin, code=shown.json["code"])
    assert arrived.status_code == 201
    assert len(bell.rung) == 1
    half_way()
    hands.move(minutes=90)
    shown = api.get(f"/activities/{activity.id}/venue-code", as_=secretary, kind="out")
    left = api.post(f"/activities/{activity.id}/check-outs", as_=lin, code=shown.json["code"])
    points = next(line for line in left.json["expected"] if line["unit"] == "points")
    assert points == {"unit": "points", "amount": 15, "reason": "服务 90 分钟 × 10 分/小时 = 15 分"}
    before = api.get("/me/balances", as_=lin).json
    assert (before["points"]["available"], before["points"]["pending"]) == (0, 17)

    world.settle()  # as the sweeper does, bell or no bell
    after = api.get("/me/balances", as_=lin).json
    assert (after["points"]["available"], after["points"]["pending"]) == (17, 0)
    lines = api.get("/me/passbook", as_=lin, unit="points").json["items"]
    assert [line["amount"] for line in lines] == [15, 2]
    assert lines[0]["reason"] == "服务 90 分钟 × 10 分/小时 = 15 分"
    assert lines[0]["title"] == "River clean-up"
    assert lines[0]["policy_version"] == "2026-01"

    code = api.post("/me/redeem-codes", as_=lin).json["code"]
    sold = api.post(
        f"/shops/{shop.id}/redemptions",
        as_=manager,
        key=uuid4().hex,
        redeem_code=code,
        lines=[{"item_id": str(rice.id), "quantity": 1}],
    )
    assert sold.status_code == 201
    receipt = sold.json["redemption"]
    assert (receipt["cost"], receipt["balance_after"]) == (16, 1)
    assert receipt["member_name_masked"] == "林*燕"
    assert world.on_hand(rice) == 2
    assert world.violations() == []
