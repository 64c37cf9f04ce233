"""The budget: staff see in time that money is short, and nobody else loses anything by it."""

from datetime import date

import pytest

from app.core.ids import new_id
from app.supermarket import funds, labels
from app.supermarket.funds import Raised
from points_engine import budget_guard
from tests.support.browser import Browser


@pytest.fixture
def manager(world):
    return world.staff("shop_manager")


@pytest.fixture
def desk(world, api, manager):
    return Browser(world, api, manager)


def raise_money(world, manager, fen, *, voucher="2026-001"):
    raised = Raised(
        community_id=world.units["Mingde"],
        voucher=voucher,
        amount_fen=fen,
        source="party_dues",
        funded_on=date(2026, 3, 1),
    )
    with world.work() as session:
        return funds.record(session, raised, recorded_by=manager.id, now=world.now())


def test_the_page_says_what_is_outstanding_and_what_was_raised(world, desk, manager):
    world.person(points=100)
    raise_money(world, manager, 300_00)

    page = desk.get("/budget").text

    assert "在外积分 100 分 ≈ 采购值 20 元 / 已筹 300 元（6%）" in page
    assert "budget__bar_ok" in page
    assert "notice" not in page


@pytest.mark.parametrize(
    ("fen", "level", "said"),
    [
        (25_00, "warning", "已占筹到资金的 80%，请尽早筹措"),
        (20_00, "exceeded", "暂不上架新商品"),
        (5_00, "exceeded", "照常记、照常兑"),
    ],
)
def test_it_warns_in_words_at_80_per_cent_and_at_100(world, desk, manager, fen, level, said):
    world.person(points=100)
    raise_money(world, manager, fen)

    page = desk.get("/budget").text

    assert f"budget__bar_{level}" in page
    assert said in page


def test_where_nothing_was_raised_the_page_says_so(world, desk):
    world.person(points=2)

    assert labels.NOTHING_RAISED in desk.get("/budget").text


def test_points_are_earned_however_little_was_raised(world, manager):
    raise_money(world, manager, 1)
    lin = world.person(points=40)

    assert world.points_of(lin) == 40
    assert world.violations() == []


def test_a_voucher_counts_once_and_can_be_taken_back(world, desk, manager):
    assert raise_money(world, manager, 300_00)
    assert not raise_money(world, manager, 300_00)
    assert "已筹 300 元" in desk.get("/budget").text

    raise_money(world, manager, -100_00, voucher="2026-001 退")

    assert "已筹 200 元" in desk.get("/budget").text


def test_residents_do_not_see_it(browser):
    assert browser.get("/budget").status_code == 403
    assert "采购值" not in browser.get("/me").text


def test_a_manager_sees_their_own_communities_alone(world, desk):
    world.unit("community", "Wenhua", under="East Street")

    assert "Wenhua" not in desk.get("/budget").text


def test_the_commands_record_and_print_it(app, world, manager):
    username = world.employ(manager, password="long enough")
    voucher = str(new_id())
    world.person(points=100)
    run = app.test_cli_runner().invoke
    asked = ["fund", "Mingde", "--fen", "2500", "--source", "fiscal", "--on", "2026-03-01"]

    with app.app_context():
        first, again = (run(args=[*asked, "--voucher", voucher, "--by", username]) for _ in "ab")
        nobody = run(args=[*asked, "--voucher", voucher, "--by", "nobody"])
        printed = run(args=["budget", "--tenant", f"t{world.tenant_id}"])

    assert (first.stdout, nobody.exit_code) == ("recorded\n", 1)
    assert again.stdout == f"voucher {voucher} is recorded already\n"
    assert "在外积分 100 分 ≈ 采购值 20 元 / 已筹 25 元（80%） warning" in printed.stdout


@pytest.mark.parametrize(
    ("points", "funded", "said"),
    [
        (12_340, 300_000, "在外积分 12,340 分 ≈ 采购值 2,468 元 / 已筹 3,000 元（82%）"),
        (3, 0, "在外积分 3 分 ≈ 采购值 0.60 元 / 已筹 0 元"),
    ],
)
def test_money_is_written_as_people_read_it(points, funded, said):
    assert labels.budget_text(points, budget_guard(points, 200, funded)) == said
