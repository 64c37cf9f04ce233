"""The audit log: what it says, what it survives, and that no hand rewrites it unseen."""

from dataclasses import replace
from uuid import uuid4

import pytest
import sqlalchemy as sa

from app.core import audit
from app.core.audit import Actor, anchors, verify
from app.core.audit.models import GENESIS, AuditEntry
from app.core.db import attempt, transaction
from app.core.errors import Conflict


class OutOfReach(Conflict):
    code, title = "out_of_reach", "For these tests only"


class Superuser:
    """Somebody at the database's own terminal, whom no wall keeps out."""

    def __init__(self, url, tenant_id):
        self._engine = sa.create_engine(url, poolclass=sa.NullPool)
        self._tenant_id = tenant_id

    def says(self, statement, **values):
        with self._engine.begin() as connection:
            where = f"{statement} AND tenant_id = :t"
            assert connection.execute(sa.text(where), {"t": self._tenant_id, **values}).rowcount


@pytest.fixture
def superuser(stand, database_name, world):
    return Superuser(stand.url(database_name), world.tenant_id)


@pytest.fixture
def note(world):
    """Writes an entry in a unit of work of its own."""

    def note(action="role.grant", **said):
        with world.work() as session:
            record(session, world, action=action, **said)

    return note


@pytest.fixture
def five(note):
    for number in range(5):
        note(reason=f"reason {number}")


def record(session, world, **said):
    said = {"action": "role.grant", "scope": world.units["Mingde"], **said}
    subject = said.pop("subject", ("person", uuid4()))
    actor = said.pop("actor", Actor(person_id=uuid4(), role="system_admin"))
    audit.record(session, actor=actor, subject=subject, at=world.now(), **said)


def walk(world, anchored=None):
    with world.work() as session:
        return verify.walk(session, anchors=anchored or {})


def broken(world, anchored=None):
    found = walk(world, anchored).broken
    assert found is not None
    return found.seq, found.why


def entries(world):
    with world.work() as session:
        return list(session.scalars(sa.select(AuditEntry).order_by(AuditEntry.seq)))


def test_an_entry_says_who_did_what_to_whom_and_why(world, hands):
    lin, wang = uuid4(), uuid4()
    actor = Actor(person_id=lin, on_behalf_of=wang, role="community_clerk", session_id=uuid4())

    with world.work() as session:
        audit.record(
            session,
            actor=actor,
            action="person.unmask",
            subject=("person", wang),
            scope=world.units["Mingde"],
            at=hands(),
            changed={"phone": ("138****1234", "139****1234")},
            reason="核对电话",
        )

    (entry,) = entries(world)
    assert (entry.seq, entry.prev_hash, entry.at) == (1, GENESIS, hands())
    assert (entry.actor_id, entry.on_behalf_of, entry.role) == (lin, wang, "community_clerk")
    assert (entry.session_id, entry.scope_id) == (actor.session_id, world.units["Mingde"])
    assert (entry.action, entry.subject_kind, entry.subject_id) == ("person.unmask", "person", wang)
    assert entry.changed == {"phone": ["138****1234", "139****1234"]}
    assert (entry.reason, entry.result) == ("核对电话", "done")


def test_entries_follow_each_other_within_their_tenant(world, new_world, five):
    other = new_world()
    with other.work() as session:
        record(session, other)

    chain = entries(world)

    assert [entry.seq for entry in chain] == [1, 2, 3, 4, 5]
    assert [entry.prev_hash for entry in chain[1:]] == [entry.hash for entry in chain[:-1]]
    assert walk(world) == replace(walk(world), entries=5, broken=None)
    assert walk(other).entries == 1


def test_many_who_write_at_once_make_one_chain(world, crowd):
    def act(_client):
        with world.work() as session:
            record(session, world)
            record(session, world)

    crowd.at_once([act] * 12)

    assert walk(world) == replace(walk(world), entries=24, broken=None)


def test_an_act_that_is_undone_leaves_no_entry(world):
    def refused():
        with world.work() as session:
            record(session, world)
            raise OutOfReach("不行")

    with pytest.raises(OutOfReach):
        refused()

    assert entries(world) == []


def test_a_part_that_is_undone_leaves_no_entry_and_the_rest_does(world):
    def refused(session):
        with attempt(session):
            record(session, world, action="undone.part")
            raise OutOfReach("不行")

    with world.work() as session:
        record(session, world, action="what.stays")
        with pytest.raises(OutOfReach):
            refused(session)

    assert [entry.action for entry in entries(world)] == ["what.stays"]


def test_an_attempt_that_was_refused_is_written_down_and_nothing_else(world):
    def refused():
        with world.app.app_context(), transaction(world.tenant_id) as session:
            record(session, world, action="what.it.did.before")
            record(session, world, result=OutOfReach.code)
            raise OutOfReach("不行")

    with world.changes() as changed, pytest.raises(OutOfReach):
        refused()

    assert changed == {"audit_entry": 1, "audit_head": 1}
    assert [entry.result for entry in entries(world)] == ["out_of_reach"]
    assert walk(world).broken is None


def test_a_refusal_inside_a_part_is_written_down_with_the_rest(world):
    def refused(session):
        with attempt(session):
            record(session, world, result=OutOfReach.code)
            raise OutOfReach("不行")

    with world.work() as session, pytest.raises(OutOfReach):
        refused(session)

    assert [entry.result for entry in entries(world)] == ["out_of_reach"]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("reason", "'another'"),
        ("at", "at + interval '1 microsecond'"),
        ("actor_id", "gen_random_uuid()"),
        ("on_behalf_of", "actor_id"),
        ("role", "'auditor'"),
        ("session_id", "gen_random_uuid()"),
        ("scope_id", "NULL"),
        ("action", "'role.end'"),
        ("subject_kind", "'unit'"),
        ("subject_id", "NULL"),
        ("changed", """'{"role": ["a", "b"]}'"""),
        ("request_id", "'x'"),
        ("result", "'refused'"),
        ("id", "gen_random_uuid()"),
        ("hash", "decode(repeat('00', 32), 'hex')"),
        ("prev_hash", "decode(repeat('00', 32), 'hex')"),
    ],
)
def test_an_edited_entry_is_named(world, superuser, five, column, value):
    superuser.says(f"UPDATE audit_entry SET {column} = {value} WHERE seq = 3")

    assert broken(world) == (3, "it was changed after it was written")


def test_a_removed_entry_is_named(world, superuser, five):
    superuser.says("DELETE FROM audit_entry WHERE seq = 3")

    assert broken(world) == (3, "it is missing")


def test_an_end_that_was_cut_off_is_named(world, superuser, five):
    superuser.says("DELETE FROM audit_entry WHERE seq > 3")

    assert broken(world)[0] == 4
    assert "the end was cut off" in broken(world)[1]


def test_two_that_were_swapped_are_named(world, superuser, five):
    superuser.says("UPDATE audit_entry SET seq = seq + 100 WHERE seq IN (2, 4)")
    superuser.says("UPDATE audit_entry SET seq = 106 - seq WHERE seq > 100")

    assert [entry.reason[-1] for entry in entries(world)] == ["0", "3", "2", "1", "4"]
    assert broken(world) == (2, "it was changed after it was written")


def test_an_entry_that_was_edited_with_its_hash_is_betrayed_by_the_next(world, superuser, five):
    rewrite(world, superuser, seq=3)

    assert broken(world) == (4, "it does not follow the entry before it")


def test_the_last_one_edited_with_its_hash_is_betrayed_by_the_head(world, superuser, five):
    rewrite(world, superuser, seq=5)

    assert broken(world) == (5, "it is not the entry that the head of the chain ends with")


def test_a_head_that_was_moved_back_is_betrayed_by_the_entries(world, superuser, five):
    superuser.says("UPDATE audit_head SET seq = 3 WHERE true")

    assert broken(world) == (4, "it was written past the head of the chain")


def test_a_chain_that_was_cut_off_with_its_head_is_betrayed_by_the_anchor(
    world, superuser, five, tmp_path
):
    anchored = anchor(world, tmp_path)

    superuser.says("DELETE FROM audit_entry WHERE seq > 3")
    last = entries(world)[-1]
    superuser.says("UPDATE audit_head SET seq = 3, hash = :hash WHERE true", hash=last.hash)

    assert walk(world).broken is None
    assert broken(world, anchored)[0] == 4


def test_a_chain_that_was_written_anew_is_betrayed_by_the_anchor(world, superuser, five, tmp_path):
    anchored = anchor(world, tmp_path)

    hash_ = rewrite(world, superuser, seq=5)
    superuser.says("UPDATE audit_head SET hash = :hash WHERE true", hash=hash_)

    assert walk(world).broken is None
    assert broken(world, anchored) == (
        5,
        "it is not the entry that was anchored outside the database",
    )


def test_a_broken_chain_is_not_anchored(world, superuser, five, tmp_path):
    superuser.says("DELETE FROM audit_entry WHERE seq = 3")

    assert anchor(world, tmp_path) == {}


def test_a_chain_is_anchored_once_for_each_end(world, five, note, tmp_path):
    first, again = anchor(world, tmp_path), anchor(world, tmp_path)
    note()

    assert first == again
    assert sorted(anchor(world, tmp_path)) == [5, 6]
    assert (tmp_path / "audit-anchors").stat().st_mode & 0o077 == 0


def test_the_books_are_not_in_order_while_the_log_is_not(world, superuser, five):
    assert world.violations() == []

    superuser.says("DELETE FROM audit_entry WHERE seq = 5")

    assert [violation.rows[0]["entry"] for violation in world.violations()] == [5]


def anchor(world, folder):
    file = anchors.file_in(folder)
    with world.work() as session:
        anchors.drop(session, file, now=world.now())
    return anchors.read(file, world.tenant_id)


def rewrite(world, superuser, *, seq):
    """Edit an entry as somebody who knows how hashes are made; answers the new hash."""
    entry = next(entry for entry in entries(world) if entry.seq == seq)
    entry.reason = "nothing happened"
    hash_ = audit.chain.digest(entry)
    superuser.says(
        "UPDATE audit_entry SET reason = :reason, hash = :hash WHERE seq = :seq",
        reason=entry.reason,
        hash=hash_,
        seq=seq,
    )
    return hash_
