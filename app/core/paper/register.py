"""A register as clerks keep it: a table over as many sheets as it takes.

Each sheet repeats the head, numbers itself, says what was carried over to it and what it carries
on, and has room to sign.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.paper import type as setting
from app.core.paper.sheets import A4, Sheets, mm

Cell = str | int
Row = Sequence[Cell]

MARGIN = mm(14)
SIZE, PAD = 9.5, 3.0
LINE = SIZE * 1.35
HEAD = mm(20)
FOOT = mm(12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column: its title, its share of the width, and whether its numbers are added up."""

    title: str
    share: float
    summed: bool = False

    @property
    def align(self) -> str:
        return "right" if self.summed else "left"


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
        pages = self._pages()
        before = [0] * len(self.columns)
        for number, rows in enumerate(pages, start=1):
            after = [
                so_far + sum(int(row[place]) for row in rows if column.summed)
                for place, (column, so_far) in enumerate(zip(self.columns, before, strict=True))
            ]
            last = number == len(pages)
            self._head(sheets, page=number, of=len(pages))
            y = self._table(sheets, rows, carried=before if number > 1 else None)
            self._row(sheets, y, self._sums("合计" if last else "过次页", after), bold=True)
            if last:
                self._signatures(sheets, y + 2 * LINE + 2 * PAD)
            sheets.next_page()
            before = after
        return sheets.finish()

    def _pages(self) -> list[list[Row]]:
        """The rows of each sheet: as many as there is room for, one at least."""
        height = A4[0] if self.landscape else A4[1]
        room = height - MARGIN - HEAD - FOOT - MARGIN - 4 * (LINE + 2 * PAD)
        pages: list[list[Row]] = [[]]
        left = room
        for row in self.rows:
            needed = self._height(row)
            if needed > left and pages[-1]:
                pages.append([])
                left = room
            pages[-1].append(row)
            left -= needed
        return pages

    def _head(self, sheets: Sheets, *, page: int, of: int) -> None:
        middle = sheets.width / 2
        sheets.text((middle, MARGIN + 16), self.title, size=16, align="centre", bold=True)
        sheets.text((MARGIN, MARGIN + HEAD - 6), self.about, size=SIZE)
        foot = sheets.height - MARGIN
        said = f"第 {page} 页 共 {of} 页"
        sheets.text((middle, foot), said, size=SIZE, align="centre")

    def _table(self, sheets: Sheets, rows: Sequence[Row], *, carried: list[int] | None) -> float:
        """The rows under their titles; answers where the table ends."""
        y = MARGIN + HEAD
        sheets.rule((MARGIN, y), (sheets.width - MARGIN, y), thick=1)
        y = self._row(sheets, y, [column.title for column in self.columns], bold=True)
        if carried is not None:
            y = self._row(sheets, y, self._sums("承前页", carried))
        for row in rows:
            y = self._row(sheets, y, row)
        return y

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

    def _sums(self, word: str, sums: Sequence[int]) -> list[Cell]:
        texts: list[Cell] = [
            total if column.summed else "" for column, total in zip(self.columns, sums, strict=True)
        ]
        texts[0] = word
        return texts

    def _signatures(self, sheets: Sheets, y: float) -> None:
        room = (sheets.width - 2 * MARGIN) / max(1, len(self.signed_by))
        for place, who in enumerate(self.signed_by):
            x = MARGIN + place * room
            sheets.text((x, y), f"{who}：", size=SIZE)
            sheets.rule((x + setting.width(f"{who}：", SIZE), y + 2), (x + room - mm(8), y + 2))

    def _height(self, row: Row) -> float:
        cells = zip(self.columns, row, strict=True)
        return max(len(self._lines(column, cell)) for column, cell in cells) * LINE + 2 * PAD

    def _lines(self, column: Column, cell: Cell) -> list[str]:
        text = f"{cell:,}" if isinstance(cell, int) else cell
        return setting.lines(text, SIZE, self._width(column) - 2 * PAD)

    def _width(self, column: Column) -> float:
        whole = (A4[1] if self.landscape else A4[0]) - 2 * MARGIN
        return whole * column.share / sum(one.share for one in self.columns)
