"""Spreadsheets that go out: text stays text, and none of it is what a program would run."""

import io
import unicodedata
from collections.abc import Iterable, Sequence
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import Cell as Written
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
NARROWEST, WIDEST = 6, 42  # in letters
HAN = "WF"  # what is as wide as two letters

Cell = str | int | Decimal


def as_xlsx(rows: Iterable[Sequence[Cell]], *, title: str) -> bytes:
    """A sheet whose first row stays in sight, with columns as wide as what stands in them.

    A number is one, to be added up; every other cell is typed as text, whatever it looks like.
    """
    table = [list(row) for row in rows]
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for place, wide in enumerate(_widths(table), start=1):
        sheet.column_dimensions[get_column_letter(place)].width = wide
    for number, row in enumerate(table):
        cells = [_cell(sheet, each) for each in row]
        for cell in cells if number == 0 else ():
            cell.font = Font(bold=True)
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def harmless(cell: str) -> str:
    """Text that no spreadsheet takes for a formula, in full-width letters either."""
    return f"'{cell}" if cell.startswith(DANGEROUS) else cell


def _cell(sheet: WriteOnlyWorksheet, value: Cell) -> Written:
    if isinstance(value, int):
        return WriteOnlyCell(sheet, value=value)
    if isinstance(value, Decimal):
        cell = WriteOnlyCell(sheet, value=float(value))
        cell.number_format = "0.00"
        return cell
    cell = WriteOnlyCell(sheet, value=harmless(value))
    cell.data_type = "s"
    return cell


def _widths(table: Sequence[Sequence[Cell]]) -> list[int]:
    longest: dict[int, int] = {}
    for row in table:
        for place, cell in enumerate(row):
            longest[place] = max(longest.get(place, NARROWEST), _letters(str(cell)) + 2)
    return [min(wide, WIDEST) for _, wide in sorted(longest.items())]


def _letters(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in HAN else 1 for letter in text)
