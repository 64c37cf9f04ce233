"""Serves the stand-in on this machine, and on no other."""

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

LOOPBACK = "127.0.0.1"


class SilentRequests(WSGIRequestHandler):
    """Writes no line for a request: its address carries secrets and codes."""

    timeout = 10  # seconds a connection may stay silent

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - the name it has above
        """Write nothing."""

    def connection_dropped(self, *_error: object, **_environ: object) -> None:
        """Hang up; left to itself the server would wait for another request."""
        self.close_connection = True


def open_server(flask_app: Flask, *, port: int) -> BaseWSGIServer:
    """A threaded server that already listens; port 0 takes any free one, see its `port`."""
    return make_server(LOOPBACK, port, flask_app, threaded=True, request_handler=SilentRequests)
