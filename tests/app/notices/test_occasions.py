"""What people are told of: each occasion once, in words, to whom it concerns and nobody else."""

from datetime import UTC, datetime, timedelta

import pytest

from app.core.telling.templates import templates
from app.ledger import nightly
from app.wechat.fields import fit
from tests.app.notices.conftest import OURS
from tests.app.organisation.conftest import make_member
from tests.support.hands import NOON


@pytest.fixture
def told(post):
    """What a person was told: titles, and what is said."""

    def told(person):
        mine = [one for one in post.notices() if one.person_id == person.id]
        return {
            templates()[one.template].title: templates()[one.template].said(one.words)
            for one in mine
        }

    return told


@pytest.fixture
def pass_the_night(post):
    def pass_the_night(now):
        with post.as_worker():
            return nightly.run_if_due(post.world.tenant, (), now=now)

    return pass_the_night


def test_a_busy_day_is_one_message_and_a_quiet_one_none(
    api, world, post, told, lin, hands, pass_the_night
):
    quiet = world.person()
    for name in ("East", "West"):
        api.post("/station-visits", as_=lin, code=world.code_of(world.station(name=name)))
    world.settle()
    night = datetime(2026, 3, 2, 16, 10, tzinfo=UTC)
    assert night - NOON < timedelta(days=1)

    pass_the_night(night)
    pass_the_night(night + timedelta(days=1))

    words = told(lin)["积分入账"]
    assert words.startswith("2026年3月2日入账：")
    assert "积分 +" in words
    assert [one.about for one in post.notices()] == ["points_settled:2026-03-02"]
    assert told(quiet) == {}
    assert post.send() == 0  # nobody is woken


def test_a_registration_that_is_decided_is_told_with_the_reason(api, world, told):
    member, secretary = (
        make_member(world, "王立新"),
        world.staff("community_secretary", name="方书记"),
    )
    asked = api.post("/me/registrations", as_=member, community_id=str(world.units["Mingde"]))
    path = f"/registrations/{asked.json['registration']['id']}/decision"
    assert told(member) == {}

    api.post(path, as_=secretary, decision="accept", reason="")
    accepted = told(member)["报到有了结果"]
    api.post(path, as_=secretary, decision="suspend", reason="暂时外出")

    assert "Mingde的报到：已报到" in accepted
    assert told(member)["报到有了结果"].endswith("已暂停。暂时外出")


def test_whoever_is_given_a_role_and_whoever_loses_it_hears_of_it(api, world, told):
    lin, secretary = world.person(), world.staff("community_secretary", name="方书记")
    grant = {
        "person_id": str(lin.id),
        "role": "grid_worker",
        "org_unit_id": str(world.units["Mingde"]),
        "valid_from": NOON.date().isoformat(),
        "valid_to": (NOON.date() + timedelta(days=90)).isoformat(),
        "reason": "新到岗",
    }

    given = api.post("/role-grants", as_=secretary, **grant)
    assert given.status_code == 201, given.json
    role = given.json["id"]
    ended = api.post(f"/role-grants/{role}/revocation", as_=secretary, reason="调岗")

    assert ended.status_code == 201
    assert "担任Mingde的网格员" in told(lin)["您有了新的岗位"]
    assert "网格员岗位" in told(lin)["岗位已经结束"]
    assert told(secretary) == {}


def test_both_hear_of_a_mandate_and_whom_it_is_for_of_each_errand_once_a_day(
    api, world, post, told, hands
):
    lin, daughter = world.person("林小燕", points=20), world.person("王芳")
    world.household(lin, daughter)
    body = {"acts": ["read", "redeem"], "daily_limit": 20}

    given = api.post("/me/delegates", as_=lin, delegate_id=str(daughter.id), **body)
    for _ in range(2):
        api.get("/me/balances", as_=daughter, on_behalf_of=str(lin.id))
        api.post("/me/redeem-codes", as_=daughter, on_behalf_of=str(lin.id))
    acted = [one.about for one in post.notices() if one.template == "delegate_acted"]
    api.delete(f"/delegates/{given.json['delegate']['id']}", as_=daughter)

    assert "王*可以替您看存折、代领物品，每天最多用 20 分" in told(lin)["您有了代办人"]
    assert "您可以替林*燕看存折、代领物品" in told(daughter)["有人请您代办"]
    assert len(acted) == len(set(acted)) >= 1
    assert "王*在" in told(lin)["有人替您办了事"]
    assert "有人替您办了事" not in told(daughter)
    assert "代办已经收回" in told(lin)
    assert "代办已经收回" in told(daughter)


def test_staff_hear_of_a_sign_in_from_where_they_have_not_been(api, world, post, told):
    manager = world.staff("shop_manager")
    name = world.employ(manager, password="correct horse battery")

    def sign_in(device):
        body = {"username": name, "password": "correct horse battery", "device_id": device}
        assert api.post("/staff-sessions", **body).status_code == 201

    sign_in("the-phone-of-the-manager")
    sign_in("the-phone-of-the-manager")
    assert told(manager) == {}
    sign_in("a-phone-nobody-knows-yet")

    assert "从新的设备（" in told(manager)["新设备登录"]
    assert len(post.notices()) == 1


@pytest.mark.parametrize("notice", OURS)
def test_every_notice_fits_its_template_at_the_longest(notice):
    longest = {
        "name": "欧阳建国国",
        "number": "123456",
        "phrase": "已报到",
        "date": "2026年12月31日",
        "time": "2026年12月31日 23:59",
        "thing": "很长的一句话" * 20,
    }
    for field in OURS[notice].fields:
        kind = field.rstrip("0123456789")
        assert fit(field, longest[kind])
