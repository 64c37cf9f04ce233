"""The thin edge of HTTP: every operation documented, every answer in the form it says."""

import json
from collections.abc import Callable
from typing import Any, Protocol, TypeVar, cast

import marshmallow as ma
from flask import Flask, Response
from flask_smorest import Api as SmorestApi
from flask_smorest import Blueprint as SmorestBlueprint

from app.core.bodies import LARGEST_BODY, Schema, StrictParser, arriving
from app.core.doors import PUBLIC
from app.core.problems import documented

View = TypeVar("View", bound=Callable[..., Any])


ABOUT = (
    "小程序、H5、兑换台终端与其他系统共用的接口。请求与回答都是 UTF-8 的 JSON，"
    "未写明的字段一律拒绝；凭 `Authorization: Bearer st_…` 识别身份；涉及积分与库存的写操作要带 "
    "`Idempotency-Key`，同一编号重复提交返回第一次的结果。\n\n"
    "每个拒绝都是 `application/problem+json`（RFC 9457）：`code` 稳定不变，供程序判断；"
    "`detail` 是给人看的一句话，说明下一步怎么做。全部代码如下："
)


class Same(Protocol):
    """A decorator that leaves the view what it was."""

    def __call__(self, view: View, /) -> View: ...


class ProblemSchema(Schema):
    """A refusal (RFC 9457). `code` is stable; `detail` says what to do next."""

    type = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    status = ma.fields.Integer(required=True)
    code = ma.fields.String(required=True)
    detail = ma.fields.String(required=True)
    errors = ma.fields.Dict()
    request_id = ma.fields.String(required=True)


def operation_id(view_name: str) -> str:
    """The published name of a view: `create_session` is `createSession`."""
    first, *rest = view_name.split("_")
    return first + "".join(word.capitalize() for word in rest)


class ApiBlueprint(SmorestBlueprint):  # type: ignore[misc]  # the library has no types
    """A feature's endpoints. The view's name is its operationId, its docstring the text.

    The decorators are the library's, with types, so that views keep theirs.
    """

    ARGUMENTS_PARSER = StrictParser()

    def add_url_rule(
        self, rule: str, endpoint: str | None = None, view_func: Any = None, **options: Any
    ) -> None:
        opened_by = getattr(view_func, "permission", PUBLIC)
        said: dict[str, Any] = {"operationId": operation_id(view_func.__name__)}
        if opened_by != PUBLIC:
            said |= {"security": [{"bearer": []}], "x-permission": str(opened_by)}
        named = self.doc(**said)(view_func)
        super().add_url_rule(rule, endpoint, named, **options)

    def get(self, rule: str) -> Same:
        same: Same = super().get(rule)
        return same

    def post(self, rule: str) -> Same:
        same: Same = super().post(rule)
        return same

    def put(self, rule: str) -> Same:
        same: Same = super().put(rule)
        return same

    def delete(self, rule: str) -> Same:
        same: Same = super().delete(rule)
        return same

    def takes(self, schema: type[Schema], *, location: str = "json") -> Same:
        """Read the body, or the query, as the view's first argument.

        A body of which nothing is required may be left out, and the document says so.
        """
        made = schema()  # once: the library would make one for each request
        required = any(field.required for field in made.fields.values())
        same: Same = self.arguments(made, location=location, required=required)
        return same

    def gives(self, status: int, schema: type[Schema] | None = None) -> Same:
        """Answer with this status, what the view returns in the form of the schema."""
        same: Same = self.response(status, schema)
        return same

    def asks(self, status: int, schema: type[Schema]) -> Same:
        """Answer instead with this status and form, where somebody is asked first."""
        same: Same = self.alt_response(status, schema=schema)
        return same

    def draws(self, *content_types: str) -> Same:
        """Answer 200 with text or a picture the view makes itself."""
        first, *others = content_types
        schema = {"type": "string"}
        answer = self.response(200, schema, content_type=first)

        def decorate(view: Any) -> Any:
            for content_type in others:
                view = self.alt_response(200, schema=schema, content_type=content_type)(view)
            return answer(view)

        return cast("Same", decorate)


class Api(SmorestApi):  # type: ignore[misc]  # the library has no types
    """The OpenAPI document, with problem details as the shape of every refusal."""

    DEFAULT_ERROR_RESPONSE_NAME = "Problem"

    def _register_responses(self) -> None:
        self.spec.components.schema("Problem", schema=ProblemSchema)
        content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        for name in ("Problem", "UNPROCESSABLE_ENTITY", "UNPROCESSABLE_CONTENT"):
            self.spec.components.response(
                name, {"description": "A refusal, as problem details", "content": content}
            )
        self.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})

    def _register_error_handlers(self) -> None:
        """Refusals are shaped in one place, app.core.problems."""


def init_app(app: Flask) -> Api:
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        API_TITLE="红色账户 Red Account",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        API_SPEC_OPTIONS={"info": {"description": description()}},
        OPENAPI_URL_PREFIX="/api",
        OPENAPI_SWAGGER_UI_PATH="/docs",
        OPENAPI_SWAGGER_UI_URL="/static/vendor/swagger-ui-dist-5.35.0/",
        # No page of ours calls elsewhere; hundreds of operations keep a browser busy.
        OPENAPI_SWAGGER_UI_CONFIG={
            "validatorUrl": None,
            "docExpansion": "none",
            "defaultModelsExpandDepth": -1,
        },
    )
    app.wsgi_app = arriving(app.wsgi_app)  # type: ignore[method-assign]  # Flask's way to wrap it
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # the default provider has it
    app.json.sort_keys = False  # type: ignore[attr-defined]  # answers read in the order written
    return Api(app)


def description() -> str:
    """What the document says first: how to call, and every code a refusal can carry."""
    rows = [f"| `{code}` | {status} | {title} |" for code, status, title in documented()]
    return "\n".join([ABOUT, "", "| code | status | title |", "|---|---|---|", *rows])


def json_answer(schema: Schema, body: Any, *, status: int) -> Response:
    """An answer made now, so that its bytes can be remembered with what it speaks of."""
    text = json.dumps(schema.dump(body), ensure_ascii=False)
    return Response(text, status=status, content_type="application/json")
