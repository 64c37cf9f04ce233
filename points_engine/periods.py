"""Quarters: the spans that are publicised and closed."""

from datetime import date


def quarter_of(day: date) -> str:
    """The calendar quarter of a civil day: "2026Q4"."""
    return f"{day.year:04d}Q{(day.month + 2) // 3}"
