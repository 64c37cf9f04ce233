"""The demo city: loaded once, refreshed at each start, and never among real people."""

import os
from dataclasses import replace

import pytest
import sqlalchemy as sa
import yaml

from app.activities import queries as activities
from app.commands import violations_of
from app.core import clock
from app.core.db import transaction
from app.demo import load
from app.demo.load import TENANT_ID
from app.identity import personal
from app.identity.fields import Field
from app.identity.models import Person, PersonalDatum
from app.ledger import services as ledger
from app.organisation.models import OrgUnit
from app.supermarket.till_rules import rules
from tests.support.browser import TOKEN
from tests.support.fixtures import application, settings_for

PASSWORD = "演示的口令 1"
SMALL = load.FOLDER / "small.yaml"


@pytest.fixture
def newcomer(stand, template):
    """An application whose database has no city yet."""
    name = f"red_account_demo_{os.getpid()}"
    stand.create(name, template=template)
    with application(settings_for(stand, name)) as app:
        yield app
    stand.drop(name)


@pytest.fixture
def renamed(tmp_path):
    """The same city as a later version may call it."""
    city = yaml.safe_load(SMALL.read_text(encoding="utf-8"))
    text = SMALL.read_text(encoding="utf-8")
    for number, name in enumerate([city["city"]["name"], city["street"], *city["communities"]]):
        text = text.replace(name, f"改名{number}")
    for item in city["items"]:
        text = text.replace(item["name"], f"新{item['name']}")
    (tmp_path / "small.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def count(app, *models):
    with app.app_context(), transaction(TENANT_ID) as session:
        return [session.scalar(sa.select(sa.func.count()).select_from(model)) for model in models]


def test_a_city_that_a_later_version_renames_is_the_same_city(newcomer, renamed):
    with newcomer.app_context():
        load.load(scale="small", password="")
        before = count(newcomer, OrgUnit, Person)

        load.load(scale="small", password="", folder=renamed)

    assert count(newcomer, OrgUnit, Person) == before


def test_whom_a_later_version_takes_on_may_sign_in_to_the_city_that_is_there(
    newcomer, renamed, tmp_path
):
    city = yaml.safe_load(SMALL.read_text(encoding="utf-8"))
    later = {"shop2", "supervisor"}
    city["staff"] = [one for one in city["staff"] if one["username"] not in later]
    (tmp_path / "early").mkdir()
    early = yaml.safe_dump(city, allow_unicode=True)
    (tmp_path / "early" / "small.yaml").write_text(early, encoding="utf-8")
    with newcomer.app_context():
        load.load(scale="small", password="", folder=tmp_path / "early")
        (before,) = count(newcomer, Person)

        assert later <= set(load.load(scale="small", password=PASSWORD, folder=renamed).staff)

    assert count(newcomer, Person) == [before + len(later)]
    for username in later:
        form = {"username": username, "password": PASSWORD}
        client = newcomer.test_client()
        form["csrf_token"] = TOKEN.search(client.get("/staff/login").text).group(1)
        answer = client.post("/staff/login", data=form)
        assert answer.location == "/staff", (username, answer.status)


def test_an_activity_runs_in_the_first_community_under_whatever_name(newcomer, renamed, hands):
    with newcomer.app_context():
        load.load(scale="small", password="")
        hands.move(days=3)

        load.load(scale="small", password="", folder=renamed)

        with transaction(TENANT_ID) as session:
            first = session.scalars(
                sa.select(OrgUnit.id).filter_by(kind="community").order_by(OrgUnit.id)
            ).first()
            on = activities.list_activities_of(session, [first], ending_after=clock.now(), limit=9)
            assert any(activity.starts_at <= clock.now() for activity in on)


def test_a_few_have_earned_enough_to_be_asked_on_their_own_telephone(newcomer):
    vault, city = newcomer.extensions["vault"], yaml.safe_load(SMALL.read_text(encoding="utf-8"))
    with newcomer.app_context():
        load.load(scale="small", password="")
        with transaction(TENANT_ID) as session:
            named = [
                (name, *personal.find(session, vault, field=Field.NAME, value=name))
                for name in city["residents"]
            ]
            points = {
                name: ledger.available(session, person_id=id_, on=clock.civil_day(clock.now()))
                for name, id_ in named
            }
        assert violations_of(TENANT_ID) == []

    asked = rules().confirm_points
    enough = {name for name, has in points.items() if has >= asked}
    assert enough == {"黄美玲", "郭淑芬", "罗家辉"}
    assert max(item["points"] for item in city["items"]) == asked  # one bottle of oil


def test_its_people_are_known_by_sealed_names_and_telephones(newcomer, caplog):
    vault = newcomer.extensions["vault"]
    with newcomer.app_context():
        load.load(scale="small", password="")
        load.load(scale="small", password="")
        assert "could not be checked" not in caplog.text  # nobody is asked who is not there yet

        with transaction(TENANT_ID) as session:
            (li,) = personal.find(session, vault, field=Field.NAME, value="李国强")
            known = personal.read_own(session, vault, person_id=li)
            (elder,) = personal.find(session, vault, field=Field.NAME, value="欧阳秀兰")
            assert personal.read_own(session, vault, person_id=elder).keys() == {Field.NAME}
            shown = session.scalars(sa.select(Person.display_name)).all()

    assert known[Field.PHONE].startswith("+86199")
    assert all(name[1:].strip("*") == "" for name in shown)
    # A name and a telephone each, no telephone of the elder, and when the one minor was born.
    assert count(newcomer, PersonalDatum) == [2 * len(shown) - 1 + 1]


def test_the_demo_city_is_refused_to_production_in_one_line(app, settings, monkeypatch):
    monkeypatch.setitem(app.config, "SETTINGS", replace(settings, env="production"))

    with app.app_context():
        outcome = app.test_cli_runner().invoke(args=["demo", "load"])

    assert outcome.exit_code == 1
    assert outcome.stderr == (
        "Error: The demo city never meets real people: it is not loaded in production.\n"
    )
