"""Applications behind real sockets on this machine, for the length of a `with`."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

from flask import Flask
from werkzeug.serving import make_server

from app.wechat.budget import Budget
from app.wechat.standin.server import LOOPBACK, SilentRequests

POLL_SECONDS = 0.05
PATIENT = Budget(connect=10, read=10, total=20)  # a busy machine is not a slow WeChat


@contextmanager
def listening() -> Iterator[socket.socket]:
    """A socket on a free port, so that an application can be told its address beforehand."""
    with socket.create_server((LOOPBACK, 0)) as listener:
        yield listener


def address_of(listener: socket.socket) -> str:
    return f"http://{LOOPBACK}:{listener.getsockname()[1]}"


def _closing(app: Flask) -> Callable[..., Iterator[bytes]]:
    """What an answer has open is closed: this server forgets it where a browser leaves half-way."""

    def answer(environ: Any, start_response: Any) -> Iterator[bytes]:
        parts: Any = app(environ, start_response)
        try:
            yield from parts
        finally:
            parts.close()

    return answer


@contextmanager
def serving(app: Flask, listener: socket.socket) -> Iterator[None]:
    """The application answers at the listener's address, in threads of this process."""
    server = make_server(
        LOOPBACK,
        listener.getsockname()[1],
        _closing(app),
        threaded=True,
        request_handler=SilentRequests,
        fd=listener.fileno(),
    )
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": POLL_SECONDS})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
