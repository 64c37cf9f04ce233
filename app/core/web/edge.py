"""What surrounds every request: an id, one log line, form tokens, headers for browsers."""

import logging
import re
import time
from http import HTTPStatus
from uuid import uuid4

import structlog
from flask import Blueprint, Flask, Response, current_app, g, redirect, request, url_for
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix

from app.core import metrics
from app.core.db import database
from app.core.doors import public
from app.core.errors import Malformed
from app.core.metrics import Answered
from app.core.problems import refuse

ROOM_FOR_FIELDS = 64 * 1024
NUL = "\0"  # PostgreSQL keeps no text with one in it
SAFE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
OWN_ONLY = (
    "default-src 'self'; img-src 'self' data: blob:; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'self'; object-src 'none'"
)
DOCS = "/api/docs"
VENDORED = "/static/vendor/"  # with the version in the path: what stands there never changes
FOREVER = "public, max-age=31536000, immutable"
DOCS_POLICY = OWN_ONLY + "; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'"

log = logging.getLogger(__name__)
csrf = CSRFProtect()


class FormStale(Malformed):
    code, title = "form_stale", "The form is stale"


def init_app(app: Flask, *, secret_key: str, secure: bool, proxies: int) -> None:
    app.config.update(
        SECRET_KEY=secret_key,
        SESSION_COOKIE_NAME="__Host-form" if secure else "form",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=12 * 3600,
    )
    if proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # Flask's own way to wrap it
            app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies
        )
    csrf.init_app(app)
    web = Blueprint("web", __name__, static_folder="static", template_folder="templates")
    web.add_url_rule("/favicon.ico", view_func=show_icon)
    app.register_blueprint(web)
    app.register_error_handler(CSRFError, _form_stale)
    app.before_request(_begin)
    app.before_request(_check_form)
    app.after_request(_finish)


@public
def show_icon() -> Response:
    """The mark of the service, for browsers that ask for it before they read the page."""
    return redirect(url_for("web.static", filename="icon.svg"))  # type: ignore[return-value]


def _begin() -> None:
    given = request.headers.get("X-Request-ID", "")
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(
        request_id=given if SAFE_ID.fullmatch(given) else uuid4().hex
    )
    g.began = time.perf_counter()
    _allow_file()


def _allow_file() -> None:
    """A view that takes a file says how large; every other body is small."""
    view = current_app.view_functions.get(request.endpoint or "")
    most = getattr(view, "most_bytes", None)
    if most is not None:
        request.max_content_length = most + ROOM_FOR_FIELDS


def _check_form() -> None:
    """Forms carry a token. The API carries its own, in a header no other site can set."""
    if isinstance(request.routing_exception, SecurityError):
        raise request.routing_exception  # a name that is not ours: there is no form to check
    if not request.path.startswith("/api/"):
        _check_token()
        if any(NUL in value for value in request.form.values()):
            raise Malformed("提交的内容含有不能使用的字符，请返回上一页修改。")


def _check_token() -> None:
    try:
        csrf.protect()
    except ValueError as error:  # a Referer that is no address
        raise _stale() from error


def _form_stale(_error: CSRFError) -> Response:
    return refuse(_stale())


def _stale() -> FormStale:
    return FormStale("页面停留太久，请返回上一页刷新后再提交。")


def _finish(answer: Response) -> Response:
    context = structlog.contextvars.get_contextvars()
    answer.headers["X-Request-ID"] = str(context.get("request_id", ""))
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "same-origin"
    answer.headers["Permissions-Policy"] = "camera=(self), geolocation=(self)"
    docs = request.path.startswith(DOCS)
    answer.headers["Content-Security-Policy"] = DOCS_POLICY if docs else OWN_ONLY
    if request.path.startswith("/api/") and request.method == "GET":
        _let_be_revalidated(answer)
    if request.endpoint != "web.static":
        answer.headers.setdefault("Cache-Control", "no-store")
        _log(answer)
    elif request.path.startswith(VENDORED) and answer.status_code < HTTPStatus.BAD_REQUEST:
        answer.headers["Cache-Control"] = FOREVER
    return answer


def _let_be_revalidated(answer: Response) -> None:
    """Give a good answer its ETag, so that a client asks "still the same?" and is told in short."""
    if answer.status_code == HTTPStatus.OK and not answer.is_streamed:
        answer.headers["Cache-Control"] = "private, no-cache"
        answer.add_etag()
        answer.make_conditional(request)


def _log(answer: Response) -> None:
    spent = time.perf_counter() - g.get("began", time.perf_counter())
    route = request.url_rule.rule if request.url_rule else "unknown"
    code = structlog.contextvars.get_contextvars().get("code", "")
    view = current_app.view_functions.get(request.endpoint or "")
    metrics.note_pool(database().pool)
    metrics.count(
        Answered(
            endpoint=request.endpoint or "",
            route=route,
            method=request.method if request.url_rule else "any",
            status=answer.status_code,
            seconds=spent,
            code=str(code),
            permission=str(getattr(view, "permission", "")),
        )
    )
    log.info(
        "request",
        extra={
            "method": request.method,
            "route": route,  # the pattern, never the address: addresses may hold codes
            "status": answer.status_code,
            "dur_ms": round(spent * 1000, 1),
        },
    )
