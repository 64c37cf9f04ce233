"""代看存折: staff open the passbook of somebody who has no phone; who looked is written down."""

import pytest
import sqlalchemy as sa

from app.identity.models import Person
from tests.support.browser import Browser

CARD, WHY = "GZ00012345", "本人在柜台，没有带卡"
DESK = "/staff/passbook"


@pytest.fixture
def elder(world):
    elder = world.person("何桂芳", points=20)
    with world.own() as session:
        session.execute(sa.update(Person).filter_by(id=elder.id).values(card_no=CARD))
    return elder


def looked(world):
    query = "SELECT role, subject_id, reason FROM audit_entry WHERE action = 'passbook.show'"
    with world.own() as session:
        return [tuple(row) for row in session.execute(sa.text(query))]


@pytest.mark.parametrize("role", ["community_clerk", "shop_manager"])
def test_a_card_opens_the_passbook_to_be_printed_and_it_is_kept_who_looked(world, api, elder, role):
    desk = Browser(world, api, world.staff(role))

    opened = desk.submit(DESK, shown_on=DESK, card_no=f" {CARD.lower()} ")
    part = desk.submit(DESK, shown_on=DESK, card_no=CARD, unit="minutes")

    assert opened.status_code == part.status_code == 200
    assert "何*芳" in opened.text
    assert "何桂芳" not in opened.text
    assert "打印存折" in opened.text
    assert "20" in opened.text
    assert 'class="book"' not in part.text
    assert looked(world) == [(role, elder.id, "")] * 2


def test_without_a_card_there_is_a_reason_and_each_line_says_who_did_it(world, api, elder, hands):
    clerk, activity = world.staff("community_clerk", name="钟干部"), world.activity()
    path = f"/activities/{activity.id}/staff-check-"
    api.post(f"{path}ins", as_=clerk, card_no=CARD)
    hands.move(minutes=90)
    api.post(f"{path}outs", as_=clerk, card_no=CARD)
    world.settle()
    desk = Browser(world, api, clerk)

    found = desk.submit(f"{DESK}/find", shown_on=DESK, q="何桂芳")
    with world.changes() as changed:
        silent = desk.submit(DESK, shown_on=DESK, person_id=str(elder.id), reason="")
    opened = desk.submit(DESK, shown_on=DESK, person_id=str(elder.id), reason=WHY)

    assert str(elder.id) in found.text
    assert (silent.status_code, changed) == (422, {})
    assert "钟*部经办" in opened.text
    assert looked(world) == [("community_clerk", elder.id, WHY)]


def test_somebody_elsewhere_is_nobody(world, api, elder):
    world.unit("community", "Xinhua", under="East Street")
    desk = Browser(world, api, world.staff("community_clerk", at="Xinhua"))

    with world.changes() as changed:
        answers = [desk.submit(DESK, shown_on=DESK, card_no=card) for card in (CARD, "GZ99999999")]
    found = desk.submit(f"{DESK}/find", shown_on=DESK, q="何桂芳")

    assert [one.status_code for one in answers] == [404, 404]
    assert all("没有找到这个人" in one.text for one in answers)
    assert "没有找到这个人" in found.text
    assert changed == {}
