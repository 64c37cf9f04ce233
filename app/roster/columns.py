"""Which column of a sheet is what: headings as communities write them, wherever they stand."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.roster.errors import HeaderMissing
from app.roster.sheets import Row


class Column(StrEnum):
    """What a column of a sheet of people can be."""

    NAME = "name"
    ID_NUMBER = "id_number"
    PHONE = "phone"
    BIRTH_DATE = "birth_date"
    KIND = "kind"
    GRID = "grid"
    DOOR = "door"
    HEAD = "head"
    CARD = "card"


class UnitColumn(StrEnum):
    """What a column of a sheet of units can be."""

    UNIT = "unit"
    NATURE = "nature"


# The first is how we call it; the others are what communities write.
HEADINGS: Mapping[StrEnum, tuple[str, ...]] = {
    Column.NAME: ("姓名", "名字", "居民姓名", "党员姓名", "人员姓名"),
    Column.ID_NUMBER: ("身份证号", "身份证号码", "身份证", "公民身份号码", "证件号码", "证件号"),
    Column.PHONE: ("手机号", "手机", "手机号码", "联系电话", "电话", "联系方式", "电话号码"),
    Column.BIRTH_DATE: ("出生日期", "出生年月", "出生年月日", "生日"),
    Column.KIND: ("人员类别", "类别", "身份", "政治面貌", "人员类型"),
    Column.GRID: ("网格", "所属网格", "网格名称"),
    Column.DOOR: ("门牌", "住址", "地址", "家庭住址", "现住址", "门牌号", "居住地址", "房号"),
    Column.HEAD: ("是否户主", "户主", "与户主关系"),
    Column.CARD: ("存折卡号", "卡号", "积分卡号"),
    UnitColumn.UNIT: ("单位名称", "单位", "驻区单位", "名称"),
    UnitColumn.NATURE: ("单位性质", "性质", "单位类别"),
}
NEEDED: Mapping[type[StrEnum], StrEnum] = {Column: Column.NAME, UnitColumn: UnitColumn.UNIT}
LOOKED_AT = 20  # rows in which the headings may stand
NOISE = re.compile(r"[\s　*＊:：（(【\[].*$")


@dataclass(frozen=True, slots=True)
class Table:
    """The rows under the headings, and in which place each column stands."""

    places: Mapping[StrEnum, int]
    headings: Mapping[StrEnum, str]
    rows: Sequence[Row]

    def cell(self, row: Row, column: StrEnum) -> str:
        """What a row says in a column; nothing where there is none."""
        place = self.places.get(column)
        return row.cells[place] if place is not None and place < len(row.cells) else ""


def table(rows: Sequence[Row], kind: type[StrEnum]) -> Table:
    """Find the headings, which need not be the first row, and what stands under them."""
    known = {name: column for column in kind for name in HEADINGS[column]}
    for place, row in enumerate(rows[:LOOKED_AT]):
        found = {known[name]: at for at, name in _names(row) if name in known}
        if NEEDED[kind] in found and (len(found) > 1 or kind is UnitColumn):
            headings = {column: row.cells[at] for column, at in found.items()}
            return Table(found, headings, rows[place + 1 :])
    wanted = HEADINGS[NEEDED[kind]][0]
    others = "、".join(HEADINGS[column][0] for column in kind if column is not NEEDED[kind])
    raise HeaderMissing(
        f"没有找到表头。表格里要有一行写着“{wanted}”，还可以有：{others}。请补上后再上传。"
    )


def _names(row: Row) -> list[tuple[int, str]]:
    """The headings of a row without stars, remarks and spaces; from the right, so the left wins."""
    named = [(at, _plain(cell)) for at, cell in enumerate(row.cells)]
    return [one for one in reversed(named) if one[1]]


def _plain(cell: str) -> str:
    text = unicodedata.normalize("NFKC", cell)
    return NOISE.sub("", "".join(text.lstrip("*").split()))
