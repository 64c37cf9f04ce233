"""The number behind the phone button: one use, five minutes, and its owner's only."""

import pytest

from app.wechat.errors import PhoneCodeInvalid, WechatBusy
from app.wechat.superapp import Phone

ME, ANOTHER = "oDemoResident01", "oDemoResident02"
API = "/wxa/business/getuserphonenumber"


def test_a_code_is_exchanged_for_the_number(sim, client):
    code = sim.phone_code(ME, "13800000000")

    assert client.phone(ME, {"code": code}) == Phone("13800000000", "86")


def test_a_code_works_once(sim, client):
    code = sim.phone_code(ME)
    client.phone(ME, {"code": code})

    with pytest.raises(PhoneCodeInvalid) as refusal:
        client.phone(ME, {"code": code})

    assert refusal.value.errcode == 40029


def test_a_code_lives_five_minutes(sim, client, clock):
    kept, lost = sim.phone_code(ME), sim.phone_code(ME)
    clock.move(seconds=299)
    client.phone(ME, {"code": kept})
    clock.move(seconds=1)

    with pytest.raises(PhoneCodeInvalid):
        client.phone(ME, {"code": lost})


def test_a_login_code_is_no_phone_code_and_stays_good(sim, client):
    code = sim.phone_login(ME)

    with pytest.raises(PhoneCodeInvalid):
        client.phone(ME, {"code": code})

    assert client.login(code).subject_id == ME


def test_a_phone_code_is_no_login_code(sim, client):
    assert sim.exchange(sim.phone_code(ME))["errcode"] == 40029


def test_somebody_elses_code_is_refused(sim, client):
    code = sim.phone_code(ANOTHER)

    with pytest.raises(PhoneCodeInvalid):
        client.phone(ME, {"code": code})


@pytest.mark.parametrize("proof", [{}, {"code": ""}, {"code": "a b"}, {"code": "键"}])
def test_what_cannot_be_a_code_is_never_sent(sim, client, proof):
    with pytest.raises(PhoneCodeInvalid):
        client.phone(ME, proof)

    assert sim.calls(API) == 0


NUMBER = '"purePhoneNumber":"13800000000","countryCode":86'


@pytest.mark.parametrize(
    "info",
    [
        f'{{{NUMBER},"watermark":{{"appid":"wxsomebodyelse01"}}}}',
        f"{{{NUMBER}}}",
        f"{{{NUMBER.replace('138', 'x')}}}"[:-1] + ',"watermark":{"appid":"wxdemo0000000001"}}',
        "[]",
    ],
)
def test_a_number_made_out_to_another_mini_program_is_not_believed(connect, scripted, info):
    client = connect(transport=scripted(f'{{"errcode":0,"phone_info":{info}}}'))

    with pytest.raises(WechatBusy):
        client.phone(ME, {"code": "p0"})


def test_the_country_may_come_as_a_number(connect, scripted):
    info = f'{{{NUMBER},"watermark":{{"appid":"wxdemo0000000001"}}}}'
    client = connect(transport=scripted(f'{{"errcode":"0","phone_info":{info}}}'))

    assert client.phone(ME, {"code": "p0"}) == Phone("13800000000", "86")


def test_a_busy_wechat_is_asked_once_more_for_it_has_not_used_the_code(sim, client):
    code = sim.phone_code(ME)
    sim.fault(api=API, preset="busy")

    assert client.phone(ME, {"code": code}).number == "13800000000"
    assert sim.calls(API) == 2
