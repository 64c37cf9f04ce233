"""`python -m app`: the whole service in one foreground process, with nothing else installed.

It owns the web server, the worker, the sweeper, the WeChat stand-in, and the database and
Valkey where no address says otherwise; it restarts what dies and ends them all.
"""

import io
import secrets
import sys
from collections.abc import Sequence

from sqlalchemy.exc import DBAPIError

from app import create_app, schema
from app.core import complaints
from app.core.embedded import CannotStart, Supervisor
from app.core.vault import extension
from app.demo import load
from app.schema import SchemaRefused
from app.servers import addressed, embedded
from app.serving import banner, network, parts
from app.serving.asked import Asked
from app.wechat.standin import (
    DEMO_PUSH_AES_KEY,
    DEMO_PUSH_TOKEN,
    DEMO_SECRET,
    DEMO_TEMPLATES,
)
from config import Settings, SettingsInvalid

PASSWORD_BYTES = 6


def main() -> int:
    """Run until told to stop; 1 and one sentence when that is not possible."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # not every terminal has all our letters
    try:
        settings = Settings.from_environ()
        network.refuse_taken(settings)
        run(settings, Asked())
    except (CannotStart, SchemaRefused, SettingsInvalid) as refusal:
        print(f"red-account: {refusal}", file=sys.stderr)  # noqa: T201 - for the terminal
        return 1
    except KeyboardInterrupt:
        return 0  # told to stop before everything ran
    return 0


def run(settings: Settings, asked: Asked) -> None:
    supervisor = Supervisor()
    with embedded(settings, supervisor) as servers:
        asked.heed()
        if settings.database_url is None:
            servers.ensure_database()
        settings = _furnished(addressed(settings, servers.addresses))
        staff = _prepare_database(settings)
        try:
            for part in parts.all_of(settings):
                asked.heed()
                supervisor.add(part)
            parts.wait_until_ready(settings, supervisor, asked)
            banner.show(settings, staff, sys.stdout)
            asked.heed()
            supervisor.run()
        finally:
            supervisor.stop()  # the parts before the servers they use, also half-way


def _prepare_database(settings: Settings) -> Sequence[str]:
    """Bring it to this version, and people into the demo city; who of them may sign in as staff."""
    try:
        schema.upgrade(
            settings.owner_database_url or settings.database_url or "",
            vault=extension.vault_of(settings),
        )
        return _load_demo(settings) if settings.demo else ()
    except DBAPIError as error:
        raise CannotStart(complaints.refusal(error)) from error


def _furnished(settings: Settings) -> Settings:
    """With what only a run has: an address phones can reach, the stand-in, a staff password."""
    if not settings.demo:
        return settings
    return settings.with_changes(
        public_url=network.public_url(settings),
        wechat_base_url=f"http://127.0.0.1:{settings.port + 1}",
        wechat_secret=settings.wechat_secret or DEMO_SECRET,
        wechat_push_token=settings.wechat_push_token or DEMO_PUSH_TOKEN,
        wechat_push_aes_key=settings.wechat_push_aes_key or DEMO_PUSH_AES_KEY,
        wechat_templates=settings.wechat_templates or DEMO_TEMPLATES,
        demo_password=settings.demo_password or secrets.token_hex(PASSWORD_BYTES),
    )


def _load_demo(settings: Settings) -> Sequence[str]:
    app = create_app(settings)
    with app.app_context():
        loaded = load.load(scale="small", password=settings.demo_password)
    app.extensions["database"].engine.dispose()
    return loaded.staff


if __name__ == "__main__":
    sys.exit(main())
