"""Coming to a station: once a day counts, and nothing else than its own code will do."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from app.stations import footfall
from app.stations.footfall import Span
from tests.support.browser import Browser
from tests.support.client import ApiClient
from tests.support.refusals import refusal

UNKNOWN = "S" + "x" * 22


def test_the_first_visit_of_a_day_is_recorded_and_says_what_it_will_earn(api, world):
    lin, station = world.person(), world.station(name="East gate")

    with world.changes() as changed:
        answer = api.post("/station-visits", as_=lin, code=world.code_of(station), service="rest")

    assert answer.status_code == 201
    assert answer.json["visit"]["station_id"] == str(station.id)
    assert answer.json["visit"]["first_today"]
    assert changed == {"fact": 1, "settle_queue": 1, "station_visit": 1}


def test_another_service_on_the_same_day_is_one_more_in_the_count_and_paid_once(api, world):
    lin = world.person()
    station = world.station(services=["rest", "water", "hot_meal"])
    code, today = world.code_of(station), world.now().date()
    for service in (None, "water", "hot_meal", "water", None):
        answer = api.post("/station-visits", as_=lin, code=code, service=service)
        assert answer.status_code == 201
    browser = Browser(world, api, world.person())
    shown = [
        browser.get(
            browser.submit(f"/q/{code}/visit", shown_on=f"/q/{code}", service=one).location
        ).text
        for one in ("water", "rest", "rest")
    ]
    world.settle()

    with world.work() as session:
        span = Span(since=today, until=today, zone="Asia/Shanghai")
        counted = footfall.visits_in(session, [station.id], span)
    assert (counted.total, counted.by_service) == (4, {"water": 2, "hot_meal": 1, "rest": 1})
    assert world.points_of(lin) == 2
    assert "今天第一次到访" in shown[0]
    assert "这项服务也记下了" in shown[1]
    assert "不再重复计分" in shown[2]


def test_the_second_visit_of_a_day_finds_the_first_and_earns_nothing(api, world, hands):
    lin, station = world.person(), world.station()
    first = api.post("/station-visits", as_=lin, code=world.code_of(station))
    hands.move(hours=1)

    with world.changes() as changed:
        again = api.post("/station-visits", as_=lin, code=world.code_of(station))

    assert again.status_code == 201
    assert again.json["visit"] == {**first.json["visit"], "first_today": False}
    assert again.json["expected"] == []
    assert changed == {}


def test_two_stations_on_one_day_are_two_visits(api, world):
    lin, east, west = world.person(), world.station(name="East"), world.station(name="West")

    for station in (east, west):
        answer = api.post("/station-visits", as_=lin, code=world.code_of(station))
        assert answer.json["visit"]["first_today"]

    world.settle()
    assert world.points_of(lin) == 4


def test_a_minute_before_and_a_minute_after_midnight_in_shanghai_are_two_days(api, world, hands):
    lin, station = world.person(), world.station()
    hands.instant = datetime(2026, 3, 2, 15, 59, tzinfo=UTC)
    before = api.post("/station-visits", as_=lin, code=world.code_of(station))

    hands.move(minutes=2)
    after = api.post("/station-visits", as_=lin, code=world.code_of(station))

    assert before.json["visit"]["first_today"]
    assert after.json["visit"]["first_today"]
    world.settle()
    days = [line["on"] for line in api.get("/me/passbook", as_=lin, unit="points").json["items"]]
    assert days == ["2026-03-03", "2026-03-02"]


def test_midnight_in_greenwich_is_the_middle_of_a_morning(api, world, hands):
    lin, station = world.person(), world.station()
    hands.instant = datetime(2026, 3, 1, 23, 59, tzinfo=UTC)
    api.post("/station-visits", as_=lin, code=world.code_of(station))

    hands.move(minutes=2)
    again = api.post("/station-visits", as_=lin, code=world.code_of(station))

    assert not again.json["visit"]["first_today"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(UNKNOWN, (404, "code_unknown"), id="unknown"),
        pytest.param("hello", (422, "code_malformed"), id="no code at all"),
        pytest.param("https://elsewhere.cn/x?q=1", (422, "code_malformed"), id="another address"),
        pytest.param("http://[/q/x", (422, "code_malformed"), id="an address that is none"),
        pytest.param("R" + "x" * 22, (422, "code_malformed"), id="a redeem code"),
        pytest.param("S" + "x" * 21, (422, "code_malformed"), id="too short"),
        pytest.param("二维码", (422, "code_malformed"), id="Chinese"),
    ],
)
def test_a_wrong_code_is_refused_and_leaves_only_a_line_in_the_log_of_misses(
    api, world, text, expected
):
    lin = world.person()

    with world.changes() as changed:
        answer = api.post("/station-visits", as_=lin, code=text)

    assert refusal(answer) == expected
    assert changed == {"miss": 1}


def test_a_code_that_was_replaced_says_where_it_hung_and_earns_nothing(api, world, hands):
    lin, station = world.person(), world.station()
    old = world.code_of(station)
    world.revoke_code(station)

    with world.changes() as changed:
        answer = api.post("/station-visits", as_=lin, code=old)

    assert refusal(answer) == (409, "code_replaced")
    assert station.name in answer.json["detail"]
    assert changed == {"miss": 1}


def test_the_code_of_another_city_is_as_unknown_as_one_that_never_was(api, world, new_world):
    lin, other = world.person(), new_world()
    foreign = other.code_of(other.station())
    api.request_id = "one-and-the-same"

    with other.changes() as there, world.changes() as here:
        of_another_city = api.post("/station-visits", as_=lin, code=foreign)
        of_nowhere = api.post("/station-visits", as_=lin, code=UNKNOWN)

    assert refusal(of_another_city) == (404, "code_unknown")
    assert of_another_city.data == of_nowhere.data
    assert there == {}
    assert here == {"miss": 2}


def test_a_closed_station_takes_no_visits(api, world):
    lin = world.person()
    station = world.station(opens_minute=13 * 60, closes_minute=18 * 60)

    with world.changes() as changed:
        answer = api.post("/station-visits", as_=lin, code=world.code_of(station))

    assert refusal(answer) == (409, "station_closed")
    assert "13:00–18:00" in answer.json["detail"]
    assert changed == {}


def test_a_station_closes_on_the_minute(api, world, hands):
    lin = world.person()
    station = world.station(opens_minute=8 * 60, closes_minute=12 * 60 + 1)

    open_still = api.post("/station-visits", as_=lin, code=world.code_of(station))
    hands.move(minutes=1)
    closed = api.post("/station-visits", as_=lin, code=world.code_of(station))

    assert open_still.status_code == 201
    assert refusal(closed) == (409, "station_closed")


def test_a_station_out_of_service_takes_no_visits(api, world, hands):
    lin = world.person()
    station = world.station(closed_at=hands() - timedelta(days=1))

    answer = api.post("/station-visits", as_=lin, code=world.code_of(station))

    assert refusal(answer) == (409, "station_closed")


def test_a_service_the_station_does_not_offer_is_refused(api, world):
    lin, station = world.person(), world.station(services=["rest"])

    with world.changes() as changed:
        answer = api.post(
            "/station-visits", as_=lin, code=world.code_of(station), service="legal_aid"
        )

    assert refusal(answer) == (422, "service_unknown")
    assert changed == {}


@pytest.mark.parametrize(
    ("place", "said", "kept"),
    [
        pytest.param({"lat": 31.0, "lng": 118.0}, None, {"location": "none"}, id="nothing said"),
        pytest.param(
            {"lat": 31.0, "lng": 118.0},
            {"lat": 31.0, "lng": 118.00205, "crs": "gcj02"},
            {"location": "given", "distance": "near"},
            id="196 metres away",
        ),
        pytest.param(
            {"lat": 31.0, "lng": 118.0},
            {"lat": 31.0018, "lng": 118.0, "crs": "gcj02"},
            {"location": "given", "distance": "far"},
            id="201 metres away",
        ),
        pytest.param(
            {"lat": 31.0, "lng": 118.0},
            {"lat": 31.0, "lng": 118.0, "crs": "wgs84"},
            {"location": "given", "distance": "far"},
            id="the same numbers on another map",
        ),
        pytest.param(
            {}, {"lat": 31.0, "lng": 118.0, "crs": "gcj02"}, {"location": "given"}, id="no place"
        ),
    ],
)
def test_of_a_location_only_whether_it_was_near_is_kept(api, world, evidence_of, place, said, kept):
    lin, station = world.person(), world.station(name="East gate", **place)

    answer = api.post("/station-visits", as_=lin, code=world.code_of(station), location=said)

    assert answer.status_code == 201
    assert evidence_of(lin) == {"title": "East gate", "code": "station", **kept}


def test_a_visit_without_signing_in_is_refused(api, world):
    with world.changes() as changed:
        answer = api.post("/station-visits", code=world.code_of(world.station()))

    assert refusal(answer) == (401, "sign_in_first")
    assert "station_visit" not in changed


def test_a_lost_answer_is_asked_for_again_and_is_the_same_byte_for_byte(api, world, hands, bell):
    lin, station, key = world.person(), world.station(), uuid4().hex
    first = api.post("/station-visits", as_=lin, key=key, code=world.code_of(station))
    hands.move(minutes=3)

    with world.changes() as changed:
        again = api.post("/station-visits", as_=lin, key=key, code=world.code_of(station))

    assert (again.status_code, again.data) == (first.status_code, first.data)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert changed == {}


def test_a_refused_visit_stays_refused_under_its_key(api, world, hands):
    lin, key = world.person(), uuid4().hex
    station = world.station(opens_minute=13 * 60, closes_minute=18 * 60)
    refused = api.post("/station-visits", as_=lin, key=key, code=world.code_of(station))
    hands.move(hours=2)

    again = api.post("/station-visits", as_=lin, key=key, code=world.code_of(station))
    anew = api.post("/station-visits", as_=lin, key=uuid4().hex, code=world.code_of(station))

    assert refusal(refused) == (409, "station_closed")
    assert again.data == refused.data
    assert again.headers["Idempotency-Replayed"] == "true"
    assert anew.status_code == 201


def test_one_key_for_two_visits_is_refused(api, world):
    lin, key = world.person(), uuid4().hex
    east, west = world.station(name="East"), world.station(name="West")
    api.post("/station-visits", as_=lin, key=key, code=world.code_of(east))

    with world.changes() as changed:
        answer = api.post("/station-visits", as_=lin, key=key, code=world.code_of(west))

    assert refusal(answer) == (422, "idempotency_key_reused")
    assert changed == {}


def test_two_people_may_use_the_same_key(api, world):
    lin, wang, station, key = world.person(), world.person(), world.station(), uuid4().hex

    answers = [
        api.post("/station-visits", as_=person, key=key, code=world.code_of(station))
        for person in (lin, wang)
    ]

    assert answers[0].json["visit"]["id"] != answers[1].json["visit"]["id"]


def test_the_bell_rings_once_the_visit_is_committed_and_not_for_a_refused_one(api, world, bell):
    lin, station = world.person(), world.station()

    api.post("/station-visits", as_=lin, code=UNKNOWN)
    assert bell.rung == []
    api.post("/station-visits", as_=lin, code=world.code_of(station))

    assert len(bell.rung) == 1
    assert world.settle() == 1


def test_thirty_two_visits_at_once_are_one_visit_and_one_fact(api, world, crowd):
    lin, station = world.person(), world.station()
    code = world.code_of(station)
    crowd.sign_in(lin)

    answers = crowd.at_once([lambda phone: phone.post("/station-visits", as_=lin, code=code)] * 32)

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json["visit"]["id"] for answer in answers}) == 1
    assert sum(answer.json["visit"]["first_today"] for answer in answers) == 1
    assert (world.row_counts()["station_visit"], world.facts_of(lin)) == (1, 1)
    world.settle()
    assert world.points_of(lin) == 2
    assert world.violations() == []


def test_the_same_request_twice_at_once_has_one_effect_and_one_answer(api, world, crowd):
    lin, station, key = world.person(), world.station(), uuid4().hex
    code = world.code_of(station)
    crowd.sign_in(lin)

    answers = crowd.at_once(
        [lambda phone: phone.post("/station-visits", as_=lin, key=key, code=code)] * 2
    )

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].data == answers[1].data
    replayed = [answer.headers.get("Idempotency-Replayed") for answer in answers]
    assert sorted(replayed, key=str) == [None, "true"]
    assert world.facts_of(lin) == 1


def test_people_of_two_cities_never_meet(api, world, new_world):
    lin, other = world.person(), new_world()
    wang = other.person()

    api.post("/station-visits", as_=lin, code=world.code_of(world.station()))
    ApiClient(other).post("/station-visits", as_=wang, code=other.code_of(other.station()))

    assert (world.row_counts()["fact"], other.row_counts()["fact"]) == (1, 1)
