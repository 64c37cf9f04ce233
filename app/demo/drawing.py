"""Pictures of the demo's goods, drawn here: nobody's photograph, and the same on every machine."""

import io
from collections.abc import Callable

from PIL import Image, ImageDraw

SIDE = 320
GROUND, INK, LIGHT = "#f7f1ea", "#5b4a42", "#ffffff"
Pen = ImageDraw.ImageDraw


def drawn(shape: str, colour: str) -> bytes:
    """A PNG of goods of that shape and colour, on the ground all of them share."""
    picture = Image.new("RGB", (SIDE, SIDE), GROUND)
    SHAPES[shape](ImageDraw.Draw(picture), colour)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _tube(pen: Pen, colour: str) -> None:
    pen.polygon([(96, 52), (224, 52), (200, 236), (120, 236)], fill=colour)
    pen.rectangle((84, 40, 236, 56), fill=INK)
    pen.rounded_rectangle((128, 236, 192, 284), 10, fill=INK)
    pen.rounded_rectangle((124, 108, 196, 164), 12, fill=LIGHT)


def _bar(pen: Pen, colour: str) -> None:
    pen.rounded_rectangle((44, 108, 276, 232), 46, fill=colour)
    pen.rounded_rectangle((84, 138, 236, 202), 26, outline=LIGHT, width=8)


def _bottle(pen: Pen, colour: str) -> None:
    pen.rounded_rectangle((140, 24, 180, 66), 8, fill=INK)
    pen.rectangle((142, 62, 178, 102), fill=colour)
    pen.rounded_rectangle((96, 96, 224, 296), 34, fill=colour)
    pen.rounded_rectangle((96, 160, 224, 232), 6, fill=LIGHT)
    pen.ellipse((140, 176, 180, 216), fill=colour)


def _jug(pen: Pen, colour: str) -> None:
    pen.rounded_rectangle((76, 92, 236, 292), 26, fill=colour)
    pen.rounded_rectangle((112, 36, 164, 84), 8, fill=INK)
    pen.polygon([(104, 84), (172, 84), (214, 104), (90, 104)], fill=colour)
    pen.rounded_rectangle((186, 112, 220, 200), 15, fill=GROUND)
    pen.rounded_rectangle((92, 196, 180, 260), 10, fill=LIGHT)


def _bag(pen: Pen, colour: str) -> None:
    pen.polygon([(76, 76), (244, 76), (262, 288), (58, 288)], fill=colour)
    pen.polygon([(86, 34), (234, 34), (244, 76), (76, 76)], fill=INK)
    pen.ellipse((108, 130, 212, 234), fill=LIGHT)
    for left, top in ((134, 172), (158, 154), (158, 190), (180, 172)):
        pen.ellipse((left, top, left + 12, top + 22), fill=INK)


def _ticket(pen: Pen, colour: str) -> None:
    pen.rounded_rectangle((32, 92, 288, 228), 20, fill=colour)
    for top in range(104, 224, 24):
        pen.rectangle((202, top, 208, top + 12), fill=GROUND)
    for left, top in ((14, 142), (270, 142)):
        pen.ellipse((left, top, left + 36, top + 36), fill=GROUND)
    pen.polygon([(118, 204), (66, 150), (92, 122), (118, 146), (144, 122), (170, 150)], fill=LIGHT)


SHAPES: dict[str, Callable[[Pen, str], None]] = {
    "tube": _tube,
    "bar": _bar,
    "bottle": _bottle,
    "jug": _jug,
    "bag": _bag,
    "ticket": _ticket,
}
