"""`kill -9` of every part during two hundred journeys: nothing acknowledged is lost or doubled."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import local

import pytest

from tests.support.errand import Log, Phone, Street, come_and_help, take_home
from tests.support.house import house_in, until

JOURNEYS = 200
PHONES = 4
RICH = [f"oDemo{word}{number:02d}" for word in ("Resident", "Member") for number in range(1, 21)]

# After how many journeys which part is killed. "web worker" is one of gunicorn's own children.
KILLS = {
    20: "web worker",
    45: "web",
    70: "worker",
    95: "postgres",
    120: "valkey",
    140: "sweeper",
    160: "standin",
}


class Crowd:
    """The phones of four people at a time, and the counter each of them goes to."""

    def __init__(self, house, log, street):
        self._house, self._log, self._street = house, log, street
        self._own = local()
        self._phones = []

    def journey(self, number):
        """One new resident comes and helps; one who has points takes something home."""
        phone, counter = self._of_this_thread()
        come_and_help(phone, self._street, f"oJourney{number:04d}")
        item = self._street.items[number // len(RICH) % 2]
        take_home(phone, counter, self._street, RICH[number % len(RICH)], item)

    def close(self):
        for phone in self._phones:
            phone.close()

    def _of_this_thread(self):
        if not hasattr(self._own, "pair"):
            phone, counter = Phone(self._house, self._log), Phone(self._house, self._log)
            self._phones += [phone, counter]
            counter.sign_in_staff("shop")
            self._own.pair = (phone, counter)
        return self._own.pair


def kill(house, name):
    if name != "web worker":
        return house.kill(name)
    return house.kill_web_worker()


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A house of this module's own: its books are to show these journeys and no others."""
    with house_in(tmp_path_factory.mktemp("killed")) as house:
        yield house


@pytest.fixture(scope="module")
def killed(house):
    """Two hundred journeys with kills in their midst; answers what the phones saw."""
    house.ensure_running()
    log = Log()
    street = Street(house, log)
    crowd = Crowd(house, log, street)
    with ThreadPoolExecutor(PHONES) as pool:
        going = [pool.submit(crowd.journey, number) for number in range(JOURNEYS)]
        for after, name in KILLS.items():
            until(lambda after=after: sum(one.done() for one in going) >= after, within=60)
            kill(house, name)
        for one in going:
            one.result()
    crowd.close()
    street.close()
    return log


@pytest.fixture
def auditor(house, killed):
    with house.connect("auditor_ro") as connection:
        yield lambda query: connection.execute(query).fetchall()


@pytest.fixture
def settled(auditor):
    """What the auditor sees once nothing waits: who was killed with a fact left it to the sweep."""
    until(lambda: not auditor("SELECT 1 FROM auditor.earn_event WHERE state = 'pending'"))
    return auditor


def of(rows):
    """Rows of an auditor's view as text, counted."""
    return Counter(tuple(map(str, row)) for row in rows)


def once(*rows):
    return Counter(rows)


def test_the_faults_happened(house, killed):
    restarted = {name: len(house.restarts(name)) for name in house.parts()}

    assert all(restarted[name] >= 1 for name in KILLS.values() if name != "web worker"), restarted
    assert killed.hiccups, "no phone noticed anything: the kills came too late"


def test_no_phone_saw_anything_but_a_lost_connection_or_a_please_wait(killed):
    told = {what for hiccup in killed.hiccups if (what := hiccup.split(" ", 1)[1])[0].isdigit()}

    assert told <= {"503 unavailable", "503 login_unavailable", "409 request_in_flight"}


def test_every_journey_was_acknowledged_whole(killed):
    kinds = Counter(step["kind"] for step in killed.acknowledged)

    assert kinds == dict.fromkeys(("visit", "in", "out", "redemption"), JOURNEYS)


def test_every_visit_is_credited_exactly_once(killed, settled):
    credited = of(
        settled("""
            SELECT txn.source_id, account.owner_id, entry.asset, entry.amount
            FROM auditor.txn
            JOIN auditor.entry USING (tenant_id, txn_id)
            JOIN auditor.account USING (tenant_id, account_id)
            WHERE txn.source_type = 'visit' AND entry.amount > 0
        """)
    )

    visits = killed.of("visit")
    points = [(one["id"], one["person"], "points", "2") for one in visits]
    score = [(one["id"], one["person"], "score", "1") for one in visits]
    assert credited == once(*points, *score)


def test_every_arrival_and_departure_is_there_exactly_once(killed, auditor):
    found = of(auditor("SELECT checkin_id, user_id FROM auditor.checkin"))

    for direction in ("in", "out"):
        for step in killed.of(direction):
            assert found[f"{step['id']}:{direction}", step["person"]] == 1
    new = {step["person"] for step in killed.of("in")}
    assert sum(count for (_, person), count in found.items() if person in new) == 2 * JOURNEYS


def test_every_redemption_moved_goods_and_points_exactly_once(killed, auditor):
    sold = of(
        auditor("""
            SELECT redemption.redemption_id, redemption.member_id, redemption.item_id,
                redemption.cost, -stock_move.delta, entry.amount
            FROM auditor.redemption
            JOIN auditor.stock_move USING (tenant_id, redemption_id)
            JOIN auditor.entry USING (tenant_id, txn_id)
            WHERE redemption.state = 'completed' AND entry.amount < 0
        """)
    )

    assert sold == once(
        *(
            (one["id"], one["person"], one["item"], str(one["cost"]), "1", str(-one["cost"]))
            for one in killed.of("redemption")
        )
    )
    refused = auditor("SELECT count(*) FROM auditor.redemption WHERE state <> 'completed'")
    assert refused == [(0,)]


def test_nothing_waits_after_a_sweep(house, killed, auditor):
    waiting = "SELECT event_id FROM auditor.earn_event WHERE state IN ('pending', 'quarantined')"

    until(lambda: auditor(waiting) == [], within=30)

    assert house.command("sweep", "--once").returncode == 0
    assert auditor(waiting) == []


def test_every_invariant_holds(house, killed):
    outcome = house.command("verify")

    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert "every invariant holds" in outcome.stdout


@pytest.mark.usefixtures("settled")
def test_the_people_read_what_they_were_told(house, killed):
    phone = Phone(house, Log())

    for step in killed.of("visit"):
        phone.token = step["token"]
        lines = phone.get("/me/passbook").json()["items"]
        assert of((line["unit"], line["amount"], line["source"]) for line in lines) == once(
            ("points", "2", f"visit:{step['id']}"), ("score", "1", f"visit:{step['id']}")
        )
    phone.close()
