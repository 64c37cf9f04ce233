"""What an edge hands down to services: the time, the keys, the public address."""

from collections.abc import Sequence

from flask import current_app

from app.core.keys import Keyring
from app.core.scans import Resolver
from config import Settings


def settings() -> Settings:
    found: Settings = current_app.config["SETTINGS"]
    return found


def keyring() -> Keyring:
    return Keyring(settings().secret_key)


def resolvers() -> Sequence[Resolver]:
    """The features' readers of codes, in the order of the map."""
    found: Sequence[Resolver] = current_app.extensions["scan_resolvers"]
    return found


def code_address(code: str) -> str:
    """The address that is drawn as a QR code, so that any scanner opens the right page."""
    return f"{settings().public_url}/q/{code}"
