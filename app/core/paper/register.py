"""A register as clerks keep it: a table over as many sheets as it takes.

Each sheet repeats the head, numbers itself, says what was carried over to it and what it carries
on, and has room to sign.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.core.paper import type as setting
from app.core.paper.sheets import A4, Sheets, mm

Cell = str | int
Row = Sequence[Cell]

MARGIN = mm(14)
SIZE, PAD = 9.5, 3.0
LINE = SIZE * 1.35
HEAD = mm(20)
FOOT = mm(12)
FEN_PER_YUAN = 100
NOT_VALUED = "未估价"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column: its title, its share of the width, and whether its numbers are added up."""

    title: str
    share: float
    summed: bool = False
    money: bool = False  # a number is so many fen

    @property
    def align(self) -> str:
        return "right" if self.summed else "left"

    def text(self, cell: Cell) -> str:
        """A cell as it is written."""
        if isinstance(cell, str):
            return cell
        return f"{cell / FEN_PER_YUAN:,.2f}" if self.money else f"{cell:,}"

    def value(self, cell: Cell) -> Cell | Decimal:
        """A cell as it is added up: money in yuan."""
        in_fen = self.money and isinstance(cell, int)
        return Decimal(cell) / FEN_PER_YUAN if in_fen else cell

    def total(self, known: int | None) -> Cell:
        """What stands below it; where no money is known at all, a sum would say there is none."""
        if not self.summed:
            return ""
        return NOT_VALUED if self.money and known is None else known or 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One sheet's rows, with what was carried over to it and what it carries on, as rows too."""

    number: int
    of: int
    carried: Row | None
    rows: Sequence[Row]
    sums: Row

    @property
    def is_last(self) -> bool:
        return self.number == self.of


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """What is on paper: a title, a line about it, columns, rows, and who signs below."""

    title: str
    about: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    signed_by: Sequence[str] = ()
    landscape: bool = False

    def pdf(self) -> bytes:
        """The register as a PDF."""
        sheets = Sheets.landscape(self.title) if self.landscape else Sheets(self.title)
        for leaf in self._bound(self._pages()):
            self._head(sheets, leaf)
            y = self._table(sheets, leaf)
            if leaf.is_last:
                self._signatures(sheets, y + 2 * LINE + 2 * PAD)
            sheets.next_page()
        return sheets.finish()

    def leaves(self, *, lines_each: int) -> list[Leaf]:
        """The same for a page that a browser prints, with so many lines of text to a sheet.

        As in the PDF a row may take several, by the widths of its columns.
        """
        return self._bound(self._filled(lines_each, self._lines_of))

    def widths(self) -> list[str]:
        """How wide a browser makes each column."""
        whole = sum(column.share for column in self.columns)
        return [f"{100 * column.share / whole:.2f}%" for column in self.columns]

    def table(self) -> list[tuple[str | int | Decimal, ...]]:
        """As a spreadsheet has it, with its titles and its sum; numbers are numbers."""
        titles = tuple(column.title for column in self.columns)
        rows = [*self.rows, self._bound([self.rows])[0].sums]
        return [titles, *(self._counted(row) for row in rows)]

    def written(self, row: Row) -> tuple[str, ...]:
        """The cells of a row as they are written."""
        return tuple(column.text(cell) for column, cell in zip(self.columns, row, strict=True))

    def _counted(self, row: Row) -> tuple[str | int | Decimal, ...]:
        return tuple(column.value(cell) for column, cell in zip(self.columns, row, strict=True))

    def _bound(self, pages: Sequence[Sequence[Row]]) -> list[Leaf]:
        """The sheets in order, each going on from the sums of the one before."""
        before: list[int | None] = [None] * len(self.columns)
        leaves = []
        for number, rows in enumerate(pages, start=1):
            after = [
                _added(so_far, (row[place] for row in rows)) for place, so_far in enumerate(before)
            ]
            leaves.append(
                Leaf(
                    number=number,
                    of=len(pages),
                    carried=self._sums("承前页", before) if number > 1 else None,
                    rows=rows,
                    sums=self._sums("合计" if number == len(pages) else "过次页", after),
                )
            )
            before = after
        return leaves

    def _pages(self) -> Sequence[Sequence[Row]]:
        """The rows of each sheet: as many as there is room for, one at least."""
        height = A4[0] if self.landscape else A4[1]
        room = height - MARGIN - HEAD - FOOT - MARGIN - 4 * (LINE + 2 * PAD)
        return self._filled(room, self._height)

    def _filled(self, room: float, size: Callable[[Row], float]) -> Sequence[Sequence[Row]]:
        pages: list[list[Row]] = [[]]
        left = room
        for row in self.rows:
            needed = size(row)
            if needed > left and pages[-1]:
                pages.append([])
                left = room
            pages[-1].append(row)
            left -= needed
        return pages

    def _head(self, sheets: Sheets, leaf: Leaf) -> None:
        middle = sheets.width / 2
        sheets.text((middle, MARGIN + 16), self.title, size=16, align="centre", bold=True)
        sheets.text((MARGIN, MARGIN + HEAD - 6), self.about, size=SIZE)
        foot = sheets.height - MARGIN
        said = f"第 {leaf.number} 页 共 {leaf.of} 页"
        sheets.text((middle, foot), said, size=SIZE, align="centre")

    def _table(self, sheets: Sheets, leaf: Leaf) -> float:
        """The rows under their titles; answers where the table ends."""
        y = MARGIN + HEAD
        sheets.rule((MARGIN, y), (sheets.width - MARGIN, y), thick=1)
        y = self._row(sheets, y, [column.title for column in self.columns], bold=True)
        counts = any(column.summed for column in self.columns)
        if counts and leaf.carried is not None:
            y = self._row(sheets, y, leaf.carried)
        for row in leaf.rows:
            y = self._row(sheets, y, row)
        return self._row(sheets, y, leaf.sums, bold=True) if counts else y

    def _row(self, sheets: Sheets, y: float, row: Row, *, bold: bool = False) -> float:
        """A row that begins at `y`, framed; answers where it ends."""
        bottom = y + self._height(row)
        x = MARGIN
        for column, cell in zip(self.columns, row, strict=True):
            wide = self._width(column)
            at = x + (wide - PAD if column.align == "right" else PAD)
            for number, line in enumerate(self._lines(column, cell)):
                place = (at, y + PAD + SIZE + number * LINE)
                sheets.text(place, line, size=SIZE, align=column.align, bold=bold)
            sheets.rule((x, y), (x, bottom))
            x += wide
        sheets.rule((x, y), (x, bottom))
        sheets.rule((MARGIN, bottom), (x, bottom))
        return bottom

    def _sums(self, word: str, sums: Sequence[int | None]) -> list[Cell]:
        texts = [column.total(known) for column, known in zip(self.columns, sums, strict=True)]
        texts[0] = word
        return texts

    def _signatures(self, sheets: Sheets, y: float) -> None:
        room = (sheets.width - 2 * MARGIN) / max(1, len(self.signed_by))
        for place, who in enumerate(self.signed_by):
            x = MARGIN + place * room
            sheets.text((x, y), f"{who}：", size=SIZE)
            sheets.rule((x + setting.width(f"{who}：", SIZE), y + 2), (x + room - mm(8), y + 2))

    def _height(self, row: Row) -> float:
        return self._lines_of(row) * LINE + 2 * PAD

    def _lines_of(self, row: Row) -> int:
        cells = zip(self.columns, row, strict=True)
        return max(len(self._lines(column, cell)) for column, cell in cells)

    def _lines(self, column: Column, cell: Cell) -> list[str]:
        return setting.lines(column.text(cell), SIZE, self._width(column) - 2 * PAD)

    def _width(self, column: Column) -> float:
        whole = (A4[1] if self.landscape else A4[0]) - 2 * MARGIN
        return whole * column.share / sum(one.share for one in self.columns)


def _added(so_far: int | None, cells: Iterable[Cell]) -> int | None:
    """The sum of the numbers; what is not known counts for nothing, and alone has no sum."""
    known = [cell for cell in cells if isinstance(cell, int)]
    return (so_far or 0) + sum(known) if known else so_far
