"""Spreadsheets that go out: every cell is text, and none is one that a program would run."""

import io
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def as_xlsx(rows: Iterable[Sequence[str]], *, title: str) -> bytes:
    """Every cell typed as text, whatever it looks like."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    for row in rows:
        cells = [WriteOnlyCell(sheet, value=harmless(cell)) for cell in row]
        for cell in cells:
            cell.data_type = "s"
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def harmless(cell: str) -> str:
    """Text that no spreadsheet takes for a formula, in full-width letters either."""
    return f"'{cell}" if cell.startswith(DANGEROUS) else cell
