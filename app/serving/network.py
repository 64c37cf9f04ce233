"""Ports and addresses of this machine."""

import contextlib
import socket
from urllib.parse import urlsplit

from app.core.embedded import CannotStart
from config import Settings

EVERYWHERE = {"0.0.0.0", "::"}  # noqa: S104 - what BIND says to listen on every address
ELSEWHERE = ("192.0.2.1", 9)  # an address for documentation: nothing is sent, only a route chosen


def refuse_taken(settings: Settings) -> None:
    """Say so at once when a port is in use, before anything else is started."""
    wanted = [(settings.bind, settings.port, "PORT and BIND")]
    if settings.demo:
        wanted.append(("127.0.0.1", settings.port + 1, "PORT (the stand-in takes the next one)"))
    for host, port, name in wanted:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                raise CannotStart(
                    f"Port {port} of {host} cannot be used ({error.strerror}): stop what uses it, "
                    f"or choose another with {name}."
                ) from error


def own_url(settings: Settings) -> str:
    """Where this machine reaches us."""
    host = "127.0.0.1" if settings.bind in EVERYWHERE else settings.bind
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def public_url(settings: Settings) -> str:
    """Where phones on the same network reach us, unless the settings say it."""
    if "127.0.0.1" not in settings.public_url:
        return settings.public_url
    if settings.bind not in EVERYWHERE:
        return own_url(settings)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
        probe.connect(ELSEWHERE)
        return f"http://{probe.getsockname()[0]}:{settings.port}"
    return settings.public_url


def is_for_phones(url: str) -> bool:
    """Whether another machine can ask for it."""
    host = urlsplit(url).hostname or ""
    return host not in {"localhost", "::1"} and not host.startswith("127.")
