"""What staff and residents of the browser's city belong to, and a walk past those pages."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from app.identity.models import Person
from tests.browser.city import City
from tests.browser.tour import Stop
from tests.support.client import ApiClient
from tests.support.sheets import person, xlsx
from tests.support.visitor import Visitor


@dataclass(kw_only=True)
class Neighbours:
    """The resident's family, a member who registers, a grid, and a unit."""

    city: City
    api: ApiClient
    mother: Person = field(init=False)
    member: Person = field(init=False)

    def __post_init__(self) -> None:
        world, lin = self.city.world, self.city.resident
        self.mother = world.person("欧阳秀兰")
        self.member = world.person("王立新")
        with world.own() as session:
            session.execute(
                sa.update(Person)
                .where(Person.id.in_([self.member.id, lin.id]))
                .values(kinds=["resident", "in_service_member"])
            )
        world.unit("grid", "明德一网格", under="Mingde")
        world.unit("grid", "明德二网格", under="Mingde")
        world.unit("building", "明德花园 3 栋", under="明德一网格")
        world.unit("joint_committee", "明德社区大党委", under="Mingde")
        world.household(self.mother, lin, door="2 单元 502 室", under="明德花园 3 栋")
        self.api.post("/me/registrations", as_=self.member, community_id=str(world.units["Mingde"]))


def sheet(folder: Path, *, bad: bool) -> Path:
    """A sheet of people on the clerk's disk."""
    rows = [person(number) for number in range(8)]
    if bad:
        rows[3]["身份证号码"], rows[5]["联系电话"] = "4412841950", "139"
    path = folder / ("有错.xlsx" if bad else "名册.xlsx")
    path.write_bytes(xlsx(rows))
    return path


def of_the_neighbour(phone: Visitor, neighbours: Neighbours) -> Iterator[Stop]:
    page = phone.page
    yield "registration, empty", phone.open("/registration")
    page.get_by_label("我居住的社区").select_option(label="Mingde")
    page.get_by_role("button", name="报到").click()
    page.get_by_text("待社区办理").wait_for()
    yield "registration, waiting", page
    yield "household", phone.open("/household")
    page.get_by_text("请家人代办").click()
    page.get_by_role("button", name="同意并授权").click()
    page.get_by_text("代我办事的人").wait_for()
    yield "household, with a delegate", page
    neighbours.api.post(
        "/me/delegates",
        as_=neighbours.mother,
        delegate_id=str(neighbours.city.resident.id),
        acts=["read", "redeem"],
        daily_limit=50,
    )
    yield "household, as a delegate", phone.open("/household")
    yield "her passbook", phone.open(f"/passbook?for={neighbours.mother.id}")
    yield "her redeem code", phone.open(f"/redeem-code?for={neighbours.mother.id}")


def of_the_office(desk: Visitor, neighbours: Neighbours, folder: Path) -> Iterator[Stop]:
    page, units = desk.page, neighbours.city.world.units
    yield "registrations", desk.open("/staff/registrations")
    page.get_by_role("button", name="退回").first.click()
    page.get_by_role("alert").wait_for()
    yield "registrations, refused without a reason", page
    page.get_by_role("button", name="接收").first.click()
    page.get_by_text("这里现在没有报到").wait_for()
    yield "registrations, none", page
    yield "registrations, accepted", desk.open("/staff/registrations?state=accepted")
    yield "tree", desk.open("/staff/organisation")
    page.get_by_text("登记一个驻区单位").click()
    page.get_by_label("单位名称").fill("明德小学")
    page.get_by_role("button", name="登记并报到").click()
    page.get_by_role("heading", name="驻区单位").wait_for()
    yield "tree, with a unit", page
    desk.open(f"/staff/organisation/{units['明德花园 3 栋']}")
    page.get_by_text("调整到别的上级").click()
    page.get_by_label("新的上级").select_option(label="明德二网格（网格）")
    page.get_by_label("原因", exact=True).fill("网格调整方案第 3 号")
    page.get_by_role("button", name="调整").click()
    page.get_by_text("起。网格调整方案第 3 号").wait_for()
    yield "tree, moved", page
    yield "import", desk.open("/staff/people/import")
    yield from _of_the_sheets(desk, folder)
    yield "people", desk.open("/staff/people")
    page.get_by_label("找人").fill("李伟伟")
    page.get_by_role("button", name="查找").click()
    page.get_by_text("李**").wait_for()
    yield "people, found", page
    yield "a file", desk.open(f"/staff/people/{neighbours.mother.id}")
    page.get_by_text("登记代办人").click()
    yield "a file, unfolded", page


def _of_the_sheets(desk: Visitor, folder: Path) -> Iterator[Stop]:
    page = desk.page
    page.get_by_label("表格（xlsx 或 csv，最大 10 MB）").set_input_files(sheet(folder, bad=True))
    page.get_by_role("button", name="上传并检查").click()
    page.get_by_text("有 2 行需要改正").wait_for()
    yield "import, with problems", page
    page.get_by_role("link", name="重新上传").click()
    page.get_by_label("表格（xlsx 或 csv，最大 10 MB）").set_input_files(sheet(folder, bad=False))
    page.get_by_role("button", name="上传并检查").click()
    page.get_by_text("已检查，还没有写入").wait_for()
    yield "import, checked", page
    page.get_by_role("button", name="全部写入").click()
    page.get_by_text("已写入", exact=True).wait_for()
    yield "import, done", page
