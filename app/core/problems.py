"""How a refusal leaves the service: problem details for programs, a page for people."""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Self
from urllib.parse import urlsplit

import structlog
from flask import Flask, Response, json, make_response, render_template, request
from sqlalchemy import exc
from werkzeug.exceptions import HTTPException, SecurityError

from app.core.errors import DomainError, Unavailable, from_engine
from points_engine import PointsError

PROBLEM_TYPE = "application/problem+json"
RETRY_SECONDS = 2

# What PostgreSQL says when the same request may succeed a moment later: a lost connection, no
# resources, a conflict between transactions, an operator's intervention.
PASSING = ("08", "53", "57", "40001", "40P01", "55P03")

log = logging.getLogger(__name__)

HTTP_SENTENCES = {
    400: "请求无法识别，请返回上一页重试。",
    404: "没有找到这个页面或内容，请检查网址或返回首页。",
    405: "这个地址不支持这种操作。",
    413: "提交的内容太大，请减少后重试。",
    415: "请以 JSON 格式提交。",
    429: "操作太频繁，请稍后再试。",
}


def init_app(app: Flask) -> None:
    app.register_error_handler(DomainError, refuse)
    app.register_error_handler(PointsError, lambda error: refuse(from_engine(error)))
    app.register_error_handler(exc.DBAPIError, _database_error)
    app.register_error_handler(exc.TimeoutError, lambda _error: refuse(_busy()))
    app.register_error_handler(SecurityError, _foreign_host)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)


def refuse(error: DomainError) -> Response:
    """The answer for a refusal, in the shape its asker can read."""
    answer = _answer(Problem.of(error))
    if error.retry_after is not None:
        answer.headers["Retry-After"] = str(error.retry_after)
    if error.status == HTTPStatus.UNAUTHORIZED and _wants_problem():
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


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


def _answer(problem: Problem) -> Response:
    structlog.contextvars.bind_contextvars(code=problem.code)
    if _wants_problem():
        return _details(problem)
    page = render_template("error.html", back_href=_came_from(), **problem.body())
    return make_response(page, problem.status)


def _came_from() -> str | None:
    """The page of ours the visitor was on, if it is another one than this: the way back."""
    parts = urlsplit(request.referrer or "")
    ours = parts.netloc == request.host and not parts.path.startswith("//")
    other = (parts.path, request.method) != (request.path, "GET")
    return parts._replace(scheme="", netloc="").geturl() if ours and other else None


def _details(problem: Problem) -> Response:
    text = json.dumps(problem.body(), ensure_ascii=False)
    return Response(text, status=problem.status, content_type=PROBLEM_TYPE)


def _wants_problem() -> bool:
    return request.path.startswith("/api/")


def _busy() -> Unavailable:
    return Unavailable("现在有点忙，请稍等几秒再试一次，不会重复记账。", retry_after=RETRY_SECONDS)


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
    sentence = HTTP_SENTENCES.get(status, "请求没有成功，请返回上一页重试。")
    answer = _answer(
        Problem(status=status, code=_code_of(error), title=error.name, detail=sentence)
    )
    allowed = getattr(error, "valid_methods", None)
    if allowed:
        answer.headers["Allow"] = ", ".join(sorted(allowed))
    return answer


def _foreign_host(error: SecurityError) -> Response:
    """No page for a name that is not ours: a page would have to know its own address."""
    sentence = "这个网址不属于本服务，请检查网址。"
    return _details(Problem(status=400, code="foreign_host", title=error.name, detail=sentence))


def _code_of(error: HTTPException) -> str:
    return re.sub(r"[^a-z]+", "_", error.name.lower()).strip("_")


def _unexpected(error: Exception) -> Response:
    log.error("unexpected error", exc_info=error)
    sentence = "出了点问题，我们已经记录。请稍后再试；如仍不行，请把编号告诉工作人员。"
    return _answer(
        Problem(status=500, code="internal_error", title="Internal error", detail=sentence)
    )
