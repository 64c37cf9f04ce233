"""Puts the stand-in together."""

from collections.abc import Callable, Mapping
from datetime import datetime
from random import Random, SystemRandom

from flask import Flask, Response, g, request

from app.wechat.standin import wechat_api
from app.wechat.standin.admin import Admin
from app.wechat.standin.faults import Fault
from app.wechat.standin.quotas import LIMITS, Limit
from app.wechat.standin.registry import RegisteredApp, demo_templates
from app.wechat.standin.replies import Refused, refusal, reply
from app.wechat.standin.views import Views
from app.wechat.standin.world import World, build_world
from config.settings import DEMO_APPID

LARGEST_REQUEST = 1_000_000
_BROKEN_JSON = '{"openid": "o'


class Dropped(ConnectionAbortedError):
    """The server hangs up without a word; a WSGI server takes this for a lost connection."""


def create_standin(
    *,
    clock: Callable[[], datetime],
    appid: str = DEMO_APPID,
    registered: RegisteredApp | None = None,
    limits: Mapping[str, Limit] = LIMITS,
    seed: int | None = None,
    sim_admin: bool = False,
) -> Flask:
    """A WeChat server in memory. With a `seed` its codes and tokens are the same every time."""
    random = SystemRandom() if seed is None else Random(seed)  # noqa: S311 - a seed is for tests
    registered = registered or RegisteredApp(appid=appid, templates=demo_templates())
    world = build_world(registered, clock=clock, random=random, limits=limits)
    views = wechat_api.views_of(world)
    flask_app = Flask("app.wechat.standin", static_folder=None)
    flask_app.config.update(PROPAGATE_EXCEPTIONS=True, MAX_CONTENT_LENGTH=LARGEST_REQUEST)
    flask_app.before_request(lambda: _go_wrong(world, views))
    flask_app.after_request(_lose)
    flask_app.register_error_handler(Refused, lambda error: _refused(world, error))
    flask_app.add_url_rule("/__sim/health", view_func=health)
    flask_app.extensions["pushes"] = world.pushes
    wechat_api.register(flask_app, views)
    if sim_admin:
        Admin(world, apis=tuple(views)).register(flask_app)
    return flask_app


def health() -> Response:
    """Say that the server is ready."""
    return reply({"status": "ready"})


def _refused(world: World, error: Refused) -> Response:
    return refusal(error, now=world.clock(), random=world.random)


def _go_wrong(world: World, views: Views) -> Response | None:
    """Count the call, and answer in place of the API when a fault was ordered for it."""
    if request.path not in views:
        return None
    world.calls.count(request.path)
    fault = world.faults.take(request.path)
    return None if fault is None else _faulty_answer(world, fault)


def _faulty_answer(world: World, fault: Fault) -> Response | None:
    match fault.kind, fault.value:
        case "errcode", int(errcode):
            raise Refused(errcode)
        case "http", int(status):
            return Response("<html><body>gateway</body></html>", status=status)
        case "body", str(body):
            text = _BROKEN_JSON if body == "malformed" else " " * 5_000_000
            return Response(text, content_type="application/json")
        case "delay", (int() | float()) as seconds:
            world.faults.hold_up(seconds)
            return None  # late, and otherwise as ever
        case "lost", True:
            g.lost = True
            return None  # done as asked, and nobody hears of it
        case _:
            raise Dropped


def _lose(answer: Response) -> Response:
    """Hang up in place of an answer that was to be lost."""
    if g.get("lost"):
        raise Dropped
    return answer
