"""Import: a dry run writes nobody, then all or none, and never the same person twice."""

import re

import pytest
import sqlalchemy as sa

from app.core import edges
from app.households import queries as households
from app.identity import personal
from app.identity.fields import Field
from app.identity.models import Person
from app.roster import importing
from app.roster.models import ImportBatch, ImportChunk
from tests.app.roster.conftest import Browser
from tests.support.client import NOWHERE
from tests.support.sheets import id_number, person, xlsx


def people(world):
    """How many there are, but for who works here."""
    with world.own() as session:
        query = sa.select(sa.func.count()).select_from(Person)
        return session.scalar(query.where(Person.kinds.contains(["resident"])))


def find(world, **wanted):
    [(field, value)] = wanted.items()
    with world.work() as session:
        return personal.find(session, edges.vault(), field=Field(field), value=value)


def test_a_dry_run_writes_nobody(world, desk, upload, sheet):
    before = people(world)

    page = upload(desk, sheet)

    assert "全部写入" in page.text
    assert re.search(r"<dt>新建</dt><dd>12</dd>", page.text)
    assert people(world) == before


def test_what_is_kept_until_then_is_sealed(world, desk, upload, sheet):
    upload(desk, sheet)

    assert not world.holds_text("13800000001")
    assert not world.holds_text(id_number(1))


def test_all_of_a_sheet_is_taken_over(world, take_over, sheet):
    before = people(world)

    page = take_over(sheet)

    assert "已写入" in page.text
    assert people(world) == before + 12
    [one] = find(world, id_number=id_number(4))
    with world.work() as session:
        told = personal.read_own(session, edges.vault(), person_id=one)
        home = households.open_membership(session, one)
        family = households.members_of(session, home.household_id)
    assert told[Field.PHONE] == "+8613800000004"
    assert told[Field.BIRTH_DATE] == "1954-05-05"
    assert [member.is_head for member in family] == [True, False, False]
    assert world.violations() == []


def test_afterwards_nothing_of_the_sheet_is_kept(world, take_over, sheet):
    take_over(sheet)

    with world.own() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(ImportChunk)) == 0
        batch = session.scalars(sa.select(ImportBatch)).one()
    assert (batch.state, batch.created, batch.updated) == ("done", 12, 0)


def test_the_import_is_written_down(world, take_over, clerk, sheet):
    take_over(sheet)

    with world.own() as session:
        entry = session.execute(
            sa.text("SELECT actor_id, changed FROM audit_entry WHERE action = 'people.import'")
        ).one()
    assert entry.actor_id == clerk.id
    assert entry.changed == {"created": ["", "12"], "updated": ["", "0"]}


def test_the_same_sheet_again_makes_nobody_twice(world, take_over, sheet):
    take_over(sheet)
    before = people(world)

    page = take_over(sheet)

    assert re.search(r"<dt>已有</dt><dd>12</dd>", page.text)
    assert people(world) == before


@pytest.mark.parametrize(
    "known_by",
    [{"身份证号码": ""}, {"身份证号码": "", "联系电话": ""}],
    ids=["phone and name", "name and door"],
)
def test_who_has_no_number_is_known_by_the_next_best(world, take_over, known_by):
    sheet = xlsx([person(number, **known_by) for number in range(6)])
    take_over(sheet)
    before = people(world)

    take_over(sheet)

    assert people(world) == before


def test_a_number_that_comes_later_belongs_to_the_same_person(world, take_over):
    take_over(xlsx([person(0, 身份证号码="")]))
    before = people(world)

    take_over(xlsx([person(0)]))

    assert people(world) == before
    assert find(world, id_number=id_number(0)) == find(world, phone="13800000000")


def test_two_who_share_a_phone_are_two(world, take_over):
    before = people(world)

    take_over(xlsx([person(0), person(1, 联系电话="13800000000")]))

    assert people(world) == before + 2


def test_one_bad_row_keeps_everybody_out(world, desk, upload):
    rows = [person(number) for number in range(12)]
    rows[7]["身份证号码"] = "4412841950"
    before = people(world)

    page = upload(desk, xlsx(rows))

    assert "有 1 行需要改正" in page.text
    assert '<td class="num">10</td><td>身份证号码</td>' in page.text
    assert "全部写入" not in page.text
    assert people(world) == before
    with world.own() as session:
        [batch] = session.scalars(sa.select(ImportBatch.id))
        assert session.scalar(sa.select(sa.func.count()).select_from(ImportChunk)) == 0
    done = desk.submit(f"/staff/people/import/{batch}", shown_on="/staff/people/import")
    assert done.status_code == 409


def test_who_is_stopped_half_way_has_written_nobody(world, clerk, desk, upload, monkeypatch):
    monkeypatch.setattr(importing, "AT_ONCE", 4)
    upload(desk, xlsx([person(number) for number in range(12)]))
    before = people(world)
    with world.own() as session:
        [batch] = session.scalars(sa.select(ImportBatch.id))
    me = principal_of(world, clerk)

    class Killed(Exception):
        pass

    def write_eight(session):
        for through in importing.take_over(session, edges.vault(), batch, me=me, now=world.now()):
            if through == 8:
                raise Killed

    with pytest.raises(Killed), world.work() as session:
        write_eight(session)
    assert people(world) == before


def principal_of(world, somebody):
    from app.demo import town  # noqa: PLC0415 - the demo signs people in the same way

    with world.work() as session:
        return town.principal(session, somebody, on=world.now())


def test_how_far_it_is_can_be_asked(world, desk, upload, take_over, sheet):
    take_over(sheet)
    with world.own() as session:
        [batch] = session.scalars(sa.select(ImportBatch.id))

    page = desk.get(f"/staff/people/import/{batch}/progress")

    assert "已写入 12 行，共 12 行" in page.text


def test_somebody_of_elsewhere_is_named_and_not_doubled(world, desk, upload, take_over):
    world.unit("community", "Wenhua", under="East Street")
    take_over(xlsx([person(0)]))
    other = world.staff("community_clerk", at="Wenhua")

    page = upload(
        Browser(world, desk_api(world), other),
        xlsx([person(0)]),
        community=world.units["Wenhua"],
    )

    assert "已在其他社区建档" in page.text


def desk_api(world):
    from tests.support.client import ApiClient  # noqa: PLC0415 - one more person at a browser

    return ApiClient(world)


def test_another_communitys_import_does_not_exist(world, api, desk, upload, sheet):
    upload(desk, sheet)
    world.unit("community", "Wenhua", under="East Street")
    other = Browser(world, api, world.staff("community_clerk", at="Wenhua"))
    with world.own() as session:
        [batch] = session.scalars(sa.select(ImportBatch.id))

    foreign, nowhere = (other.get(f"/staff/people/import/{number}") for number in (batch, NOWHERE))
    refused = upload(other, sheet)

    assert foreign.status_code == nowhere.status_code == refused.status_code == 404


def test_a_sheet_one_does_not_want_is_let_go_of(world, desk, upload, sheet):
    upload(desk, sheet)
    with world.own() as session:
        [batch] = session.scalars(sa.select(ImportBatch.id))
    here = f"/staff/people/import/{batch}"

    desk.submit(f"{here}/drop", shown_on=here)

    with world.own() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(ImportChunk)) == 0
    assert desk.submit(here, shown_on="/staff/people/import").status_code == 409


def test_units_are_taken_over_once(world, api, clerk, take_over):
    content = "单位名称,单位性质\n第一小学,事业单位\n某公司,企业\n".encode()

    take_over(content, kind="units")
    take_over(content, kind="units")

    units = api.get("/stationed-units", as_=clerk).json["items"]
    assert [one["name"] for one in units] == ["某公司", "第一小学"]


def test_a_file_that_is_too_large_is_refused_before_it_is_read(world, api, clerk):
    path = f"/people/imports?community_id={world.units['Mingde']}"

    answer = api.post_raw(
        path, as_=clerk, data=b"", content_type="text/csv", content_length=11 * 1024 * 1024
    )

    assert answer.status_code == 413


def send(world, api, clerk, content, **query):
    """The sheet as another program sends it."""
    query = {"community_id": str(world.units["Mingde"]), **query}
    return api.post_raw(
        "/people/imports",
        as_=clerk,
        data=content,
        content_type="application/octet-stream",
        query_string=query,
    )


def test_a_program_has_a_sheet_checked_and_then_taken_over(world, api, clerk, sheet):
    before = people(world)

    dry = send(world, api, clerk, sheet).json["import"]
    assert (dry["state"], dry["created"], people(world)) == ("checked", 12, before)
    done = send(world, api, clerk, sheet, dry_run="false").json["import"]

    assert (done["state"], done["created"], people(world)) == ("done", 12, before + 12)


def test_a_program_is_told_every_problem_and_nobody_is_written(world, api, clerk):
    rows = [person(0), person(1, 联系电话="1")]
    before = people(world)

    answer = send(world, api, clerk, xlsx(rows), dry_run="false").json["import"]

    assert [(one["row"], one["column"]) for one in answer["problems"]] == [(4, "联系电话")]
    assert (answer["state"], people(world)) == ("checked", before)


def test_a_program_with_nonsense_is_refused(world, api, clerk):
    with world.changes() as changed:
        answer = send(world, api, clerk, b"\0\1")

    assert answer.status_code == 422
    assert answer.json["code"] == "sheet_unreadable"
    assert changed == {}
