"""The type: one face, put into each PDF with the letters it uses, so that any printer has it."""

import gzip
import io
from functools import cache
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FACE = "NotoSansSC"
FILE = Path(__file__).parent / "fonts" / "noto-sans-sc-2.004.ttf.gz"
MISSING = "〓"  # as printers have always stood in for a letter they have not
NO_BREAK_BEFORE = "，。、；：！？）》」』】”’%％·…—,.;:!?)]}"


@cache
def face() -> TTFont:
    """The face, read once a process."""
    font = TTFont(FACE, io.BytesIO(gzip.decompress(FILE.read_bytes())))
    pdfmetrics.registerFont(font)
    return font


def settable(text: str) -> str:
    """The text with a mark in place of each letter the face has not."""
    has = face().face.charToGlyph
    return "".join(letter if ord(letter) in has else MISSING for letter in text)


def width(text: str, size: float) -> float:
    """How wide a line of it is, in points."""
    return float(face().stringWidth(text, size))


def lines(text: str, size: float, room: float) -> list[str]:
    """The text in lines no wider than `room`; no line begins with a mark that ends another."""
    found, line = [], ""
    for letter in "\n".join(map(settable, text.split("\n"))):
        if letter == "\n" or (line and width(line + letter, size) > room):
            if letter in NO_BREAK_BEFORE and letter != "\n" and len(line) > 1:
                found.append(line[:-1])
                line = line[-1] + letter
                continue
            found.append(line)
            line = "" if letter == "\n" else letter
        else:
            line += letter
    return [*found, line]


def fitted(text: str, size: float, room: float, *, most: int) -> list[str]:
    """The text in so many lines at most; where they do not suffice the last is cut."""
    found = lines(text, size, room)
    return [*found[: most - 1], cut("".join(found[most - 1 :]), size, room)]


def cut(text: str, size: float, room: float) -> str:
    """The text, or its beginning and an ellipsis where it is too wide."""
    text = settable(text)
    if width(text, size) <= room:
        return text
    while text and width(text + "…", size) > room:
        text = text[:-1]
    return text + "…"
