"""QR codes: as a picture for a page, as blocks for a terminal."""

import io

import segno
from markupsafe import Markup


def svg(text: str, *, label: str) -> Markup:
    """Inline SVG of the code, readable from a distance and named for a screen reader.

    In its own measure, for where it stands in the head of a table that a printer repeats on each
    sheet, a browser forgets what a drawing says of its scale.
    """
    out = io.BytesIO()
    segno.make_qr(text, error="m").save(
        out, kind="svg", xmldecl=False, svgns=True, border=4, title=label, omitsize=True
    )
    return Markup(out.getvalue().decode())  # noqa: S704 - our own drawing; segno escapes the title


def png(text: str) -> bytes:
    out = io.BytesIO()
    segno.make_qr(text, error="m").save(out, kind="png", scale=10, border=4)
    return out.getvalue()


def svg_document(text: str) -> bytes:
    out = io.BytesIO()
    segno.make_qr(text, error="m").save(out, kind="svg", scale=10, border=4)
    return out.getvalue()


def terminal(text: str) -> str:
    """The code in half blocks, for the terminal a newcomer looks at."""
    out = io.StringIO()
    segno.make_qr(text, error="l").terminal(out=out, compact=True, border=2)
    return out.getvalue()


def modules(text: str) -> list[list[bool]]:
    """Which modules of the code are dark, row by row, with the quiet zone around them."""
    drawn = segno.make_qr(text, error="m").matrix_iter(border=4)
    return [[bool(module) for module in row] for row in drawn]
