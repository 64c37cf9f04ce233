"""A running stand-in, the phones and operators who use it, and clocks that tests move."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import httpx

from app.wechat import services
from app.wechat.client import WechatClient
from app.wechat.outfit import Outfit
from app.wechat.standin import DEMO_APPID, DEMO_SECRET, RegisteredApp, create_standin
from app.wechat.standin.application import Dropped
from app.wechat.standin.server import open_server
from app.wechat.superapp import Event
from app.wechat.token_store import DatabaseTokens
from tests.support.serving import PATIENT

LOGIN = "/sns/jscode2session"


class Sim:
    """A stand-in that listens on this machine, spoken to as phones and operators do."""

    def __init__(self, url, http, *, appid=DEMO_APPID, transport=None):
        self.appid = appid
        self.url = url
        self.transport = transport
        self._http = http

    def get(self, path, /, **query):
        return self._http.get(path, params=query)

    def post(self, path, /, **body):
        return self._http.post(path, json=body)

    def post_raw(self, path, content):
        return self._http.post(path, content=content)

    def phone_login(self, openid="oDemoResident01", **other):
        """The code a phone gets from WeChat."""
        return self.post("/__sim/wx_login", openid=openid, **other).json()["code"]

    def fault(self, *, api=LOGIN, times=1, **fault):
        return self.post("/__sim/faults", api=api, times=times, **fault).raise_for_status()

    def clear_faults(self):
        return self._http.delete("/__sim/faults")

    def calls(self, api=LOGIN):
        return self.get("/__sim/state").json()["calls"].get(api, 0)

    def exchange(self, code, **changes):
        """The login call as the contract writes it, without our client."""
        query = {
            "appid": self.appid,
            "secret": DEMO_SECRET,
            "js_code": code,
            "grant_type": "authorization_code",
        }
        return self.get(LOGIN, **(query | changes)).json()

    def token(self):
        query = {"appid": self.appid, "secret": DEMO_SECRET, "grant_type": "client_credential"}
        return self.get("/cgi-bin/token", **query).json()["access_token"]

    def stable_token(self, **changes):
        body = {"appid": self.appid, "secret": DEMO_SECRET, "grant_type": "client_credential"}
        return self.post("/cgi-bin/stable_token", **(body | changes)).json()

    def token_errcode(self, token):
        """What WeChat says to a call with this token; 87009 means that the token is good."""
        return self.get("/wxa/checksession", access_token=token).json()["errcode"]

    def phone_code(self, openid="oDemoResident01", phone="13800000000"):
        """The code a page gets from the phone button."""
        return self.post("/__sim/phone_code", openid=openid, phone=phone).json()["code"]

    def answer_popup(self, openid="oDemoResident01", **choices):
        """What somebody says to the popup, for each template."""
        return self.post("/__sim/subscribe", openid=openid, choices=choices).json()

    def outbox(self):
        return self.get("/__sim/outbox").json()["messages"]

    def ask(self, api, /, **body):
        """A call with a token, as the contract writes it, without our client."""
        token = self.stable_token()["access_token"]
        return self.post(f"{api}?access_token={token}", **body)


def appid_of(settings):
    """Which mini-program the stand-in is for."""
    return settings["registered"].appid if "registered" in settings else DEMO_APPID


class InProcess(httpx.WSGITransport):
    """The stand-in without a socket: where it would hang up, the connection breaks off."""

    def handle_request(self, request):
        try:
            return super().handle_request(request)
        except Dropped as error:
            raise httpx.RemoteProtocolError("the server hung up") from error


@contextmanager
def in_process(clock, **settings) -> Iterator[Sim]:
    """A stand-in in this very process, for the length of a `with`."""
    standin = create_standin(clock=clock, seed=7, sim_admin=True, **settings)
    transport, url = InProcess(standin), "http://standin.test"
    with httpx.Client(base_url=url, transport=transport) as http:
        yield Sim(url, http, appid=appid_of(settings), transport=transport)


@contextmanager
def running(clock, **settings) -> Iterator[Sim]:
    """A stand-in behind a real socket, for the length of a `with`."""
    standin = create_standin(clock=clock, seed=7, sim_admin=True, **settings)
    server = open_server(standin, port=0)
    serving = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005})
    serving.start()
    url = f"http://{server.host}:{server.port}"
    with httpx.Client(base_url=url, trust_env=False, timeout=5) as http:
        sim = Sim(url, http, appid=appid_of(settings))
        try:
            yield sim
        finally:
            sim.clear_faults()
            server.shutdown()
            serving.join()


@contextmanager
def as_known_to(world, hands, monkeypatch):
    """WeChat, as a city's mini-program finds it."""
    with in_process(hands, registered=RegisteredApp(appid=world.appid)) as sim:
        outfit = Outfit(
            now=hands,
            monotonic=hands.monotonic,
            budget=PATIENT,
            tokens=DatabaseTokens(world.app.extensions["vault"]),
        )
        client = WechatClient(
            world.appid, DEMO_SECRET, base_url=sim.url, transport=sim.transport, outfit=outfit
        )
        monkeypatch.setitem(world.app.extensions["super_apps"], ("wechat", world.appid), client)
        yield sim


def media_said(world, trace_id, suggest):
    """WeChat tells what is in a picture about which it was asked."""
    event = Event(
        key=f"{trace_id}:{suggest}".encode(),
        name="wxa_media_check",
        subject_id="oSomebody",
        happened_at=world.now(),
        content={"trace_id": trace_id, "suggest": suggest},
    )
    with world.work() as session:
        vault = world.app.extensions["vault"]
        services.note_events(session, vault, [event], appid=world.appid, now=world.now())
