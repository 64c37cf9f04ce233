"""签到表 on paper: numbered lines to sign on, and on each sheet the code that opens the entry."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.core.paper import A4, Sheets, mm
from app.core.paper import type as setting

COLUMNS = (
    ("序号", mm(12)),
    ("姓名", mm(36)),
    ("岗位", mm(30)),
    ("签到时间", mm(27)),
    ("签退时间", mm(27)),
    ("签名", mm(50)),
)
MARGIN, HEAD, FOOT = mm(14), mm(44), mm(16)
TITLES, ROW = mm(9), mm(11)  # a row is as high as somebody writes
SIDE = mm(38)
SIZE, PAD = 10.5, 4.0
HOW = "活动后由工作人员扫右上角的码，或在“名单补登”里输入编号，一次登记整张表。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line that is somebody's; the name is masked."""

    number: int
    name: str
    task: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Roll:
    """A printed list: what it is of, whose its lines are, and how many are empty."""

    title: str
    when: str
    place: str
    organiser: str
    code: str
    address: str
    lines: Sequence[Line]
    unseen: int = 0  # lines of people whom whoever prints it does not look after
    blank: int

    @property
    def number(self) -> str:
        """The code as one reads it aloud."""
        return f"{self.code[:5]}-{self.code[5:]}"

    @property
    def blanks(self) -> Sequence[int]:
        """The numbers of the empty lines."""
        first = len(self.lines) + self.unseen + 1
        return range(first, first + self.blank)

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """Every line as it is printed, with room to write."""
        named = [(str(one.number), one.name, one.task) for one in self.lines]
        return [*((*row, "", "", "") for row in named), *((str(n), *[""] * 5) for n in self.blanks)]


def pdf(roll: Roll) -> bytes:
    """The list as a PDF: A4, the head and the code on every sheet."""
    sheets = Sheets(f"签到表 {roll.title}")
    pages = list(_pages(roll.rows))
    for number, rows in enumerate(pages, start=1):
        _head(sheets, roll)
        y = _row(sheets, MARGIN + HEAD, [title for title, _ in COLUMNS], height=TITLES, bold=True)
        for row in rows:
            y = _row(sheets, y, row, height=ROW)
        _foot(sheets, page=number, of=len(pages))
        sheets.next_page()
    return sheets.finish()


def _pages(rows: Sequence[tuple[str, ...]]) -> Iterator[Sequence[tuple[str, ...]]]:
    most = int((A4[1] - 2 * MARGIN - HEAD - TITLES - FOOT) // ROW)
    for start in range(0, max(len(rows), 1), most):
        yield rows[start : start + most]


def _head(sheets: Sheets, roll: Roll) -> None:
    room = sheets.width - 2 * MARGIN - SIDE - mm(4)
    sheets.text((MARGIN, MARGIN + 16), "签到表", size=18, bold=True)
    y = MARGIN + 38
    for line in setting.lines(roll.title, 13, room)[:2]:
        sheets.text((MARGIN, y), line, size=13, bold=True)
        y += 17
    for said in (f"时间：{roll.when}", f"地点：{roll.place}", f"组织：{roll.organiser}"):
        sheets.text((MARGIN, y), setting.cut(said, SIZE, room), size=SIZE)
        y += 15
    corner = sheets.width - MARGIN - SIDE
    sheets.qr((corner, MARGIN - mm(4)), roll.address, side=SIDE)
    below = (corner + SIDE / 2, MARGIN + SIDE - mm(2))
    sheets.text(below, f"编号 {roll.number}", size=9, align="centre")


def _row(
    sheets: Sheets, y: float, row: Sequence[str], *, height: float, bold: bool = False
) -> float:
    """A framed row that begins at `y`; answers where it ends."""
    x, bottom = MARGIN, y + height
    sheets.rule((MARGIN, y), (sheets.width - MARGIN, y))
    for (_, wide), text in zip(COLUMNS, row, strict=True):
        said = setting.cut(text, SIZE, wide - 2 * PAD)
        sheets.text((x + PAD, y + height / 2 + SIZE * 0.36), said, size=SIZE, bold=bold)
        sheets.rule((x, y), (x, bottom))
        x += wide
    sheets.rule((x, y), (x, bottom))
    sheets.rule((MARGIN, bottom), (x, bottom))
    return bottom


def _foot(sheets: Sheets, *, page: int, of: int) -> None:
    y = sheets.height - MARGIN
    sheets.text((MARGIN, y - 15), HOW, size=9)
    sheets.text((MARGIN, y), "负责人签字：", size=SIZE)
    start = MARGIN + setting.width("负责人签字：", SIZE)
    sheets.rule((start, y + 2), (start + mm(45), y + 2))
    said = f"第 {page} 页 共 {of} 页"
    sheets.text((sheets.width - MARGIN, y), said, size=SIZE, align="right")
