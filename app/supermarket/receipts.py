"""Paper about donations: a numbered receipt for who gave, and the quarter's list of thanks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.core.paper import A4, Column, Register, Sheets, mm
from app.core.paper import type as setting
from app.supermarket import labels
from app.supermarket.kinds import Length
from app.supermarket.models import Shop
from app.supermarket.spans import Span
from app.supermarket.stock_queries import Line

A5 = (A4[0], A4[1] / 2)  # lying: an A4 sheet cut through the middle
KIND = {"person": "热心居民", "unit": "爱心单位"}
MOST_LINES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One donation, as its receipt says it."""

    shop: Shop
    number: str
    donor: str
    day: date
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True, kw_only=True)
class Thanked:
    """Who gave what; who does not want a name on the wall is called by what they are."""

    who: str
    number: str
    day: date
    goods: str


def span(quarter: str) -> Span:
    """A quarter such as 2026Q1."""
    day = date(int(quarter[:4]), 3 * int(quarter[5:]), 1)
    return Span(length=Length.QUARTER, day=day)


def receipt(one: Receipt, *, large: bool) -> bytes:
    """捐赠收据 on an A5 sheet, or on A4."""
    sheets = Sheets(f"捐赠收据 {one.number}", size=A4 if large else A5)
    left, right, middle = mm(16), sheets.width - mm(16), sheets.width / 2
    sheets.text((middle, mm(20)), f"{one.shop.name}捐赠收据", size=18, align="centre", bold=True)
    sheets.text((left, mm(30)), f"编号：{one.number}", size=11)
    sheets.text((right, mm(30)), f"{one.day:%Y 年 %m 月 %d 日}", size=11, align="right")
    sheets.rule((left, mm(33)), (right, mm(33)))
    said = f"今收到 {one.donor} 捐赠的下列物资，用于志愿积分兑换，谨致谢意。"
    y = sheets.paragraph((left, mm(41)), said, size=12, room=right - left)
    y = _lines(sheets, one.lines, y + mm(2), left=left, right=right)
    foot = max(y + mm(8), mm(118))
    for place, who in enumerate(("经手人", "监督员", "盖章")):
        x = left + place * (right - left) / 3
        sheets.text((x, foot), f"{who}：", size=11)
        sheets.rule((x + setting.width(f"{who}：", 11), foot + 2), (x + mm(52), foot + 2))
    note = "本收据只记物资和数量，不作发票、不作税前扣除凭证。"
    sheets.text((left, foot + mm(9)), note, size=8.5)
    return sheets.finish()


def _lines(sheets: Sheets, lines: Sequence[Line], y: float, *, left: float, right: float) -> float:
    """What was given, a line each; what does not fit is counted."""
    for line in lines[:MOST_LINES]:
        until = f"（保质期到 {line.best_before:%Y-%m-%d}）" if line.best_before else ""
        goods = setting.cut(f"{line.item.name}{until}", 12, right - left - mm(35))
        sheets.text((left + mm(6), y + mm(5)), goods, size=12)
        sheets.text((right, y + mm(5)), f"{line.quantity} {line.item.unit}", size=12, align="right")
        y += mm(6.5)
    if len(lines) > MOST_LINES:
        rest = f"另有 {len(lines) - MOST_LINES} 种，见物品捐赠簿。"
        sheets.text((left + mm(6), y + mm(5)), rest, size=11)
        y += mm(6.5)
    return y


def thanks(shop: str, *, quarter: str, thanked: Sequence[Thanked]) -> bytes:
    """致谢榜 of a quarter, for the wall."""
    named = labels.quarter_name(quarter)
    return Register(
        title=f"{shop}爱心捐赠致谢榜",
        about=f"{named}，感谢每一份心意。不愿署名的按本人意愿不写姓名。",
        columns=(
            Column(title="日期", share=14),
            Column(title="捐赠人", share=26),
            Column(title="物资", share=42),
            Column(title="收据编号", share=18),
        ),
        rows=[(f"{one.day:%Y-%m-%d}", one.who, one.goods, one.number) for one in thanked],
        signed_by=("制表", "监督员"),
    ).pdf()
