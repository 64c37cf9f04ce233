"""The quarters of a community from a terminal: publicised, closed, and proved to a resident."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from points_engine import verify

Q1 = ("--quarter", "2026Q1")


@pytest.fixture
def run(app, world):
    """Run a command about the home community, or about another."""

    def run(*words, community=None):
        named = str(community or world.units["Mingde"])
        with app.app_context():
            return app.test_cli_runner().invoke(args=[*words, "--community", named])

    return run


@pytest.fixture
def spring(world, hands):
    """A resident has earned in the first quarter, and it is April."""
    lin = world.person(points=4)
    hands.move(days=40)
    return lin


def said(outcome):
    assert outcome.exit_code == 1
    assert outcome.stderr.count("\n") == 1
    return outcome.stderr.removeprefix("Error: ").rstrip("\n")


@pytest.mark.usefixtures("spring")
def test_a_quarter_is_publicised_and_closed(run, tmp_path):
    told = [
        run("quarter", "publicise", *Q1).stdout,
        run("quarter", "publicise", *Q1).stdout,
        run("quarter", "close", *Q1, "--output", str(tmp_path / "seal.json")).stdout,
    ]

    assert told[:2] == ["2026Q1 is publicised\n", "2026Q1 was publicised before\n"]
    notice = json.loads((tmp_path / "seal.json").read_text(encoding="utf-8"))
    assert told[2].startswith("2026Q1 is closed\n  leaf_count  4\n")
    assert notice["seal"]["root"] in told[2]
    assert run("quarter", "close", *Q1).stdout == told[2]


def test_a_resident_checks_their_lines_without_us(run, spring, tmp_path):
    program, proof, seal = (tmp_path / name for name in ("verify.py", "proof.json", "seal.json"))
    shutil.copy(Path(verify.__file__), program)
    run("quarter", "publicise", *Q1)
    run("quarter", "close", *Q1, "--output", str(seal))

    told = run("proof", *Q1, "--person", str(spring.id), "--output", str(proof)).stdout

    assert told == f"4 lines of 2026Q1 are proved in {proof}\n"
    checked = subprocess.run(
        [sys.executable, "-I", program, proof, "--seal", seal],
        capture_output=True,
        check=False,
        text=True,
        encoding="utf-8",
    )
    assert checked.returncode == 0, checked.stdout
    assert "证明里的 4 笔都在 2026Q1 的封账之内" in checked.stdout


def test_a_quarter_that_is_not_over_is_refused_in_words(run, world):
    world.person(points=2)

    refusal = said(run("quarter", "publicise", *Q1))

    assert refusal == "2026Q1 can be publicised when it is over, after 2026-03-31."


def test_the_day_is_that_of_the_community(run, world, hands):
    world.person(points=2)
    hands.move(days=29, hours=13)  # the first of April in Shanghai, and not yet in Greenwich

    assert run("quarter", "publicise", *Q1).exit_code == 0


@pytest.mark.usefixtures("spring")
def test_what_comes_too_early_is_refused_in_words(run, tmp_path):
    unknown = ("--person", str(uuid4()), "--output", str(tmp_path / "proof.json"))

    early = said(run("quarter", "close", *Q1))
    run("quarter", "publicise", *Q1)
    unsealed = said(run("proof", *Q1, *unknown))
    run("quarter", "close", *Q1)
    empty = said(run("proof", *Q1, *unknown))

    assert early == "2026Q1 can be closed when it was publicised."
    assert unsealed == "2026Q1 can be proved when it was closed."
    assert empty == "There is no line of this person in 2026Q1."
    assert not (tmp_path / "proof.json").exists()


@pytest.mark.parametrize("text", ["2026Q5", "2026", "Q1", "2026q1", "26Q1"])
def test_what_is_no_quarter_is_told(run, text):
    outcome = run("quarter", "close", "--quarter", text)

    assert outcome.exit_code == 2
    assert f"{text!r} is not a quarter, such as 2026Q3" in outcome.stderr


def test_a_community_is_found_by_its_name(run, world, hands):
    name = f"Garden {uuid4()}"
    world.unit("community", name, under="East Street")
    hands.move(days=40)

    assert run("quarter", "publicise", *Q1, community=name).exit_code == 0
    assert said(run("quarter", "publicise", *Q1, community="x")) == "No community is called x."


def test_of_two_communities_of_one_name_the_operator_chooses(run, world, new_world):
    name = f"Garden {uuid4()}"
    ids = [str(each.unit("community", name, under="East Street")) for each in (world, new_world())]

    outcome = run("quarter", "publicise", *Q1, community=name)

    assert outcome.exit_code == 1
    assert f"Several communities are called {name}; say which:" in outcome.stderr
    assert all(id_ in outcome.stderr for id_ in ids)


def test_the_secret_is_told_to_nobody(run, world, spring, caplog, tmp_path):
    run("quarter", "publicise", *Q1)
    with caplog.at_level("DEBUG"):
        closed = run("quarter", "close", *Q1, "--output", str(tmp_path / "seal.json"))
    with world.own() as session:
        secret = session.connection().exec_driver_sql(
            "SELECT encode(secret, 'hex') FROM seal WHERE tenant_id = %s", (world.tenant_id,)
        ).scalar_one()  # fmt: skip

    heard = closed.output + caplog.text + (tmp_path / "seal.json").read_text(encoding="utf-8")
    assert len(secret) == 64
    assert secret not in heard


@pytest.mark.usefixtures("spring")
def test_what_was_closed_is_in_order_and_a_hand_in_it_is_found(run, world):
    run("quarter", "publicise", *Q1)
    run("quarter", "close", *Q1)
    assert world.violations() == []

    with world.own() as session:
        session.connection().exec_driver_sql(
            "UPDATE transfer SET reason = 'x' WHERE tenant_id = %s", (world.tenant_id,)
        )

    (found,) = world.violations()
    assert found.name == "the transfers of a closed quarter give the root that was published"
