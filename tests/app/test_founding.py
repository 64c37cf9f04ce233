"""A city of real people begins: by one command, and from there in the pages alone."""

import io
import os
import re

import pytest
import sqlalchemy as sa

from app.core.db import Database
from tests.support.authenticator import Authenticator
from tests.support.browser import TOKEN
from tests.support.fixtures import application, settings_for
from tests.support.sheets import person, xlsx

PEOPLE = {
    "--security": "岳安全",
    "--audit": "卓审查",
    "--system": "邱系统",
    "--officer": "程部长",
}
NAMED = {"--name": "四会市", "--username": "sihui", **PEOPLE}
APPID = "wx0123456789abcdef"
GRANTS, ACCOUNTS, TREE = "/staff/grants", "/staff/accounts", "/staff/organisation"


@pytest.fixture
def empty(stand, template, hands, bell, monkeypatch):
    """A service whose database is migrated, and empty."""
    name = f"red_account_founding_{os.getpid()}"
    stand.create(name, template=template)
    with application(settings_for(stand, name)) as app:
        monkeypatch.setitem(app.extensions, "queue", bell)
        yield app
    stand.drop(name)


@pytest.fixture
def run(empty):
    """Says a command of `city` at a terminal."""

    def run(*words, **instead):
        options = [part for pair in {**NAMED, **instead}.items() for part in pair]
        with empty.app_context():
            args = ["city", *words] if words[0] != "new" else ["city", "new", *options]
            return empty.test_cli_runner().invoke(args=args)

    return run


@pytest.fixture
def rows(empty):
    """What the whole database holds, as its owner sees it."""
    database = Database(empty.config["SETTINGS"].owner_database_url, role="owner")

    def rows(query):
        with database.engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL ROLE owner")
            connection.exec_driver_sql("SET LOCAL app.tenant = '2'")
            return connection.execute(sa.text(query)).all()

    yield rows
    database.engine.dispose()


OWN = "brass kettle on the stove"


class Colleague:
    """A member of staff at a browser, with a password of their own and a second factor."""

    def __init__(self, app, username, password, now):
        self._browser = app.test_client()
        entry = {"username": username, "password": password}
        self.send("/staff/login", shown_on="/staff/login", **entry)
        own = {"password": OWN, "again": OWN}
        self.send("/staff/password", shown_on="/staff/password", **own)
        setting_up = self._browser.get("/staff/second-factor").text
        secret = "".join(re.search(r"[A-Z2-7 ]{39,}", setting_up).group().split())
        digits = Authenticator(secret, now).digits()
        self.send("/staff/second-factor", shown_on="/staff/second-factor", otp=digits)

    def get(self, path):
        return self._browser.get(path).text

    def send(self, path, *, shown_on, **fields):
        token = TOKEN.search(self._browser.get(shown_on).text).group(1)
        answer = self._browser.post(path, data={**fields, "csrf_token": token})
        assert answer.status_code in {200, 303}, answer.text
        return answer


def chosen(page, name):
    """The value of the one option that is called so."""
    return re.search(rf'value="([^"]+)"[^>]*>\s*{name}', page).group(1)


def told(page, what):
    return re.search(rf'aria-label="{what}">([^<]+)<', page).group(1)


def test_from_an_empty_database_to_a_community_with_its_people(empty, run, rows, hands):
    said = run("new").stdout
    first = dict(re.findall(r"  sihui-(\w+)  (\S+)", said))
    assert first.keys() == {"security", "audit", "system", "officer"}
    staff = {
        part: Colleague(empty, f"sihui-{part}", password, hands) for part, password in first.items()
    }

    # The city officer builds the tree.
    top = re.search(rf'action="({TREE}/[0-9a-f-]+)/children"', staff["officer"].get(TREE)).group(1)
    day = hands().date().isoformat()
    staff["officer"].send(f"{top}/children", shown_on=TREE, kind="street", name="东城街道", on=day)
    street = re.search(rf'href="({TREE}/[0-9a-f-]+)"', staff["officer"].get(top)).group(1)
    form = {"kind": "community", "name": "明德社区", "on": day}
    staff["officer"].send(f"{street}/children", shown_on=street, **form)

    # The system administrator makes an account, and the security administrator gives the role.
    new = staff["system"].get(f"{ACCOUNTS}/new")
    made = staff["system"].send(
        ACCOUNTS,
        shown_on=f"{ACCOUNTS}/new",
        name="方书记",
        username="fang",
        org_unit_id=chosen(new, "　+明德社区"),
    )
    found = staff["security"].send(f"{GRANTS}/new", shown_on=f"{GRANTS}/new", q="方书记").text
    staff["security"].send(
        GRANTS,
        shown_on=f"{GRANTS}/new",
        person_id=re.search(r'name="person_id" value="([^"]+)"', found).group(1),
        role="community_secretary",
        org_unit_id=chosen(found, "　+明德社区"),
        valid_from=day,
        valid_to="2027-03-02",
        reason="任命",
    )

    # The secretary brings in the people.
    secretary = Colleague(empty, "fang", told(made.text, "新密码"), hands)
    importing = "/staff/people/import"
    uploaded = secretary.send(
        importing,
        shown_on=importing,
        kind="people",
        community_id=chosen(secretary.get(importing), "明德社区"),
        file=(io.BytesIO(xlsx([person(n) for n in range(6)])), "名册.xlsx"),
    )
    secretary.send(uploaded.location, shown_on=uploaded.location)
    assert "李**" in secretary.get("/staff/people")
    assert rows("SELECT count(*) FROM person")[0][0] == 5 + 6
    assert rows("SELECT count(*) FROM household")[0][0] == 2

    # The mini-program is let in, and everything is in the log, beginning with the operator.
    admitted = run("mini-program", "--city", "sihui", "--appid", APPID, "--landing", "明德社区")
    assert admitted.stdout.startswith(f"{APPID} of 四会市 lands in 明德社区")
    log = staff["audit"].get("/staff/audit?limit=100")
    assert "运维人员（服务器）" in log
    assert log.count("开通账号") >= 5
    assert log.count("方**") >= 2
    assert "方书记" not in log


def test_said_again_it_makes_nothing_twice(run, rows):
    run("new")
    tables = "SELECT (SELECT count(*) FROM {0}) FROM tenant".format
    names = ("person", "org_unit", "role_grant", "staff_name", "audit_entry", "policy")
    before = [rows(tables(name)) for name in names]

    again = run("new")
    nowhere = ("mini-program", "--city", "sihui", "--appid", APPID, "--landing", "明德社区")

    assert (again.exit_code, again.stdout) == (
        0,
        "四会市 is there already; nothing was changed\n",
    )
    assert "has no communities 明德社区" in run(*nowhere).stderr
    assert [rows(tables(name)) for name in names] == before
    assert rows("SELECT id, second_factor FROM tenant") == [(2, True)]  # the first is the demo's


@pytest.mark.parametrize(
    ("instead", "sentence"),
    [
        ({"--username": "Sihui!"}, "--username is 2 to 16 small letters"),
        ({"--zone": "China/Sihui"}, "There is no zone China/Sihui"),
        ({"--name": " "}, "--name has 1 to 40"),
        ({"--audit": "岳安全"}, "do not do each other's work"),
    ],
)
def test_nonsense_is_refused_in_a_sentence_and_makes_nothing(run, rows, instead, sentence):
    refused = run("new", **instead)

    assert (refused.exit_code, sentence in refused.stderr) == (1, True)
    assert rows("SELECT count(*) FROM tenant")[0][0] == 0


def test_a_name_or_a_mini_program_of_another_city_is_refused(run, rows):
    run("new")

    other = run("new", **{"--name": "肇庆市"})
    odd = run("mini-program", "--city", "sihui", "--appid", "wx1", "--landing", "明德社区")
    nobody = run("mini-program", "--city", "nowhere", "--appid", APPID, "--landing", "明德社区")

    assert "sihui is 四会市 (Asia/Shanghai) already" in other.stderr
    assert "An appid is wx and 16" in odd.stderr
    assert "There is no city nowhere" in nobody.stderr
    assert rows("SELECT count(*) FROM super_app")[0][0] == 0
