"""The dry run: every row read, every problem named by row and column, nothing written."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from app.core import clock
from app.core.vault import normal
from app.roster import cells
from app.roster.cells import Wrong
from app.roster.columns import HEADINGS, Column, Table, UnitColumn
from app.roster.sheets import Row, is_formula

YOUNGEST = 14
EARLIEST = date(1900, 1, 1)
FORMULA = "这里是公式，请在表格里改成计算好的内容"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a sheet, and where. It never says what stands there."""

    row: int
    column: str
    text: str

    def as_row(self) -> list[object]:
        return [self.row, self.column, self.text]


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """Somebody as the sheet has them, in the one way each thing is written."""

    number: int
    name: str
    kind: str
    id_number: str = ""
    phone: str = ""
    birth_date: str = ""
    grid: str = ""
    door: str = ""
    is_head: bool = False
    card: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRow:
    """A unit as the sheet has it."""

    number: int
    name: str
    nature: str


@dataclass(slots=True)
class Checked:
    """What a sheet holds, and what is wrong with it."""

    people: list[PersonRow] = field(default_factory=list)
    units: list[UnitRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return len(self.people) + len(self.units)


def check_people(table: Table, *, today: date, grids: frozenset[str]) -> Checked:
    """Read people; `grids` are the names a grid of this community may have."""
    checked = Checked()
    for row in table.rows:
        reader = _Reader(table, row, checked.problems)
        person = _person(reader, today=today, grids=grids)
        if person is not None:
            checked.people.append(person)
    _find_doubles(checked)
    return checked


def check_units(table: Table) -> Checked:
    """Read units."""
    checked, seen = Checked(), dict[str, int]()
    for row in table.rows:
        reader = _Reader(table, row, checked.problems)
        name = reader.needed(UnitColumn.UNIT, cells.name)
        nature = reader.optional(UnitColumn.NATURE, cells.nature, "organ")
        if name in seen:
            reader.say(UnitColumn.UNIT, f"和第 {seen[name]} 行重复")
        elif not reader.failed:
            seen[name] = row.number
            checked.units.append(UnitRow(number=row.number, name=name, nature=nature))
    return checked


class _Reader:
    """Reads the cells of one row, and collects what is wrong with them."""

    def __init__(self, table: Table, row: Row, problems: list[Problem]) -> None:
        self.row = row
        self.failed = False
        self._table = table
        self._problems = problems

    def needed(self, column: StrEnum, reader: Callable[[str], str]) -> str:
        if not self._table.cell(self.row, column):
            self.say(column, "必填，不能空着")
            return ""
        return self.optional(column, reader, "")

    def optional(self, column: StrEnum, reader: Callable[[str], str], otherwise: str) -> str:
        text = self._table.cell(self.row, column)
        if not text:
            return otherwise
        if is_formula(text):
            self.say(column, FORMULA)
            return otherwise
        try:
            return reader(text)
        except Wrong as wrong:
            self.say(column, str(wrong))
            return otherwise

    def say(self, column: StrEnum, text: str) -> None:
        self.failed = True
        heading = self._table.headings.get(column, HEADINGS[column][0])
        self._problems.append(Problem(self.row.number, heading, text))


def _person(reader: _Reader, *, today: date, grids: frozenset[str]) -> PersonRow | None:
    name = reader.needed(Column.NAME, cells.name)
    number = reader.optional(Column.ID_NUMBER, cells.id_number, "")
    phone = reader.optional(Column.PHONE, cells.phone, "")
    born = reader.optional(Column.BIRTH_DATE, lambda text: cells.day(text).isoformat(), "")
    kind = reader.optional(Column.KIND, cells.kind, "resident")
    grid = reader.optional(Column.GRID, normal.half_width, "")
    door = reader.optional(Column.DOOR, cells.door, "")
    head = reader.optional(Column.HEAD, lambda text: "1" if cells.is_head(text) else "", "")
    card = reader.optional(Column.CARD, cells.card, "")
    if grid and grid not in grids:
        reader.say(Column.GRID, "本社区没有这个网格，请先在组织架构里设立，或改正名称")
    born = _born(reader, number, born, today=today)
    if reader.failed:
        return None
    return PersonRow(
        number=reader.row.number,
        name=name,
        kind=kind,
        id_number=number,
        phone=phone,
        birth_date=born,
        grid=grid,
        door=door,
        is_head=bool(head),
        card=card,
    )


def _born(reader: _Reader, number: str, born: str, *, today: date) -> str:
    """The day of birth, from the number where there is one; both must say the same."""
    by_number = normal.born_on(number).isoformat() if number else ""
    if born and by_number and born != by_number:
        reader.say(Column.BIRTH_DATE, "和身份证号里的出生日期不一致")
    found = by_number or born
    column = Column.ID_NUMBER if by_number else Column.BIRTH_DATE
    if found and not EARLIEST <= date.fromisoformat(found) <= today:
        reader.say(column, "出生日期不在合理的范围内")
    elif found and clock.age(date.fromisoformat(found), on=today) < YOUNGEST:
        reader.say(column, f"未满 {YOUNGEST} 周岁，不能单独建档，请由监护人到社区办理")
    return found


def _find_doubles(checked: Checked) -> None:
    """Who stands twice in the sheet is not taken over twice, and not guessed about either."""
    kept: list[PersonRow] = []
    seen: dict[tuple[str, ...], int] = {}
    for person in checked.people:
        twice = [(key, seen[key]) for key in _keys(person) if key in seen]
        if twice:
            (what, *_), earlier = twice[0]
            checked.problems.append(Problem(person.number, what, f"和第 {earlier} 行重复"))
            continue
        seen.update((key, person.number) for key in _keys(person))
        kept.append(person)
    checked.people[:] = kept
    checked.problems.sort(key=lambda problem: problem.row)


def _keys(person: PersonRow) -> Iterable[tuple[str, ...]]:
    """By what somebody is known: their number; else phone and name; else name and door."""
    if person.card:
        yield "存折卡号", person.card
    if person.id_number:
        yield "身份证号", person.id_number
    elif person.phone:
        yield "手机号", person.phone, person.name
    else:
        yield "姓名", person.name, person.door
