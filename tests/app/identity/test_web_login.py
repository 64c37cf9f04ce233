"""扫码登录: a phone lets a browser in, once, within two minutes; and proves its person again."""

import re
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa

from app.commands import tidy
from app.identity import web_logins
from app.identity.models import SessionRow
from app.terminal import as_worker
from tests.support.browser import TOKEN, Browser
from tests.support.refusals import refusal

HTMX = {"HX-Request": "true"}
CHROME = "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0"


class Screen(Browser):
    """A browser that shows a code, and asks whether a phone has said yes."""

    def __init__(self, world, api, person=None, *, at="/login"):
        super().__init__(world, api, person, agent=CHROME)
        self.at, self._keyring = at, web_logins.Keyring(world.app.config["SETTINGS"].secret_key)

    def show(self):
        """Show a code; answers it."""
        shown = self._send(f"{self.at}/qr")
        assert (shown.status_code, "<svg" in shown.text) == (200, True), shown.text
        return web_logins.code_of(self._client.get_cookie("waiting").value, self._keyring)

    def ask(self, *, following="/passbook"):
        return self._send(f"{self.at}/qr/wait", next=following)

    def _send(self, path, **fields):
        token = TOKEN.search(self.get(self.at).text).group(1)
        return self._client.post(path, data={**fields, "csrf_token": token}, headers=HTMX)


@pytest.fixture
def screen(world, api):
    return Screen(world, api)


def say(api, code, what, who):
    return api.post(f"/web-logins/{code}/{what}", as_=who)


def let_in(api, code, who):
    return say(api, code, "seen", who), say(api, code, "confirm", who)


def sessions_of(world, person):
    with world.own() as session:
        return session.scalars(sa.select(SessionRow).filter_by(person_id=person.id)).all()


def audited(world):
    query = "SELECT action, actor_id FROM audit_entry WHERE action LIKE 'web_login.%'"
    with world.own() as session:
        return [tuple(row) for row in session.execute(sa.text(query))]


def test_a_phone_lets_a_browser_in_and_the_page_goes_on(world, api, screen, lin):
    code = screen.show()
    before = screen.ask()
    seen = say(api, code, "seen", lin)
    between = screen.ask()
    confirmed = say(api, code, "confirm", lin)
    after = screen.ask()

    assert (seen.status_code, seen.json["device"]) == (201, "Chrome 浏览器 · Windows")
    assert ("<svg" in before.text, "手机已经扫到" in between.text) == (True, True)
    assert "every 2s" in before.text
    assert confirmed.status_code == 201
    assert (after.headers["HX-Redirect"], after.text) == ("/passbook", "")
    assert api.bearing(screen.session).json["id"] == str(lin.id)
    assert screen.get("/me").status_code == 200
    assert audited(world) == [("web_login.confirm", lin.id)]
    assert not world.holds_text(code)


def test_any_scanner_of_a_phone_opens_the_page_that_asks(world, api, screen, browser):
    code = screen.show()

    opened = browser.get(f"/q/{code}")
    shown = browser.get(opened.location)
    confirmed = browser.submit(f"{opened.location}/confirm", shown_on=opened.location)

    assert opened.location == f"/web-logins/{code}"
    assert ("Chrome 浏览器 · Windows" in shown.text, confirmed.status_code) == (True, 303)
    assert "请看电脑屏幕" in browser.get(confirmed.location).text
    assert screen.ask().headers["HX-Redirect"] == "/passbook"


def test_without_scripts_it_is_two_buttons(world, api, lin):
    plain = Browser(world, api, agent=CHROME)

    asked = plain.submit("/login/qr", shown_on="/login", next="/passbook")
    shown = plain.get(asked.location)
    early = plain.submit("/login/qr/wait", shown_on=asked.location, next="/passbook")
    keyring = web_logins.Keyring(world.app.config["SETTINGS"].secret_key)
    code = web_logins.code_of(plain._client.get_cookie("waiting").value, keyring)
    let_in(api, code, lin)
    done = plain.submit("/login/qr/wait", shown_on=asked.location, next="/passbook")

    assert (asked.status_code, "<svg" in shown.text) == (303, True)
    assert (early.status_code, urlsplit(early.location).path) == (303, "/login")
    assert (done.status_code, done.location) == (303, "/passbook")
    assert plain.get("/passbook").status_code == 200


def test_whoever_says_no_lets_nobody_in(world, api, screen, lin):
    code = screen.show()
    say(api, code, "seen", lin)

    refused = say(api, code, "refusal", lin)
    late = say(api, code, "confirm", lin)
    told = screen.ask()

    assert (refused.status_code, refusal(late)) == (204, (404, "web_login_unknown"))
    assert (told.status_code, "every 2s" in told.text) == (286, False)
    assert "换一个二维码" in told.text
    assert (screen.session, audited(world)) == ("", [("web_login.refuse", lin.id)])


def test_old_used_foreign_and_made_up_codes_are_told_the_same(world, api, screen, hands, lin):
    api.request_id = "the-same-request"
    other = world.person("何志文")
    seen_by_another, used, old = screen.show(), Screen(world, api), Screen(world, api)
    say(api, seen_by_another, "seen", other)
    done = used.show()
    let_in(api, done, lin)
    used.ask()
    late = old.show()
    hands.move(minutes=2)

    codes = [seen_by_another, done, late, "W" + "x" * 22, "nonsense"]
    answers = [say(api, code, "seen", lin) for code in codes[:4]]

    assert {refusal(answer) for answer in answers} == {(404, "web_login_unknown")}
    assert len({answer.data for answer in answers}) == 1
    assert old.ask().status_code == 286


def test_a_confirmed_login_is_the_askers_alone_and_good_once(world, api, screen, hands, lin):
    code = screen.show()
    let_in(api, code, lin)
    thief, token = Screen(world, api), screen.ask()
    thief.show()

    again, stolen = screen.ask(), thief.ask()

    assert token.headers["HX-Redirect"]
    assert (again.status_code, "HX-Redirect" in again.headers) == (286, False)
    assert (stolen.status_code, thief.session) == (200, "")
    scanned = [row for row in sessions_of(world, lin) if row.auth_level == "scanned"]
    assert len(scanned) == 1


def test_of_two_who_collect_one_login_at_once_one_gets_it(world, api, screen, crowd, lin):
    code = screen.show()
    let_in(api, code, lin)
    token = TOKEN.search(screen.get("/login").text).group(1)
    cookies = {name: screen._client.get_cookie(name).value for name in ("waiting", "form")}

    def collect(_client):
        client = world.app.test_client()
        for name, value in cookies.items():
            client.set_cookie(name, value)
        return client.post("/login/qr/wait", data={"csrf_token": token}, headers=HTMX)

    answers = crowd.at_once([collect] * 6)

    assert sorted(answer.status_code for answer in answers) == [200, *[286] * 5]
    assert len([row for row in sessions_of(world, lin) if row.auth_level == "scanned"]) == 1


def test_a_new_login_takes_the_place_of_whatever_the_browser_held(world, api, lin):
    screen = Screen(world, api, world.person("何志文"))
    former = screen.session

    let_in(api, screen.show(), lin)
    screen.ask()

    assert screen.session != former
    assert refusal(api.bearing(former)) == (401, "session_ended")


def test_a_scanned_session_vouches_for_no_other_and_is_as_proved_as_the_phone(
    world, api, screen, hands, lin
):
    phone_token = api.token(lin)
    hands.move(minutes=10)
    let_in(api, screen.show(), lin)
    screen.ask()

    second = Screen(world, api)
    refused = api.sending(screen.session, f"/web-logins/{second.show()}/seen")
    handed = api.sending(screen.session, "/me/handoffs")
    proved = api.bearing(screen.session, "/sessions/current").json["auth_time"]

    assert proved == api.bearing(phone_token, "/sessions/current").json["auth_time"]
    assert refusal(refused) == refusal(handed) == (409, "web_login_not_here")


def test_staff_and_guessers_get_nobody_in(world, api, screen, lin):
    code, clerk = screen.show(), world.staff("community_clerk")

    as_staff = say(api, code, "seen", clerk)
    guesses = [say(api, f"W{n:022d}", "seen", lin) for n in range(5)]
    paused = say(api, code, "seen", lin)

    assert refusal(as_staff) == (409, "web_login_for_residents")
    assert {refusal(guess)[0] for guess in guesses} == {404}
    assert refusal(paused) == (429, "too_many_misses")


def test_nobody_asks_for_codes_without_end(world, api, hands):
    for _ in range(web_logins.MOST_A_MINUTE):
        Screen(world, api).show()
    one_more = Screen(world, api)

    answer = one_more._send("/login/qr")
    hands.move(minutes=1)

    assert answer.status_code == 429
    assert one_more.show()


def test_a_fresh_proof_comes_from_a_fresh_phone_and_never_from_the_same_session(
    world, api, hands, lin
):
    screen = Screen(world, api, lin, at="/confirm")
    own = screen.session
    api._tokens.clear()
    hands.move(minutes=6)
    api.token(lin)  # her phone, proved this minute
    stale = screen.get("/confirm").status_code
    code = screen.show()

    by_itself = api.sending(own, f"/web-logins/{code}/seen")
    somebody = say(api, code, "seen", world.person("何志文"))
    seen, confirmed = let_in(api, code, lin)
    proved = screen.ask(following="/me")

    assert stale == 200
    assert refusal(by_itself) == refusal(somebody) == (404, "web_login_unknown")
    assert (seen.json["purpose"], confirmed.status_code) == ("step_up", 201)
    assert proved.headers["HX-Redirect"] == "/me"
    with world.own() as session:
        levels = session.execute(sa.text("SELECT auth_time FROM session")).scalars().all()
    assert [level for level in levels if level == hands()]
    assert screen.session == own


def test_a_phone_that_was_proved_long_ago_proves_nothing(world, api, hands, lin):
    screen = Screen(world, api, lin, at="/confirm")
    api._tokens.clear()
    api.token(lin)
    hands.move(minutes=6)

    _seen, confirmed = let_in(api, screen.show(), lin)

    assert refusal(confirmed) == (403, "step_up_required")
    assert "HX-Redirect" not in screen.ask().headers


def entrance(api, lin, **body):
    answer = api.post("/me/handoffs", as_=lin, **body)
    assert answer.status_code == 201, answer.text
    return urlsplit(answer.json["address"])


def test_a_mini_program_hands_its_person_to_its_web_view(world, api, hands, lin, log_lines):
    stale = Browser(world, api, world.person("何志文"))
    former, address = stale.session, entrance(api, lin, next="/passbook")

    page = stale.get(f"{address.path}?{address.query}")
    form = {"code": address.fragment, "next": "/passbook"}
    entered = stale.submit("/enter", shown_on="/enter", **form)
    again = stale.submit("/enter", shown_on="/enter", **form)

    assert (address.query, "enter.js" in page.text) == ("next=%2Fpassbook", True)
    assert (entered.status_code, entered.location) == (303, "/passbook")
    assert api.bearing(stale.session).json["id"] == str(lin.id)
    assert refusal(api.bearing(former)) == (401, "session_ended")
    assert (again.status_code, "回到小程序" in again.text) == (404, True)
    assert address.fragment not in "".join(log_lines())
    assert not world.holds_text(address.fragment)


@pytest.mark.parametrize("spoil", ["late", "signed out", "made up", "of a screen"])
def test_what_is_not_handed_over_any_more_lets_nobody_in(world, api, hands, screen, lin, spoil):
    code, visitor = entrance(api, lin).fragment, Browser(world, api)
    if spoil == "late":
        hands.move(seconds=60)
    if spoil == "signed out":
        api.delete("/sessions/current", as_=lin)
    code = {"made up": "H" + "x" * 22, "of a screen": screen.show()}.get(spoil, code)

    answer = visitor.submit("/enter", shown_on="/enter", code=code)

    assert (answer.status_code, visitor.session) == (404, "")
    assert "已经过期或用过了" in answer.text


def test_an_entrance_leads_to_pages_of_ours_only(world, api, lin):
    assert entrance(api, lin, next="https://elsewhere.test/").query == "next=%2Fme"


def test_of_two_who_enter_with_one_code_at_once_one_is_let_in(world, api, crowd, lin):
    code = entrance(api, lin).fragment
    visitors = [Browser(world, api) for _ in range(4)]
    tokens = [TOKEN.search(one.get("/enter").text).group(1) for one in visitors]
    enter = [
        lambda _client, one=one, token=token: one._client.post(
            "/enter", data={"code": code, "csrf_token": token}
        )
        for one, token in zip(visitors, tokens, strict=True)
    ]

    answers = crowd.at_once(enter)

    assert sorted(answer.status_code for answer in answers) == [303, 404, 404, 404]


def test_who_waited_is_forgotten_after_an_hour(world, api, app, screen, hands, lin):
    let_in(api, screen.show(), lin)
    hands.move(minutes=62)
    with app.app_context(), as_worker():
        tidy([world.tenant])

    with world.own() as session:
        left = "SELECT count(*) FROM web_login WHERE tenant_id = :t"
        assert session.execute(sa.text(left), {"t": world.tenant_id}).scalar() == 0
    assert re.search("expir|过期", screen.ask().text)
