"""What a cell means: names, numbers, days and words as communities type them."""

import re
from collections.abc import Callable
from datetime import date, timedelta

from app.core.vault import normal
from app.core.vault.normal import NotNormal

DAY = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})[日]{0,1}")
COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
SERIAL = re.compile(r"[1-6]\d{4}")  # days since 1899-12-30, as Excel counts them
EPOCH = date(1899, 12, 30)
CARD = re.compile(r"[0-9A-Z]{4,20}")
KINDS = {
    "": "resident",
    "居民": "resident",
    "群众": "resident",
    "在职党员": "in_service_member",
    "中共党员": "in_service_member",
    "党员": "in_service_member",
    "离退休党员": "retired_member",
    "退休党员": "retired_member",
    "长者": "elder",
    "老人": "elder",
    "志愿者": "volunteer",
}
HEADS = {"是", "户主", "本人", "本人或户主", "√", "1"}
NATURES = {
    "机关": "organ",
    "事业单位": "institution",
    "企业": "enterprise",
    "企事业单位": "enterprise",
    "社会组织": "social",
    "两新组织": "new",
    "新经济组织": "new",
    "新社会组织": "new",
}
LONGEST_DOOR = 60


class Wrong(ValueError):
    """The cell does not mean anything; the text says what it should be, never what it is."""


def name(text: str) -> str:
    return _read(normal.name, text, "姓名要有 1 到 40 个字")


def phone(text: str) -> str:
    return _read(normal.phone, text, "应为 11 位手机号或带区号的固定电话")


def id_number(text: str) -> str:
    """An identity number; each way to be wrong has words of its own."""
    plain = normal.half_width(text).replace(" ", "").upper()
    if len(plain) != 18:
        raise Wrong(f"身份证号应为 18 位，现在是 {len(plain)} 位")
    if not normal.ID_NUMBER.fullmatch(plain):
        raise Wrong("身份证号只能是数字，最后一位可以是 X")
    try:
        normal.born_on(plain)
    except NotNormal as error:
        raise Wrong("身份证号里的出生日期不存在") from error
    return _read(normal.id_number, plain, "身份证号校验码不对，请核对是否抄错")


def day(text: str) -> date:
    """A day in whatever way it was typed: 1950-3-2, 1950.03.02, 1950年3月2日, 19500302, 18324."""
    plain = normal.half_width(text).replace(" ", "")
    found = COMPACT.fullmatch(plain) or DAY.fullmatch(plain)
    if found is None and SERIAL.fullmatch(plain):
        return EPOCH + timedelta(days=int(plain))
    try:
        year, month, of_month = (int(part) for part in found.groups()) if found else (0, 0, 0)
        return date(year, month, of_month)
    except ValueError as error:
        raise Wrong("日期应写成 1950-03-02 这样") from error


def kind(text: str) -> str:
    found = KINDS.get(normal.half_width(text))
    if found is None:
        words = "、".join(word for word in KINDS if word)
        raise Wrong(f"应为其中之一：{words}")
    return found


def nature(text: str) -> str:
    found = NATURES.get(normal.half_width(text))
    if found is None:
        raise Wrong(f"应为其中之一：{'、'.join(NATURES)}")
    return found


def door(text: str) -> str:
    plain = " ".join(normal.half_width(text).split())
    if len(plain) > LONGEST_DOOR:
        raise Wrong(f"门牌不超过 {LONGEST_DOOR} 个字")
    return plain


def is_head(text: str) -> bool:
    return normal.half_width(text) in HEADS or text.strip() in HEADS


def card(text: str) -> str:
    plain = normal.half_width(text).replace(" ", "").upper()
    if not CARD.fullmatch(plain):
        raise Wrong("卡号应为 4 到 20 位数字或字母")
    return plain


def _read(reader: Callable[[str], str], text: str, otherwise: str) -> str:
    try:
        return reader(text)
    except NotNormal as error:
        raise Wrong(otherwise) from error
