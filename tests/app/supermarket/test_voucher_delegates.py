"""服务券 shown by somebody's delegate: within the mandate, and with both names on it."""

import pytest
import sqlalchemy as sa

from app.core.audit.models import AuditEntry
from tests.support.browser import Browser
from tests.support.orders import Orders
from tests.support.refusals import refusal


@pytest.fixture
def wang(world):
    return world.person("王阿婆", points=40)


@pytest.fixture
def grandson(world):
    return world.person("王小明")


@pytest.fixture
def bought(api, counter, haircut, wang):
    """Two vouchers of hers."""
    counter.redeem(counter.code(wang), item=haircut, quantity=2)
    return api.get("/me/vouchers", as_=wang).json["items"]


def acts_for(world, wang):
    query = sa.select(AuditEntry.action, AuditEntry.actor_id).where(
        AuditEntry.on_behalf_of == wang.id
    )
    with world.own() as session:
        return [tuple(row) for row in session.execute(query.order_by(AuditEntry.seq))]


def test_a_delegate_shows_them_and_both_names_are_on_it(
    world, api, counter, bought, wang, grandson, open_merchant
):
    world.mandate(wang, grandson)
    barber, phone = open_merchant(), Browser(world, api, grandson)

    page = phone.get("/vouchers", **{"for": str(wang.id)}).text
    over_api = api.get("/me/vouchers", as_=grandson, on_behalf_of=str(wang.id)).json["items"]

    assert "您正在替王阿婆办理" in page
    assert "<h1>王阿婆的服务券</h1>" in page
    assert "<h1>我的服务券</h1>" in phone.get("/vouchers").text
    assert page.count("code__digits") == 2
    assert [one["code"] for one in over_api] == [one["code"] for one in bought]
    assert acts_for(world, wang) == [("delegate.redeem", grandson.id)] * 2
    assert Orders(world, counter).told(wang)["delegate_acted"] == 1
    assert barber.redeem(over_api[0]["code"]).status_code == 200
    assert phone.get("/vouchers").text.count("code__digits") == 0


def test_a_delegate_gives_one_back_and_its_points_are_their_owners(
    world, api, bought, wang, grandson
):
    world.mandate(wang, grandson)
    first, second = (one["id"] for one in bought)
    whom, phone = str(wang.id), Browser(world, api, grandson)

    by_page = phone.submit(
        f"/vouchers/{first}/return", shown_on=f"/vouchers?for={whom}", **{"for": whom}
    )
    by_api = api.post(f"/vouchers/{second}/return", as_=grandson, key="k" * 20, on_behalf_of=whom)

    assert (by_page.status_code, by_page.location) == (303, f"/vouchers?for={whom}")
    assert by_api.json["voucher"]["state"] == "returned"
    assert (world.points_of(wang), world.points_of(grandson)) == (40, 0)
    assert "redemption.return" in {action for action, _who in acts_for(world, wang)}
    assert world.violations() == []


@pytest.mark.parametrize("acts", [None, ["read"]])
def test_without_a_mandate_to_fetch_nobody_sees_them(world, api, bought, wang, grandson, acts):
    if acts:
        world.mandate(wang, grandson, acts=acts)
    phone = Browser(world, api, grandson)

    with world.changes() as changed:
        page = phone.get("/vouchers", **{"for": str(wang.id)})
        listed = api.get("/me/vouchers", as_=grandson, on_behalf_of=str(wang.id))
        path = f"/vouchers/{bought[0]['id']}/return"
        back = api.post(path, as_=grandson, key="k" * 20, on_behalf_of=str(wang.id))
        unsaid = api.post(path, as_=grandson, key="l" * 20)

    assert page.status_code == 404
    assert refusal(listed) == refusal(back) == (404, "mandate_unknown")
    assert refusal(unsaid) == (404, "voucher_unknown")
    assert not {"service_voucher", "audit_entry", "notice"} & set(changed)


def test_a_clerk_redeems_none_that_they_could_show_themself(world, bought, wang, open_merchant):
    barber = open_merchant()
    world.mandate(wang, barber.clerk)

    answer = barber.redeem(bought[0]["code"])

    assert (answer.status_code, "由您代办" in answer.text) == (409, True)
    assert barber.browser.get(barber.path).text.count("今天还没有核销") == 1
