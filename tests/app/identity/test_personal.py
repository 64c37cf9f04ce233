"""Personal data: sealed where they stand, found without being opened, shown for a reason."""

import pytest
import sqlalchemy as sa

from app.core import audit
from app.core.audit.models import AuditEntry
from app.core.errors import NotFound
from app.core.vault import DataKeys, SealBroken, Vault, resealing
from app.identity import disclosing, personal, sessions
from app.identity.disclosing import Asked
from app.identity.errors import PersonalInvalid, PersonalTaken, ReasonMissing
from app.identity.fields import Field, masked, written
from app.identity.models import Person, PersonalDatum
from app.identity.personal import Datum

LIN = {
    Field.NAME: "林晓梅",
    Field.PHONE: "138 1234 5678",
    Field.ID_NUMBER: "11010519491231002x",
    Field.BIRTH_DATE: "1949-12-31",
    Field.PARTY: "中共党员，2001年入党",
}


@pytest.fixture
def vault(app):
    return app.extensions["vault"]


@pytest.fixture
def lin(world):
    person = world.person()
    world.know(person, LIN)
    return person


@pytest.fixture
def principal(world):
    """Somebody as they come in with a session of their own."""

    def principal(person):
        with world.work() as session:
            started = sessions.start(session, person, staff=True, now=world.now())
        with world.work() as session:
            return sessions.identify(session, token=started.token, now=world.now())

    return principal


@pytest.fixture
def unmask(world, vault, principal):
    """What somebody reads of somebody else."""

    def unmask(who, person_id, field=Field.PHONE, reason="核对联系电话"):
        me = principal(who)
        asked = Asked(person_id=person_id, field=field, reason=reason)
        with world.work() as session:
            return disclosing.read(session, vault, me=me, asked=asked, at=world.now())

    return unmask


def entries(world):
    with world.work() as session:
        return list(session.scalars(sa.select(AuditEntry).order_by(AuditEntry.seq)))


def find(world, vault, field, value):
    with world.work() as session:
        return personal.find(session, vault, field=field, value=value)


def own(world, vault, person):
    with world.work() as session:
        return personal.read_own(session, vault, person_id=person.id)


def shown(world, person):
    with world.work() as session:
        return session.get_one(Person, (world.tenant_id, person.id)).display_name


@pytest.mark.parametrize("value", [*LIN.values(), "13812345678", "+8613812345678"])
def test_nothing_of_it_stands_in_the_database(world, lin, value):
    assert not world.holds_text(value)


def test_the_person_reads_all_of_it_as_it_is_written(world, vault, lin):
    assert own(world, vault, lin) == {
        **LIN,
        Field.PHONE: "+8613812345678",
        Field.ID_NUMBER: "11010519491231002X",
    }


def test_everybody_else_sees_a_masked_name(world, lin):
    assert shown(world, lin) == "林**"

    world.know(lin, {Field.NAME: "林梅"})

    assert shown(world, lin) == "林*"


@pytest.mark.parametrize(
    ("field", "value", "seen"),
    [
        (Field.NAME, "张三", "张*"),
        (Field.NAME, "阿依古丽·买买提", "阿**"),
        (Field.NAME, "林", "林"),
        (Field.PHONE, "+8613812345678", "138****5678"),
        (Field.PHONE, "+8651265123456", "512****3456"),
        (Field.ID_NUMBER, "11010519491231002X", "110***********002X"),
        (Field.BIRTH_DATE, "1949-12-31", "***"),
        (Field.PARTY, "中共党员", "***"),
    ],
)
def test_what_may_be_seen_of_it(field, value, seen):
    assert masked(field, value) == seen


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (Field.NAME, " "),
        (Field.PHONE, "12345"),
        (Field.ID_NUMBER, "110105194912310021"),
        (Field.BIRTH_DATE, "1949-13-31"),
        (Field.PARTY, ""),
    ],
)
def test_what_cannot_be_one_is_refused_without_being_repeated(world, lin, field, value):
    with world.changes() as changed, pytest.raises(PersonalInvalid) as refused:
        world.know(lin, {field: value})

    assert changed == {}
    assert list(refused.value.errors) == [field]
    assert value.strip() == "" or value not in f"{refused.value.detail}{refused.value.errors}"
    assert written(Field.BIRTH_DATE, " 1949-12-31 ") == "1949-12-31"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (Field.NAME, "林晓梅 "),
        (Field.PHONE, "+86 138-1234-5678"),
        (Field.ID_NUMBER, "11010519491231002X"),
    ],
)
def test_somebody_is_found_however_it_is_written(world, vault, lin, field, value):
    assert find(world, vault, field, value) == [lin.id]


def test_somebody_is_found_by_the_last_four_places(world, vault, lin):
    with world.work() as session:
        by_phone = personal.find_by_tail(session, vault, field=Field.PHONE, tail="5678")
        by_id = personal.find_by_tail(session, vault, field=Field.ID_NUMBER, tail="002x")
        by_other = personal.find_by_tail(session, vault, field=Field.PHONE, tail="002X")

    assert (by_phone, by_id, by_other) == ([lin.id], [lin.id], [])


def test_nobody_is_found_in_another_city(new_world, vault, lin):
    other = new_world()

    assert find(other, vault, Field.PHONE, "13812345678") == []


def test_two_may_share_a_telephone_and_not_an_identity_number(world, vault, lin):
    elder = world.person("赵奶奶")
    world.know(elder, {Field.PHONE: "13812345678"})

    with world.changes() as changed, pytest.raises(PersonalTaken):
        world.know(elder, {Field.ID_NUMBER: "11010519491231002X"})

    assert changed == {}
    assert set(find(world, vault, Field.PHONE, "13812345678")) == {lin.id, elder.id}


def test_a_change_is_written_down_masked(world, lin):
    world.know(lin, {Field.PHONE: "13987654321", Field.NAME: "林晓梅"})

    last = entries(world)[-1]
    assert (last.action, last.subject_id) == ("person.change", lin.id)
    assert last.changed == {"phone": ["138****5678", "139****4321"]}
    assert last.scope_id == world.units["Mingde"]


def test_what_stays_the_same_is_not_written_down(world, lin):
    with world.changes() as changed:
        world.know(lin, {Field.PHONE: "+86 13812345678"})

    assert changed == {}


def test_who_may_sees_it_in_full_and_that_is_written_down(world, lin, unmask):
    secretary = world.staff("community_secretary")

    assert unmask(secretary, lin.id) == "+8613812345678"
    assert unmask(secretary, lin.id, Field.PARTY, "办理报到") == LIN[Field.PARTY]

    first, second = entries(world)[-2:]
    assert (first.action, first.actor_id, first.subject_id) == (
        "person.unmask",
        secretary.id,
        lin.id,
    )
    assert (first.role, first.reason, first.result) == (
        "community_secretary",
        "核对联系电话",
        audit.DONE,
    )
    assert first.session_id is not None
    assert (first.changed, second.changed) == ({"field": ["", "phone"]}, {"field": ["", "party"]})


def test_without_a_reason_nobody_sees_it(world, lin, unmask):
    secretary = world.staff("community_secretary")

    with pytest.raises(ReasonMissing):
        unmask(secretary, lin.id, reason="  ")


@pytest.mark.parametrize(
    ("role", "at"),
    [("shop_manager", "Mingde"), ("community_secretary", "Next door"), ("auditor", "city")],
)
def test_who_may_not_is_told_what_is_told_of_nobody(world, lin, unmask, role, at):
    world.unit("community", "Next door", under="East Street")
    other = world.staff(role, at=at)

    with pytest.raises(NotFound) as refused:
        unmask(other, lin.id)
    with pytest.raises(NotFound) as of_nobody:
        unmask(other, other.community_id)

    assert refused.value.detail == of_nobody.value.detail
    tried = entries(world)[-1]
    assert (tried.action, tried.actor_id, tried.result) == ("person.unmask", other.id, "not_found")
    assert world.violations() == []


def test_many_are_kept_at_once_and_seen_masked(world, vault):
    people = world.people(30)
    data = [
        datum
        for place, person in enumerate(people)
        for datum in (
            Datum(person_id=person.id, field=Field.NAME, value=f"王小{place}"),
            Datum(person_id=person.id, field=Field.PHONE, value=f"199{place:08}"),
        )
    ]

    with world.work() as session:
        personal.put_many(session, vault, data, at=world.now())

    ids = [person.id for person in people]
    with world.work() as session:
        phones = personal.read_masked(session, vault, person_ids=ids, field=Field.PHONE)
    assert phones[people[7].id] == "199****0007"
    assert {shown(world, person) for person in people} == {"王**"}
    assert find(world, vault, Field.NAME, "王小29") == [people[29].id]


def test_a_seal_that_was_copied_to_somebody_else_does_not_open(world, vault, lin):
    elder = world.person("赵奶奶")
    world.know(elder, {Field.PHONE: "13900000000"})
    stolen = sa.select(PersonalDatum.sealed).filter_by(person_id=lin.id, field=Field.PHONE)

    with world.work() as session:
        theirs = sa.update(PersonalDatum).filter_by(person_id=elder.id, field=Field.PHONE)
        session.execute(theirs.values(sealed=session.scalars(stolen).one()))

    with pytest.raises(SealBroken):
        own(world, vault, elder)


def reseal(world, vault, batches=100):
    after, total = None, 0
    for _ in range(batches):
        with world.work() as session:
            (column,) = personal.SEALED
            after, some = resealing.reseal(session, vault, column, after=after)
        total += some
        if after is None:
            break
    return total


@pytest.mark.parametrize("cipher", ["aes256gcm", "sm4gcm"])
def test_everything_is_sealed_anew_with_another_key(world, app, lin, monkeypatch, cipher):
    monkeypatch.setattr(resealing, "AT_ONCE", 4)
    keys = DataKeys.read(app.config["SETTINGS"].data_keys)
    renewed = Vault(keys.with_another(), algorithm=cipher)
    before = own(world, app.extensions["vault"], lin)

    first = reseal(world, renewed, batches=1)  # and there the process is killed
    assert own(world, renewed, lin) == before
    rest = reseal(world, renewed)

    assert (first, rest) == (4, 1)
    assert reseal(world, renewed) == 0
    without_old = DataKeys("k2", {"k2": renewed._keys.keys["k2"]}, keys.index)
    assert own(world, Vault(without_old, algorithm=cipher), lin) == before
    assert find(world, renewed, Field.PHONE, "13812345678") == [lin.id]


def test_the_command_seals_anew(world, app, lin, monkeypatch):
    keys = DataKeys.read(app.config["SETTINGS"].data_keys).with_another()
    monkeypatch.setitem(app.extensions, "vault", Vault(keys, algorithm="sm4gcm"))
    run = app.test_cli_runner().invoke
    own_tenant = ["--tenant", f"t{world.tenant_id}"]

    with app.app_context():
        once = run(args=["vault", "rotate", *own_tenant])
        again = run(args=["vault", "rotate", *own_tenant])

    assert once.stdout.splitlines()[0].endswith(": 6 values sealed anew")
    assert again.stdout.splitlines()[0].endswith(": 0 values sealed anew")
