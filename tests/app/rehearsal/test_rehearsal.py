"""A month of honest and fraudulent arrivals: fraud is caught, and honest people lose nothing."""

import os
import tempfile

import pytest

from app.commands import violations_of
from app.core.db import transaction
from app.core.tenancy import list_tenants
from app.rehearsal import run
from app.rehearsal.outcome import LEAST_CAUGHT, MOST_FLAGGED, Outcome, Told
from app.rehearsal.run import Stage
from app.rehearsal.script import FRAUDS, Kind
from app.trying import table
from tests.support.hands import NOON

HONEST, SEED = 200, 1


@pytest.fixture
def stage(stand, template):
    """A database of its own: a rehearsal has no place beside anything else."""
    name = f"red_account_rehearsal_{os.getpid()}"
    stand.create(name, template=template)
    yield Stage(
        owner_url=stand.url(name, "owner"),
        app_url=stand.url(name, "app"),
        worker_url=stand.url(name, "worker"),
    )
    stand.drop(name)


def test_fraud_waits_and_honest_people_lose_nothing(app, hands, stage):
    with app.app_context():
        found = run.rehearse(stage, run.write(SEED, HONEST, now=hands()), now=hands())
        with stage.worker():
            with transaction(None) as session:
                cities = [city.id for city in list_tenants(session)]
            broken = [violations_of(city) for city in cities]

    told = "\n".join(table(found))
    assert found.caught >= LEAST_CAUGHT, told
    assert found.flagged <= 2 * MOST_FLAGGED, told  # of a few hundred, chance decides about some
    assert found.lost == 0, told
    assert found.told[Kind.HONEST].number == HONEST
    assert min(found.told[kind].number for kind in FRAUDS) >= run.FEWEST_OF_A_KIND
    assert found.flagged_people > 0  # or nothing was shown about them
    assert found.earned > 0
    assert not any(broken)


def test_the_same_seed_is_the_same_month():
    one, same, other = (run.write(seed, HONEST, now=NOON) for seed in (SEED, SEED, SEED + 1))

    assert one.visits == same.visits
    assert one.visits != other.visits
    assert max(visit.venue.ends for visit in one.visits) < NOON


def an_outcome(**values):
    told = {kind: Told(number=1000, waiting=1000) for kind in FRAUDS}
    told |= {Kind.HONEST: Told(number=1000, waiting=20), Kind.ASIDE: Told()}
    return Outcome(**{"told": told, "lost": 0, "flagged_people": 3, "earned": 9, **values})


@pytest.mark.parametrize(
    ("fraud_missed", "honest_flagged", "lost", "good"),
    [
        pytest.param(0, 20, 0, True, id="2 % wait"),
        pytest.param(0, 21, 0, False, id="more wait"),
        pytest.param(250, 0, 0, True, id="95 % are caught"),
        pytest.param(251, 0, 0, False, id="fewer are caught"),
        pytest.param(0, 20, 1, False, id="a point is lost"),
    ],
)
def test_beyond_a_bound_it_says_so(fraud_missed, honest_flagged, lost, good):
    found = an_outcome(lost=lost)
    found.told[Kind.GHOSTS].waiting -= fraud_missed
    found.told[Kind.HONEST].waiting = honest_flagged

    assert found.is_good is good
    assert table(found)[-1] == ("within the bounds" if good else "OUT OF BOUNDS")


@pytest.mark.slow
def test_a_city_tries_its_rules_before_it_changes_them(app, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    none = tmp_path / "rules.yaml"
    none.write_text("[]", encoding="utf-8")

    with app.app_context():
        tried = app.test_cli_runner().invoke(args=["arrivals", "try"])
        without = app.test_cli_runner().invoke(
            args=["arrivals", "try", "--honest", "100", "--rules", str(none)]
        )

    assert tried.exit_code == 0, tried.output
    assert "honest           10000" in tried.output
    assert without.exit_code == 1, without.output
    assert "OUT OF BOUNDS" in without.output
    assert list(tmp_path.iterdir()) == [none]  # its database is gone


def test_rules_with_a_mistake_are_refused_in_words(app, tmp_path):
    wrong = tmp_path / "rules.yaml"
    wrong.write_text("- {kind: moonlight, says: x}", encoding="utf-8")

    with app.app_context():
        outcome = app.test_cli_runner().invoke(args=["arrivals", "try", "--rules", str(wrong)])

    assert outcome.exit_code == 1
    assert "there is no rule of the kind 'moonlight'" in outcome.stderr
