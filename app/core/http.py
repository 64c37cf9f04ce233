"""The thin edge of HTTP: bodies in, strictly; answers out; every operation documented."""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any, NoReturn, Protocol, TypeVar, cast

import marshmallow as ma
from flask import Flask, Request, Response, request
from flask_smorest import Api as SmorestApi
from flask_smorest import Blueprint as SmorestBlueprint
from webargs.flaskparser import FlaskParser, is_json_request

from app.core.bodies import arriving
from app.core.doors import PUBLIC
from app.core.errors import Invalid, Malformed
from app.core.problems import documented
from app.core.wording import speak_chinese

speak_chinese()  # before any schema is written: schemas copy the messages

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


DEEPEST = 16
LARGEST_BODY = 64 * 1024
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class Schema(ma.Schema):
    """A body or an answer. Unknown fields are refused; order is as written."""

    class Meta:
        unknown = ma.RAISE


class Text(ma.fields.String):
    """Text a person may have typed: no control characters, never longer than `most`.

    Spaces around it are dropped, but for a password, where they may be meant.
    """

    def __init__(self, *, most: int, least: int = 1, strip: bool = True, **kwargs: Any) -> None:
        self._strip = strip
        super().__init__(validate=ma.validate.Length(min=least, max=most), **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, *args, **kwargs)
        if CONTROL.search(text):
            raise ma.ValidationError("含有不能使用的控制字符。")
        return text.strip() if self._strip else text


class Location(Schema):
    """Where a phone says it is: evidence, never a condition."""

    lat = ma.fields.Float(required=True, validate=ma.validate.Range(-90, 90))
    lng = ma.fields.Float(required=True, validate=ma.validate.Range(-180, 180))
    crs = ma.fields.String(required=True, validate=ma.validate.OneOf(["gcj02", "wgs84"]))
    accuracy_m = ma.fields.Float(
        allow_none=True, validate=ma.validate.Range(0, 100_000), load_default=None
    )


class ProblemSchema(Schema):
    """A refusal (RFC 9457). `code` is stable; `detail` says what to do next."""

    type = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    status = ma.fields.Integer(required=True)
    code = ma.fields.String(required=True)
    detail = ma.fields.String(required=True)
    errors = ma.fields.Dict()
    request_id = ma.fields.String(required=True)


class StrictParser(FlaskParser):
    """Reads a request as documented, and refuses the rest in our own words."""

    DEFAULT_UNKNOWN_BY_LOCATION = {  # noqa: RUF012 - the library's way to say it
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "query": ma.RAISE,
    }

    def _raw_load_json(self, req: Request) -> Any:
        if not req.get_data(cache=True):
            return {}
        if not is_json_request(req):
            raise Malformed("请以 JSON 格式提交（Content-Type: application/json）。")
        return strict_json(req.get_data(cache=True))

    def handle_error(self, error: ma.ValidationError, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise Invalid("有内容填写不正确，请检查标出的字段。", errors=_fields(error))


def _fields(error: ma.ValidationError) -> dict[str, Any]:
    """Messages by field, without the location webargs puts around them."""
    messages: dict[str, Any] = error.normalized_messages()  # type: ignore[no-untyped-call]  # it has none
    inner = messages.get("json", messages.get("query", messages))
    return inner if isinstance(inner, dict) else {"body": inner}


def strict_json(body: bytes) -> Any:
    """Parse JSON as RFC 8259 has it, without the extras Python allows.

    Duplicate names, NaN, deep nesting and huge numbers are refused, not interpreted.
    """
    try:
        value = json.loads(
            body.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant
        )
        depth = _depth(value)
    except (ValueError, RecursionError) as error:
        raise Malformed("提交的内容不是有效的 JSON。") from error
    if depth > DEEPEST:
        raise Malformed("提交的内容嵌套太深。")
    return value


def _unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name appears twice")
    if any(CONTROL.search(name) for name in found):
        raise ValueError("a name is not text")  # an answer that quotes it could not be sent
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(_depth, value), default=0)
    return 0


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

    def delete(self, rule: str) -> Same:
        same: Same = super().delete(rule)
        return same

    def takes(self, schema: type[Schema], *, location: str = "json") -> Same:
        """Read the body, or the query, as the view's first argument.

        A body of which nothing is required may be left out, and the document says so.
        """
        required = any(field.required for field in schema().fields.values())
        same: Same = self.arguments(schema, location=location, required=required)
        return same

    def gives(self, status: int, schema: type[Schema] | None = None) -> Same:
        """Answer with this status, what the view returns in the form of the schema."""
        same: Same = self.response(status, schema)
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
        OPENAPI_SWAGGER_UI_CONFIG={"validatorUrl": None},  # no page of ours calls elsewhere
    )
    app.wsgi_app = arriving(app.wsgi_app)  # type: ignore[method-assign]  # Flask's way to wrap it
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # the default provider has it
    app.json.sort_keys = False  # type: ignore[attr-defined]  # answers read in the order written
    return Api(app)


def description() -> str:
    """What the document says first: how to call, and every code a refusal can carry."""
    rows = [f"| `{code}` | {status} | {title} |" for code, status, title in documented()]
    return "\n".join([ABOUT, "", "| code | status | title |", "|---|---|---|", *rows])


def header(name: str, *, required: bool, text: str) -> Same:
    """Document a request header of an operation."""
    parameter = {
        "in": "header",
        "name": name,
        "required": required,
        "description": text,
        "schema": {"type": "string", "minLength": 16, "maxLength": 255, "pattern": "^[!-~]+$"},
    }
    same: Same = ApiBlueprint.doc(parameters=[parameter])
    return same


def json_answer(schema: Schema, body: Any, *, status: int) -> Response:
    """An answer made now, so that its bytes can be remembered with what it speaks of."""
    text = json.dumps(schema.dump(body), ensure_ascii=False)
    return Response(text, status=status, content_type="application/json")


def client_key() -> str | None:
    """The Idempotency-Key of this request, if it has one."""
    return request.headers.get("Idempotency-Key")
