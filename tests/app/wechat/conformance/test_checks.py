"""Texts and pictures: whatever a check could not find out, a person looks at."""

import pytest

from app.wechat.superapp import Scene, Verdict

ME = "oDemoResident01"
API = "/wxa/msg_sec_check"
MEDIA = "/wxa/media_check_async"
PICTURE = "https://red.example/p/1.jpg"


@pytest.fixture
def resident(sim):
    """Somebody who was here within two hours."""
    sim.phone_login(ME)
    return sim


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("楼道很干净，谢谢", Verdict.PASS),
        ("这里有复核样例", Verdict.REVIEW),
        ("这里有风险样例", Verdict.RISKY),
        ("字" * 2500 + "风险样例", Verdict.RISKY),
        ("字" * 5001, Verdict.PASS),
        ("", Verdict.PASS),
        ("半个字\ud83d", Verdict.PASS),
    ],
)
@pytest.mark.usefixtures("resident")
def test_a_text_is_judged_by_its_worst_part(client, text, verdict):
    assert client.check_text(ME, Scene.COMMENT, text) is verdict


def test_a_text_of_more_than_2500_characters_goes_out_in_parts(resident, client):
    client.check_text(ME, Scene.COMMENT, "字" * 5001)

    assert resident.calls(API) == 3


@pytest.mark.parametrize(
    "fault",
    [
        {"preset": "busy", "times": 2},
        {"preset": "quota"},
        {"preset": "minute"},
        {"errcode": 61010},
        {"errcode": 43104},
        {"errcode": 48001},
        {"http": 500},
        {"drop": True},
        {"body": "malformed"},
        {"preset": "token-storm", "times": 5},
    ],
)
def test_every_failure_means_that_a_person_looks(resident, client, fault):
    resident.fault(api=API, **fault)

    assert client.check_text(ME, Scene.PROFILE, "一句话") is Verdict.REVIEW


def test_so_does_a_token_that_cannot_be_had(resident, client):
    resident.fault(api="/cgi-bin/stable_token", http=500)

    assert client.check_text(ME, Scene.PROFILE, "一句话") is Verdict.REVIEW


def test_whoever_was_not_here_within_two_hours_is_not_judged(resident, client, clock):
    clock.move(hours=2, seconds=1)

    assert client.check_text(ME, Scene.COMMENT, "一句话") is Verdict.REVIEW
    assert client.check_text("oNobody", Scene.COMMENT, "一句话") is Verdict.REVIEW


@pytest.mark.parametrize("suggest", ["maybe", "", 5, None])
def test_a_word_nobody_knows_is_no_permission(connect, scripted, suggest):
    answer = {"errcode": 0, "result": {"suggest": suggest, "label": 100}}

    client = connect(transport=scripted(answer))
    assert client.check_text(ME, Scene.COMMENT, "一句话") is Verdict.REVIEW


def test_a_label_is_a_number_in_an_answer(resident):
    asked = {"content": "一句话", "version": 2, "scene": 2, "openid": ME}

    answer = resident.ask(API, **asked).json()

    assert answer["result"] == {"suggest": "pass", "label": 100}
    assert answer["detail"][0]["errcode"] == 0


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        ({"version": 1}, 47001),
        ({"scene": 5}, 40129),
        ({"openid": "oNobody"}, 40003),
        ({"content": ""}, 44002),
        ({"content": "字" * 2501}, 47001),
    ],
)
def test_the_stand_in_checks_in_wechats_order(resident, change, errcode):
    asked = {"content": "一句话", "version": 2, "scene": 2, "openid": ME}

    assert resident.ask(API, **(asked | change)).json()["errcode"] == errcode


@pytest.mark.usefixtures("resident")
def test_a_picture_is_looked_at_under_a_name(client):
    names = {client.check_media(ME, Scene.SOCIAL_LOG, PICTURE) for _ in range(2)}

    assert len(names) == 2
    assert None not in names


@pytest.mark.parametrize("fault", [{"preset": "quota"}, {"drop": True}, {"errcode": 61010}])
def test_a_picture_that_could_not_be_handed_over_has_no_name(resident, client, fault):
    resident.fault(api=MEDIA, **fault)

    assert client.check_media(ME, Scene.SOCIAL_LOG, PICTURE) is None


def test_the_day_has_a_number_of_calls_that_can_be_cleared_ten_times_a_month(resident):
    asked = {"content": "一句话", "version": 2, "scene": 2, "openid": ME}
    resident.ask(API, **asked)
    quota = resident.ask("/cgi-bin/openapi/quota/get", cgi_path=API).json()["quota"]
    appid = "wxdemo0000000001"
    cleared = [
        resident.ask("/cgi-bin/clear_quota", appid=appid).json()["errcode"] for _ in range(11)
    ]
    after = resident.ask("/cgi-bin/openapi/quota/get", cgi_path=API).json()["quota"]

    assert quota == {"daily_limit": 2_000_000, "used": 1, "remain": 1_999_999}
    assert cleared == [0] * 10 + [48006]
    assert after["used"] == 0
