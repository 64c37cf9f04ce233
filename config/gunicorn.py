"""How gunicorn serves the app."""

import signal

from app.core.embedded.lifeline import ending_with_parent
from config import Settings

_settings = Settings.from_environ()
_end_with_master = ending_with_parent(signal.SIGKILL)

bind = f"{_settings.bind}:{_settings.port}"
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


def post_fork(_server: object, _worker: object) -> None:
    """End with a master that is killed: who starts the service again finds the port free."""
    _end_with_master()
