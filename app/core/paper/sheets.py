"""Sheets of paper one draws on: lengths in points from the upper left, as one reads."""

import io
from collections.abc import Sequence
from typing import Self

from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.pagesizes import A4 as _A4
from reportlab.pdfgen.canvas import Canvas

from app.core import qr
from app.core.paper import type as setting

A4: tuple[float, float] = (float(_A4[0]), float(_A4[1]))
Colour = tuple[float, float, float]
BLACK: Colour = (0, 0, 0)
QUIET = 10  # modules of white on either side of a barcode
BOLD = 0.028  # of the size: how thick a line is drawn around letters to make them bold


def mm(length: float) -> float:
    """Millimetres in points."""
    return length * 72 / 25.4


class Sheets:
    """One PDF in the making. The same drawing makes the same bytes."""

    def __init__(self, title: str, *, size: tuple[float, float] = A4) -> None:
        setting.face()
        self.width, self.height = size
        self._bytes = io.BytesIO()
        self._canvas = Canvas(
            self._bytes,
            pagesize=size,
            invariant=1,
            pageCompression=1,
            initialFontName=setting.FACE,  # its own choice would be a face that is not inside
        )
        self._canvas.setTitle(setting.settable(title))

    @classmethod
    def landscape(cls, title: str) -> Self:
        return cls(title, size=(A4[1], A4[0]))

    def text(
        self,
        at: tuple[float, float],
        text: str,
        *,
        size: float,
        align: str = "left",
        bold: bool = False,
        colour: Colour = BLACK,
    ) -> None:
        """A line of text whose letters stand on `at`, which is its left, centre or right."""
        said = setting.settable(text)
        wide = setting.width(said, size)
        x = at[0] - {"left": 0.0, "centre": wide / 2, "right": wide}[align]
        line = self._canvas.beginText(x, self.height - at[1])
        line.setFont(setting.FACE, size)
        line.setFillColorRGB(*colour)
        if bold:
            self._canvas.setLineWidth(size * BOLD)
            line.setStrokeColorRGB(*colour)
            line.setTextRenderMode(2)
        line.textOut(said)
        if bold:
            line.setTextRenderMode(0)
        self._canvas.drawText(line)

    def paragraph(
        self, at: tuple[float, float], text: str, *, size: float, room: float, align: str = "left"
    ) -> float:
        """Text in as many lines as it takes, the first standing on `at`; answers where it ended."""
        x, y = at
        for line in setting.lines(text, size, room):
            self.text((x, y), line, size=size, align=align)
            y += size * 1.4
        return y

    def rule(
        self, start: tuple[float, float], end: tuple[float, float], *, thick: float = 0.5
    ) -> None:
        self._canvas.setLineWidth(thick)
        self._canvas.setStrokeColorRGB(*BLACK)
        self._canvas.line(start[0], self.height - start[1], end[0], self.height - end[1])

    def dashed_box(self, at: tuple[float, float], size: tuple[float, float]) -> None:
        """Where to cut."""
        self._canvas.setLineWidth(0.4)
        self._canvas.setStrokeColorRGB(0.55, 0.55, 0.55)
        self._canvas.setDash(2, 2)
        self._canvas.rect(at[0], self.height - at[1] - size[1], size[0], size[1])
        self._canvas.setDash()

    def filled(self, at: tuple[float, float], size: tuple[float, float], colour: Colour) -> None:
        self._canvas.setFillColorRGB(*colour)
        self._canvas.rect(at[0], self.height - at[1] - size[1], size[0], size[1], stroke=0, fill=1)

    def qr(self, at: tuple[float, float], text: str, *, side: float) -> None:
        """A QR code, sharp at any size, with its quiet zone inside `side`."""
        rows = qr.modules(text)
        one = side / len(rows)
        self._canvas.setFillColorRGB(*BLACK)
        path = self._canvas.beginPath()
        for row, bits in enumerate(rows):
            for start, length in _runs(bits):
                y = self.height - at[1] - (row + 1) * one
                path.rect(at[0] + start * one, y, length * one, one)
        self._canvas.drawPath(path, stroke=0, fill=1)

    def barcode(self, at: tuple[float, float], text: str, *, size: tuple[float, float]) -> None:
        """A Code 128 of some ASCII, as wide as `size`, with its quiet zone inside."""
        code = Code128(text, quiet=0)
        code.validate()
        code.encode()
        code.decompose()
        bars = [
            ord(step) - ord("A") + 1 if step.isupper() else ord("a") - 1 - ord(step)
            for step in code.decomposed
        ]  # in modules; what is white is below zero
        one = size[0] / (sum(map(abs, bars)) + 2 * QUIET)
        x = at[0] + QUIET * one
        self._canvas.setFillColorRGB(*BLACK)
        for wide in bars:
            if wide > 0:
                y = self.height - at[1] - size[1]
                self._canvas.rect(x, y, wide * one, size[1], stroke=0, fill=1)
            x += abs(wide) * one

    def outline(
        self, at: tuple[float, float], strokes: Sequence[Sequence[tuple[float, float]]], side: float
    ) -> None:
        """A drawing of lines on a grid of 24, in a square."""
        self._canvas.setLineWidth(side / 14)
        self._canvas.setLineCap(1)
        self._canvas.setLineJoin(1)
        self._canvas.setStrokeColorRGB(*BLACK)
        path = self._canvas.beginPath()
        for stroke in strokes:
            for number, (x, y) in enumerate(stroke):
                there = (at[0] + x * side / 24, self.height - at[1] - y * side / 24)
                (path.lineTo if number else path.moveTo)(*there)
        self._canvas.drawPath(path)

    def next_page(self) -> None:
        self._canvas.showPage()

    def finish(self) -> bytes:
        """The PDF."""
        self._canvas.save()
        return self._bytes.getvalue()


def _runs(bits: Sequence[bool]) -> list[tuple[int, int]]:
    """Where dark modules begin, and how many stand together."""
    found: list[tuple[int, int]] = []
    for place, dark in enumerate(bits):
        if dark and found and sum(found[-1]) == place:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        elif dark:
            found.append((place, 1))
    return found
