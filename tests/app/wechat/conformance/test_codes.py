"""Mini-program codes and links: what they may carry, and in which order WeChat looks."""

import pytest

from app.wechat.errors import WechatBusy, WechatDeclined
from app.wechat.links import LinkUnfit
from app.wechat.standin import RegisteredApp

API = "/wxa/getwxacodeunlimit"
PAGE = "pages/scan/index"
PNG = b"\x89PNG\r\n\x1a\n"


def test_a_code_is_a_picture(client):
    assert client.code_image(PAGE, "a.Zk3vQ9").startswith(PNG)


def test_a_scene_has_thirty_two_characters_and_no_more(client):
    assert client.code_image(PAGE, "s" * 32)
    with pytest.raises(LinkUnfit):
        client.code_image(PAGE, "s" * 33)


@pytest.mark.parametrize("token", ["", "a%20b", "驿站", "a b", "a&b", 'a"b', "a\nb"])
def test_what_no_scene_may_hold_is_never_sent(sim, client, token):
    with pytest.raises(LinkUnfit):
        client.code_image(PAGE, token)

    assert sim.calls(API) == 0


@pytest.mark.parametrize("page", ["/pages/scan/index", "pages/scan/index?a=b", ""])
def test_a_page_has_no_slash_before_it_and_no_query(sim, client, page):
    with pytest.raises(LinkUnfit):
        client.code_image(page, "a")

    assert sim.calls(API) == 0


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({}, 40169),
        ({"scene": "s" * 33, "page": "/x"}, 40169),
        ({"scene": "a%20b"}, 40129),
        ({"scene": "驿站"}, 40129),
        ({"scene": "a", "page": f"/{PAGE}"}, 41030),
        ({"scene": "a", "page": f"{PAGE}?b=c"}, 41030),
        ({"scene": "a", "page": "pages/not-released"}, 41030),
        ({"scene": "a", "page": PAGE, "env_version": ""}, 40097),
        ({"scene": "a", "page": PAGE, "width": 279}, 40189),
        ({"scene": "a", "page": PAGE, "width": 1281}, 40189),
        ({"scene": "a", "page": PAGE, "width": "430"}, 47001),
    ],
)
def test_the_stand_in_checks_in_wechats_order(sim, body, errcode):
    assert sim.ask(API, **body).json()["errcode"] == errcode


def test_a_page_that_is_not_released_may_be_drawn_for_a_trial(client):
    with pytest.raises(WechatDeclined) as refusal:
        client.code_image("pages/new/index", "a")

    assert refusal.value.errcode == 41030
    assert client.code_image("pages/new/index", "a", env="trial").startswith(PNG)


@pytest.mark.parametrize("answer", ["hello", "", "{", "GIF89a"])
def test_what_is_no_picture_is_no_code(connect, scripted, answer):
    with pytest.raises(WechatBusy):
        connect(transport=scripted(answer)).code_image(PAGE, "a")


def test_a_picture_may_be_larger_than_an_answer_and_not_without_end(connect, scripted):
    large, endless = PNG + b"0" * 100_000, PNG + b"0" * 600_000

    assert connect(transport=scripted(large)).code_image(PAGE, "a") == large
    with pytest.raises(WechatBusy, match="too long"):
        connect(transport=scripted(endless)).code_image(PAGE, "a")


def test_codes_that_are_counted_share_their_number(way, clock):
    with way(clock, registered=RegisteredApp(many_codes=2)) as sim:
        made = [
            sim.ask("/wxa/getwxacode", path="pages/index/index?a=b"),
            sim.ask("/cgi-bin/wxaapp/createwxaqrcode", path="pages/index/index"),
            sim.ask("/wxa/getwxacode", path="pages/index/index"),
        ]

    assert [answer.content.startswith(PNG) for answer in made] == [True, True, False]
    assert made[-1].json()["errcode"] == 45029


@pytest.mark.parametrize(
    ("api", "path"),
    [("/wxa/getwxacode", "p" * 1025), ("/cgi-bin/wxaapp/createwxaqrcode", "p" * 129)],
)
def test_a_path_that_is_too_long_is_refused(sim, api, path):
    assert sim.ask(api, path=path).json()["errcode"] == 40159


def test_more_than_five_thousand_a_minute_wait_for_the_next(sim, client, clock):
    for _ in range(3):
        client.code_image(PAGE, "a")
    sim.fault(api=API, preset="quota")

    with pytest.raises(WechatBusy) as refusal:
        client.code_image(PAGE, "a")

    assert refusal.value.errcode == 45009


def test_a_link_opens_the_mini_program_from_outside(client):
    assert client.link(PAGE, "token=a.Zk3vQ9").startswith("https://wxaurl.cn/")


@pytest.mark.parametrize(("page", "query"), [("/pages/x", ""), (PAGE, "驿站"), (PAGE, "q" * 1025)])
def test_a_link_of_another_form_is_never_sent(sim, client, page, query):
    with pytest.raises(LinkUnfit):
        client.link(page, query)

    assert sim.calls("/wxa/generate_urllink") == 0


def test_links_are_for_verified_organisations(way, clock, connect):
    with way(clock, registered=RegisteredApp(verified=False)) as sim:
        wanted = {"path": PAGE, "query": "a=b"}
        refused = sim.ask("/wxa/generate_urllink", **wanted).json()["errcode"]
        scheme = sim.ask("/wxa/generatescheme", jump_wxa=wanted).json()["errcode"]

    assert (refused, scheme) == (40002, 40002)


def test_a_scheme_is_an_address_of_wechats_own(sim):
    made = sim.ask("/wxa/generatescheme", jump_wxa={"path": PAGE, "query": "a=b"}).json()

    assert made["openlink"].startswith("weixin://dl/business/?t=")


def test_the_same_token_comes_back_from_every_way_of_scanning(client):
    ways = [
        {"q": "https%3A%2F%2Fred.example%2Fq%2Fa.Zk3vQ9", "scancode_time": "1772424000"},
        {"scene": "a.Zk3vQ9"},
        {"path": "pages/scan/index?scene=a.Zk3vQ9"},
        {"path": "pages/scan/index?scene=a%2EZk3vQ9"},
        {"result": "https://red.example/q/a.Zk3vQ9"},
        {"result": "\ufeffhttps://red.example/q/a.Zk3vQ9\n"},
    ]

    assert {client.parse_scan(payload) for payload in ways} == {"a.Zk3vQ9"}


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"q": "https%3A%2F%2Fevil.example%2Fq%2Fa"},
        {"q": "https%253A%252F%252Fred.example%252Fq%252Fa"},
        {"result": "http://red.example/q/a"},
        {"result": "https://red.example/q/"},
        {"result": "https://red.example/q/a/b"},
        {"result": "https://["},
        {"scene": "驿站"},
        {"path": "pages/scan/index"},
        {"path": "pages/scan/index?scene=a&scene=b"},
        {"result": "https://red.example/q/" + "a" * 1100},
    ],
)
def test_what_is_not_ours_is_no_token(client, payload):
    assert client.parse_scan(payload) is None
