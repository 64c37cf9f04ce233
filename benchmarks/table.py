"""The figures as a table for people."""

from collections.abc import Iterable, Sequence

from benchmarks.figures import Line

HEAD = ("", "product", "floor", "ratio", "promise", "", "")
WORDS = {True: "kept", False: "BROKEN", None: ""}


def table(lines: Iterable[Line]) -> str:
    """One line a figure; those that were skipped say why."""
    rows = [HEAD, *(_row(line) for line in lines)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(HEAD))]
    return "\n".join(_aligned(row, widths) for row in rows)


def _row(line: Line) -> tuple[str, ...]:
    if line.skipped:
        return (line.name, "-", "-", "-", "-", "skipped", line.skipped)
    return (
        line.name,
        f"{line.product:,.2f}",
        f"{line.floor:,.2f}",
        f"{line.ratio:.2f}",
        str(line.promise or "-"),
        WORDS[line.is_kept],
        line.unit,
    )


def _aligned(row: Sequence[str], widths: Sequence[int]) -> str:
    """Words to the left, numbers to the right."""
    numbers = range(1, 5)
    cells = (
        f"{cell:>{width}}" if place in numbers else f"{cell:<{width}}"
        for place, (cell, width) in enumerate(zip(row, widths, strict=True))
    )
    return "  ".join(cells).rstrip()
