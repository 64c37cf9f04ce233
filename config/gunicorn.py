"""How gunicorn serves the app."""

import logging
import signal

from app.core.embedded.lifeline import ending_with_parent
from config import Settings
from config.logging import configure

_settings = Settings.from_environ()
_end_with_master = ending_with_parent(signal.SIGKILL)

_host = f"[{_settings.bind}]" if ":" in _settings.bind else _settings.bind
bind = f"{_host}:{_settings.port}"
worker_class = "gthread"
workers = _settings.web_workers
threads = _settings.web_threads
timeout = 30
graceful_timeout = 8
keepalive = 5
max_requests = 20_000
max_requests_jitter = 2_000
accesslog = None
errorlog = "-"
loglevel = "warning"
control_socket_disable = True


def on_starting(_server: object) -> None:
    """Send the server's own lines the way of all others: they would quote addresses and paths."""
    own = logging.getLogger("gunicorn.error")
    own.handlers.clear()
    own.propagate = True
    configure()


on_reload = on_starting


def post_fork(_server: object, _worker: object) -> None:
    """End with a master that is killed: who starts the service again finds the port free."""
    _end_with_master()
