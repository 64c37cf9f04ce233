"""What is personal: each kind of datum, how it is written, and how much of it is shown."""

from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from app.core.vault import normal
from app.core.vault.normal import MOBILE, NotNormal
from app.identity.errors import PersonalInvalid

LONGEST = 200
STARS = 2  # at most, behind a name: how long it is need not be told


class Field(StrEnum):
    """A personal datum that is kept sealed."""

    NAME = "name"
    PHONE = "phone"
    ID_NUMBER = "id_number"
    BIRTH_DATE = "birth_date"
    PARTY = "party"


LABELS: Mapping[Field, str] = MappingProxyType(
    {
        Field.NAME: "姓名",
        Field.PHONE: "手机号",
        Field.ID_NUMBER: "身份证号",
        Field.BIRTH_DATE: "出生日期",
        Field.PARTY: "党员信息",
    }
)
# What each is for, as the person is told.
REASONS: Mapping[Field, str] = MappingProxyType(
    {
        Field.NAME: "用来确认是您本人，登记和领取时核对",
        Field.PHONE: "用来联系您，以及在没有微信时找到您的账户",
        Field.ID_NUMBER: "用来避免重复建档，换手机号时核对身份",
        Field.BIRTH_DATE: "用来判断是否未成年，是否需要监护人同意",
        Field.PARTY: "用来办理在职党员到社区报到",
    }
)
# A permission of their own: beliefs, and who is a minor.
SENSITIVE = frozenset({Field.BIRTH_DATE, Field.PARTY})
SEARCHED = frozenset({Field.NAME, Field.PHONE, Field.ID_NUMBER})
WITH_TAIL = frozenset({Field.PHONE, Field.ID_NUMBER})


def written(field: Field, text: str) -> str:
    """The one way to write it; refuses what cannot be one, in words for who typed it."""
    try:
        return _WRITTEN[field](text)
    except NotNormal as error:
        label = LABELS[field]
        raise PersonalInvalid(
            f"{label}填写不正确，请核对后重新填写。", errors={str(field): [f"不是有效的{label}。"]}
        ) from error


def masked(field: Field, value: str) -> str:
    """What may be seen of it without a reason: 张*, 138****1234."""
    match field:
        case Field.NAME:
            return value[0] + "*" * min(len(value) - 1, STARS)
        case Field.PHONE:
            national = value.removeprefix("+86")
            return f"{national[:3]}****{national[-4:]}"
        case Field.ID_NUMBER:
            return f"{value[:3]}***********{value[-4:]}"
    return "***"


def shown(field: Field, value: str) -> str:
    """How its owner is used to reading it: 138 1234 5678."""
    national = value.removeprefix("+86")
    if field is Field.PHONE and MOBILE.fullmatch(national):
        return f"{national[:3]} {national[3:7]} {national[7:]}"
    return value


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text.strip()).isoformat()
    except ValueError as error:
        raise NotNormal from error


def _text(text: str) -> str:
    stripped = text.strip()
    if not 1 <= len(stripped) <= LONGEST:
        raise NotNormal
    return stripped


_WRITTEN: Mapping[Field, Callable[[str], str]] = MappingProxyType(
    {
        Field.NAME: normal.name,
        Field.PHONE: normal.phone,
        Field.ID_NUMBER: normal.id_number,
        Field.BIRTH_DATE: _day,
        Field.PARTY: _text,
    }
)
