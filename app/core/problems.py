"""How a refusal leaves the service: problem details for programs, a page for people."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Self
from urllib.parse import urlsplit

import structlog
from flask import Flask, Response, json, make_response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import exc
from werkzeug.exceptions import HTTPException, SecurityError

from app.core.errors import (
    DomainError,
    Malformed,
    NotFound,
    Unavailable,
    catalogue,
    from_engine,
)
from points_engine import PointsError

PROBLEM_TYPE, JSON = "application/problem+json", "application/json"
RETRY_SECONDS = 2
TOLD = ("Allow", "Content-Range")  # what a client learns from a refusal of the web server's layer

# What PostgreSQL says when the same request may succeed a moment later: a lost connection, no
# resources, a conflict between transactions, an operator's intervention.
PASSING = ("08", "53", "57", "40001", "40P01", "55P03")

log = logging.getLogger(__name__)


def init_app(app: Flask) -> None:
    app.register_error_handler(DomainError, refuse)
    app.register_error_handler(PointsError, _engine_refused)
    app.register_error_handler(exc.DBAPIError, _database_error)
    app.register_error_handler(exc.TimeoutError, lambda _error: refuse(_busy()))
    app.register_error_handler(SecurityError, _foreign_host)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)


def refuse(error: DomainError) -> Response:
    """The answer for a refusal, in the shape its asker can read."""
    answer = _in_time(_answer(Problem.of(error)), error)
    if error.status == HTTPStatus.UNAUTHORIZED and _wants_problem():
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def shown_on(page: ResponseReturnValue, error: DomainError) -> Response:
    """The answer for a refusal that a page of its own shows, where it can be mended."""
    structlog.contextvars.bind_contextvars(code=error.code)
    answer = make_response(page)
    answer.status_code = error.status
    return _in_time(answer, error)


def documented() -> list[tuple[str, int, str]]:
    """Every code an answer can carry, with its status and its title."""
    ours = [(one.code, one.status, one.title) for one in catalogue()]
    others = (*OF_HTTP.values(), FOREIGN_HOST, INTERNAL)
    return list(dict.fromkeys([*ours, *((one.code, one.status, one.title) for one in others)]))


def details(error: DomainError) -> Response:
    """The refusal as problem details, whoever asks: a page reads them before it shows them."""
    structlog.contextvars.bind_contextvars(code=error.code)
    return _details(Problem.of(error))


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What RFC 9457 says of a refusal, with ours: a stable `code`, `errors` by field."""

    status: int
    code: str
    title: str
    detail: str
    errors: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def plain(cls, kind: type[DomainError], sentence: str) -> Self:
        """What a refusal of this kind is called, in other words."""
        return cls(status=kind.status, code=kind.code, title=kind.title, detail=sentence)

    @classmethod
    def of(cls, error: DomainError) -> Self:
        return cls(
            status=error.status,
            code=error.code,
            title=error.title,
            detail=error.detail,
            errors=error.errors,
        )

    def body(self) -> dict[str, Any]:
        request_id = structlog.contextvars.get_contextvars().get("request_id", "")
        body = {
            "type": f"/api/docs#{self.code.replace('_', '-')}",
            "title": self.title,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            "request_id": str(request_id),
        }
        return {**body, "errors": dict(self.errors)} if self.errors else body


NOT_UNDERSTOOD = Problem.plain(Malformed, "请求无法识别，请返回上一页重试。")
FOREIGN_HOST = Problem(
    status=400,
    code="foreign_host",
    title="Foreign host",
    detail="这个网址不属于本服务，请检查网址。",
)
INTERNAL = Problem(
    status=500,
    code="internal_error",
    title="Internal error",
    detail="出了点问题，我们已经记录。请稍后再试；如仍不行，请把编号告诉工作人员。",
)

# What the web server's layer says of its own accord. A status of the client's making that
# is not among these is not understood.
OF_HTTP = {
    problem.status: problem
    for problem in (
        NOT_UNDERSTOOD,
        Problem.plain(NotFound, "没有找到这个页面或内容，请检查网址或返回首页。"),
        Problem(
            status=405,
            code="method_not_allowed",
            title="Method not allowed",
            detail="这个地址不支持这种操作。",
        ),
        Problem(
            status=413,
            code="request_entity_too_large",
            title="Request entity too large",
            detail="提交的内容太大，请减少后重试。",
        ),
        Problem(
            status=416,
            code="range_not_satisfiable",
            title="Range not satisfiable",
            detail="要的这一段不在文件里，请重新下载。",
        ),
    )
}


def _answer(problem: Problem) -> Response:
    structlog.contextvars.bind_contextvars(code=problem.code)
    if _wants_problem():
        return _details(problem)
    page = render_template("error.html", back_href=_came_from(), **problem.body())
    return make_response(page, problem.status)


def _in_time(answer: Response, error: DomainError) -> Response:
    """Say when to come back, if the refusal knows."""
    if error.retry_after is not None:
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def _came_from() -> str | None:
    """The page of ours the visitor was on, if it is another one than this: the way back."""
    try:
        parts = urlsplit(request.referrer or "")
    except ValueError:  # brackets that are no IPv6 address, for one
        return None
    ours = parts.netloc == request.host and not parts.path.startswith("//")
    other = (parts.path, request.method) != (request.path, "GET")
    return parts._replace(scheme="", netloc="").geturl() if ours and other else None


def _details(problem: Problem) -> Response:
    text = json.dumps(problem.body(), ensure_ascii=False)
    return Response(text, status=problem.status, content_type=PROBLEM_TYPE)


def _wants_problem() -> bool:
    """A program of the API, or a script of a page that says it reads no page."""
    return request.path.startswith("/api/") or request.headers.get("Accept") == JSON


def _busy() -> Unavailable:
    return Unavailable("现在有点忙，请稍等几秒再试一次，不会重复记账。", retry_after=RETRY_SECONDS)


def _engine_refused(error: PointsError) -> Response:
    try:
        refusal = from_engine(error)
    except PointsError:
        return _unexpected(error)
    return refuse(refusal)


def _database_error(error: exc.DBAPIError) -> Response:
    state = getattr(error.orig, "sqlstate", None) or ""
    if error.connection_invalidated or state.startswith(PASSING) or not state:
        log.warning("database refused", extra={"sqlstate": state})
        return refuse(_busy())
    return _unexpected(error)


def _http_error(error: HTTPException) -> Response:
    if error.response is not None:
        return make_response(error.response)
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return make_response(error.get_response())
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _unexpected(error)
    answer = _answer(OF_HTTP.get(status, NOT_UNDERSTOOD))
    for name, value in error.get_headers():
        if name in TOLD:
            answer.headers[name] = value
    return answer


def _foreign_host(_error: SecurityError) -> Response:
    """No page for a name that is not ours: a page would have to know its own address."""
    return _details(FOREIGN_HOST)


def _unexpected(error: Exception) -> Response:
    log.error("unexpected error", exc_info=error)
    return _answer(INTERNAL)
