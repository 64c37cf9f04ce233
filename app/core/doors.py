"""Who may open a view is written on it; a test walks the URL map and reads it."""

from collections.abc import Callable
from typing import Any, TypeVar

PUBLIC = "public"

View = TypeVar("View", bound=Callable[..., Any])


def mark(view: View, permission: str) -> View:
    """Write on a view which permission opens it."""
    view.permission = permission  # type: ignore[attr-defined]  # functions take attributes
    return view


def takes_file(most: int) -> Callable[[View], View]:
    """Write on a view that it takes a file, and of how many bytes at most."""

    def decorate(view: View) -> View:
        view.most_bytes = most  # type: ignore[attr-defined]  # functions take attributes
        return view

    return decorate


def public(view: View) -> View:
    """Mark a view that anybody may call."""
    return mark(view, PUBLIC)
