"""Sheets as communities have them, made up: a title, the headings, and so many people."""

import io
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook

from app.core.vault import normal

HEADINGS = (
    "序号",
    "姓名",
    "身份证号码",
    "联系电话",
    "人员类别",
    "所属网格",
    "家庭住址",
    "是否户主",
)
SURNAMES = "李王张刘陈杨黄赵吴周"
GIVEN = "伟芳娜敏静丽强磊军洋"


def id_number(number: int, *, year: int = 1950) -> str:
    """A number with a right check digit, for nobody there is."""
    day = f"{year + number % 40}{1 + number % 12:02d}{1 + number % 28:02d}"
    first = f"441284{day}{number % 1000:03d}"
    return first + normal.check_digit(first)


def person(number: int, **other: Any) -> dict[str, Any]:
    """A row of the sheet; what is not said is made up, and right."""
    row = {
        "序号": number + 1,
        "姓名": SURNAMES[number % 10] + GIVEN[number // 10 % 10] + GIVEN[number // 100 % 10],
        "身份证号码": id_number(number, year=1950 + number // 1000),
        "联系电话": f"138{number:08d}",
        "人员类别": "居民",
        "所属网格": "",
        "家庭住址": f"{number // 3} 栋",
        "是否户主": "是" if number % 3 == 0 else "否",
    }
    return row | other


def xlsx(
    rows: Sequence[dict[str, Any]],
    *,
    headings: Sequence[str] = HEADINGS,
    above: Sequence[str] = ("明德社区居民花名册",),
) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("居民")
    for title in above:
        sheet.append([title])
    sheet.append(list(headings))
    for row in rows:
        sheet.append([row.get(heading, "") for heading in headings])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
