"""What an edge hands down to services: the time, the keys, the public address."""

from collections.abc import Sequence

from flask import current_app, session

from app.core.keeping import Keeping
from app.core.keys import Keyring
from app.core.occupied import Occupied
from app.core.scans import Resolver
from app.core.vault import Vault
from config import Settings

JUST_DONE = "just done"


def settings() -> Settings:
    found: Settings = current_app.config["SETTINGS"]
    return found


def keyring() -> Keyring:
    return Keyring(settings().secret_key)


def vault() -> Vault:
    """Where personal data are sealed."""
    found: Vault = current_app.extensions["vault"]
    return found


def resolvers() -> Sequence[Resolver]:
    """The features' readers of codes, in the order of the map."""
    found: Sequence[Resolver] = current_app.extensions["scan_resolvers"]
    return found


def keepings() -> Sequence[Keeping]:
    """What is kept about people, in the order of the map."""
    found: Sequence[Keeping] = current_app.extensions["keepings"]
    return found


def occupied() -> Sequence[Occupied]:
    """What each feature says keeps a unit open, in the order of the map."""
    found: Sequence[Occupied] = current_app.extensions["occupied"]
    return found


def code_address(code: str) -> str:
    """The address that is drawn as a QR code, so that any scanner opens the right page."""
    return f"{settings().public_url}/q/{code}"


def page_address(path: str) -> str:
    """The address of a page of ours, for paper and other places outside of it."""
    return f"{settings().public_url}{path}"


def note_done() -> None:
    """Tell the next page that its reader has just done what it speaks of."""
    session[JUST_DONE] = True


def just_done() -> bool:
    """Whether this page is the first after the deed; when it is read again it is not."""
    return bool(session.pop(JUST_DONE, False))
