"""`python -m app.wechat.standin --port 8001 --sim-admin` runs the stand-in until told to end."""

import argparse
import signal
import sys
from threading import Event, Thread
from types import FrameType

from app.core import clock
from app.wechat.standin import PushTo, RegisteredApp, create_standin
from app.wechat.standin.pushes import Pushes
from app.wechat.standin.registry import demo_templates
from app.wechat.standin.server import open_server
from config import SettingsInvalid, is_production


def main() -> None:
    """Read the arguments, say where the server listens, and serve."""
    arguments = _arguments()
    _refuse_production()
    signal.signal(signal.SIGTERM, _leave)
    push = PushTo(url=arguments.push_url) if arguments.push_url else None
    standin = create_standin(
        clock=clock.now,
        registered=RegisteredApp(templates=demo_templates(), push=push),
        seed=arguments.seed,
        sim_admin=arguments.sim_admin,
    )
    server = open_server(standin, port=arguments.port)
    Thread(target=_push_when_due, args=(standin.extensions["pushes"],), daemon=True).start()
    sys.stdout.write(f"WeChat stand-in: http://{server.host}:{server.port}\n")
    sys.stdout.flush()
    server.serve_forever()


def _push_when_due(pushes: Pushes) -> None:
    """Push events as they fall due, for as long as the process lives."""
    never = Event()
    while not never.wait(1.0):
        pushes.deliver_due()


def _refuse_production() -> None:
    """Whoever asks this server is let in: no real person may ever be signed in by it."""
    try:
        refusal = "The WeChat stand-in does not run when ENV=production" if is_production() else ""
    except SettingsInvalid as invalid:
        refusal = str(invalid)
    if refusal:
        sys.exit(f"red-account: {refusal}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m app.wechat.standin", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="0 takes any free port")
    parser.add_argument("--seed", type=int, help="makes codes and tokens predictable")
    parser.add_argument("--push-url", default="", help="where events are pushed to")
    parser.add_argument("--sim-admin", action="store_true", help="opens /__sim/ to this machine")
    return parser.parse_args()


def _leave(_signal: int, _frame: FrameType | None) -> None:
    """End at once: nothing here outlives the process, and no answer is worth waiting for."""
    sys.exit(0)


if __name__ == "__main__":
    main()
