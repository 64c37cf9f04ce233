"""Ports and addresses of this machine."""

import contextlib
import socket

from app.core.embedded import CannotStart
from config import Settings

ELSEWHERE = ("192.0.2.1", 9)  # an address for documentation: nothing is sent, only a route chosen


def refuse_taken(settings: Settings) -> None:
    """Say so at once when a port is in use, before anything else is started."""
    wanted = [(settings.bind, settings.port, "PORT and BIND")]
    if settings.demo:
        wanted.append(("127.0.0.1", settings.port + 1, "PORT (the stand-in takes the next one)"))
    for host, port, name in wanted:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                raise CannotStart(
                    f"Port {port} of {host} cannot be used ({error.strerror}): stop what uses it, "
                    f"or choose another with {name}."
                ) from error


def public_url(settings: Settings) -> str:
    """Where phones on the same network reach us, unless the settings say it."""
    if "127.0.0.1" not in settings.public_url:
        return settings.public_url
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
        probe.connect(ELSEWHERE)
        return f"http://{probe.getsockname()[0]}:{settings.port}"
    return settings.public_url
