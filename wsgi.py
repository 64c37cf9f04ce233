"""The WSGI entry point: `gunicorn wsgi:app`, `flask --app wsgi …`."""

import gc
import sys

gc.disable()  # until all is loaded, of which nothing is ever garbage

from app import create_app
from app.core.embedded import CannotStart
from app.core.garbage import collect_among_new
from app.schema import SchemaRefused
from app.servers import with_addresses
from config import Settings, SettingsInvalid

try:
    app = create_app(with_addresses(Settings.from_environ()))
except (CannotStart, SchemaRefused, SettingsInvalid) as refusal:
    sys.exit(f"red-account: {refusal}")

collect_among_new()
