"""Another process that needs the token: many threads of it, at a moment they are told."""

import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from datetime import datetime

from app.wechat.client import WechatClient
from app.wechat.outfit import Outfit
from app.wechat.standin import DEMO_APPID, DEMO_SECRET
from app.wechat.token_store import DatabaseTokens
from config import Settings
from tests.support.fixtures import application
from tests.support.serving import PATIENT


def call_in_threads(app, client, threads):
    """How many of so many calls were answered."""

    def one(_place):
        with app.app_context():
            return client.link("pages/index/index", "a=b").startswith("https://")

    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(one, range(threads)))


def main(database_url, base_url, instant, threads, data_keys):
    now = datetime.fromisoformat(instant)
    settings = Settings(
        env="test", database_url=database_url, secret_key="s" * 32, data_keys=data_keys
    )
    with ExitStack() as stack:
        app = stack.enter_context(application(settings))
        tokens = DatabaseTokens(app.extensions["vault"])
        outfit = Outfit(now=lambda: now, budget=PATIENT, tokens=tokens)
        client = WechatClient(DEMO_APPID, DEMO_SECRET, base_url=base_url, outfit=outfit)
        stack.enter_context(closing(client))
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
        sys.stdout.write(f"{call_in_threads(app, client, int(threads))}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
