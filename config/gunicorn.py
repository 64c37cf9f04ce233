"""How gunicorn serves the app."""

import logging
import os
import shutil
import signal

from config import Settings
from config.logging import configure

_settings = Settings.from_environ()
if _settings.metrics_token:
    # Where each worker counts, and any of them adds up; what former workers counted goes. It has
    # to be said before anything of the app is imported: the library asks once.
    _shared = _settings.var / "metrics"
    shutil.rmtree(_shared, ignore_errors=True)
    _shared.mkdir(parents=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(_shared)  # noqa: TID251 - the library reads it

from app.core.embedded.lifeline import ending_with_parent  # noqa: E402 - see above

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


def child_exit(_server: object, worker: object) -> None:
    """Whoever is gone holds no connection any more."""
    if _settings.metrics_token:
        from prometheus_client import multiprocess  # noqa: PLC0415 - it reads the environment

        multiprocess.mark_process_dead(worker.pid)  # type: ignore[attr-defined, no-untyped-call]  # gunicorn's


on_reload = on_starting


def post_fork(_server: object, _worker: object) -> None:
    """End with a master that is killed: who starts the service again finds the port free."""
    _end_with_master()
