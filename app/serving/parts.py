"""The parts of a running service, and how to tell that it is ready."""

import signal
import sys
import time
from pathlib import Path

import httpx

from app.core.embedded import CannotStart, Part, Supervisor
from app.serving import network
from app.serving.asked import Asked
from config import Settings

ROOT = Path(__file__).parents[2]
READY_SECONDS = 60.0
TICK_SECONDS = 0.05
KNOWN_NAME = {"Host": "localhost"}  # production answers to no other of this machine's addresses


def all_of(settings: Settings) -> list[Part]:
    """Everything but the servers, in the order of their start; they stop in the reverse."""
    env = settings.as_environ()
    flask = (sys.executable, "-m", "flask", "--app", "wsgi")
    named: dict[str, tuple[str, ...]] = {
        "web": (sys.executable, "-m", "gunicorn", "--config", "config/gunicorn.py", "wsgi:app"),
        "worker": (*flask, "worker"),
        "sweeper": (*flask, "sweep"),
    }
    if settings.demo:
        port = str(settings.port + 1)
        push_url = f"{network.own_url(settings)}/api/v1/wechat/{settings.wechat_appid}/messages"
        asked = ("--port", port, "--sim-admin", "--push-url", push_url)
        standin = (sys.executable, "-m", "app.wechat.standin", *asked)

        named = {"standin": standin, **named}
    return [
        Part(name=name, argv=argv, env=env, cwd=ROOT, death_signal=signal.SIGKILL)
        for name, argv in named.items()
    ]


def wait_until_ready(settings: Settings, supervisor: Supervisor, asked: Asked) -> None:
    """Turn the supervisor's loop until the web server says it can work."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        asked.heed()
        supervisor.turn(TICK_SECONDS)
        if _is_ready(f"{network.own_url(settings)}/readyz"):
            return
    raise CannotStart("The web server did not become ready; its lines above say why.")


def _is_ready(url: str) -> bool:
    # Asked at every turn: what reads no certificates, of which there are none here, asks cheaply.
    plain = httpx.HTTPTransport(verify=False)
    try:
        with httpx.Client(timeout=1, trust_env=False, transport=plain) as client:
            return client.get(url, headers=KNOWN_NAME).is_success
    except httpx.HTTPError:
        return False
