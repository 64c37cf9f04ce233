"""Reading a sheet as rows of text: xlsx or csv, bounded in every direction, nothing evaluated."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from app.roster.errors import SheetTooLarge, SheetUnreadable

MOST_BYTES = 10 * 1024 * 1024
MOST_UNPACKED = 100 * 1024 * 1024
MOST_RATIO = 200  # of what is unpacked to what is packed; sheets of communities have about ten
MOST_PARTS = 2000
MOST_ROWS = 20_000
MOST_COLUMNS = 60
LONGEST_CELL = 500
ZIP = b"PK\x03\x04"
ENCODINGS = ("utf-8-sig", "gb18030")
FORMULA = re.compile(r"=.+", re.DOTALL)
DOCTYPE = b"<!DOCTYPE"

UNREADABLE = "这个文件不是能读的 xlsx 或 csv 表格。请在 Excel 或 WPS 里另存为 xlsx 后再上传。"


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it stands in the sheet, by the number that stands beside it there."""

    number: int
    cells: tuple[str, ...]


def read(content: bytes) -> list[Row]:
    """The rows that are not empty. Formulas come as they were typed, and are never evaluated."""
    if len(content) > MOST_BYTES:
        raise SheetTooLarge(f"文件超过 {MOST_BYTES >> 20} MB，请分成几个表格上传。")
    rows = _of_xlsx(content) if content.startswith(ZIP) else _of_csv(content)
    found: list[Row] = []
    for row in rows:
        if len(found) >= MOST_ROWS:
            raise SheetTooLarge(f"表格超过 {MOST_ROWS} 行，请分成几个表格上传。")
        if any(row.cells):
            found.append(row)
    return found


def is_formula(text: str) -> bool:
    return FORMULA.fullmatch(text) is not None


def _of_xlsx(content: bytes) -> Iterator[Row]:
    _check_archive(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # what the file says of its size may be a lie
            rows = sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True)
            for number, cells in enumerate(rows, start=1):
                yield Row(number, tuple([_text(cell) for cell in cells]))
                if number > MOST_ROWS * 2:
                    raise SheetTooLarge(f"表格超过 {MOST_ROWS} 行，请分成几个表格上传。")
        finally:
            book.close()
    except (KeyError, ValueError, IndexError, TypeError, AttributeError) as error:
        raise SheetUnreadable(UNREADABLE) from error
    except (zipfile.BadZipFile, InvalidFileException, ParseError, OSError) as error:
        raise SheetUnreadable(UNREADABLE) from error


def _check_archive(content: bytes) -> None:
    """Before anything is unpacked: how large it says to be, and then how large it is."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            unpacked = sum(part.file_size for part in parts)
            if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED:
                raise SheetTooLarge("表格解压后太大，请只保留要导入的工作表后再上传。")
            if unpacked > MOST_RATIO * max(len(content), 1):
                raise SheetTooLarge(
                    "这个文件压得太紧，不像是普通表格，没有打开。请重新另存后上传。"
                )
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    _check_part(archive, part)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
        raise SheetUnreadable(UNREADABLE) from error


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """No part declares types of its own: entities are how a small file grows without end."""
    with archive.open(part) as stream:
        if DOCTYPE in stream.read(4096).upper():
            raise SheetUnreadable(UNREADABLE)


def _of_csv(content: bytes) -> Iterator[Row]:
    text = _decoded(content)
    try:
        dialect = csv.Sniffer().sniff(text[:4096], delimiters=",;\t")
    except csv.Error:
        dialect = csv.excel
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text), dialect), start=1):
            yield Row(number, tuple([_text(cell) for cell in cells[:MOST_COLUMNS]]))
    except csv.Error as error:
        raise SheetUnreadable(UNREADABLE) from error


def _decoded(content: bytes) -> str:
    if b"\0" in content:
        raise SheetUnreadable(UNREADABLE)
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SheetUnreadable(UNREADABLE)


def _text(cell: object) -> str:
    """What stands in a cell, as text; a whole number without the point Excel gives it."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell.strip()[:LONGEST_CELL]
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)[:LONGEST_CELL]
