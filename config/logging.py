"""Logs: one JSON object a line, only the keys below, never personal data."""

import logging
import sys
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

ALLOWED = frozenset(
    {
        "timestamp", "level", "event", "logger", "exception",
        "request_id", "tenant", "method", "route", "status", "dur_ms", "code",
        "settled", "quarantined", "sqlstate", "error_type", "errcode", "trace_id",
    }
)  # fmt: skip


# Who writes addresses and paths into its sentences, and what is said instead of those.
QUOTING = {"gunicorn.error": "web server", "app": "unexpected error"}


def configure(*, stream: TextIO | None = None) -> None:
    """Send every record, ours and the libraries', through one allow-list."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(allow=ALLOWED),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            pass_foreign_args=True,
            processors=[
                _without_quotes,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _frames_only,
                _only_allowed,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for chatty in ("httpx", "httpcore", "werkzeug", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)  # their lines carry URLs and arguments
    logging.getLogger("rq.worker").setLevel(logging.CRITICAL)  # its errors quote what failed


def _without_quotes(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Keep of a sentence that quotes what it was before anything was filled in, or nothing."""
    instead = QUOTING.get(event["logger"])
    if instead is not None:
        event["event"] = str(event["_record"].msg) if event.get("positional_args") else instead
    return event


def _frames_only(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Keep where an exception happened and its type, not its text: the text may quote a row."""
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    if isinstance(info, tuple) and info[1] is not None:
        event["error_type"] = type(info[1]).__name__
        event["exception"] = _frames(info[1])
    return event


def _frames(error: BaseException) -> list[str]:
    found, trace = [], error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        found.append(f"{code.co_filename}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return found[-12:]


def _only_allowed(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    return {key: value for key, value in event.items() if key in ALLOWED}
