"""Telling a person something: in the app at once, and with what it tells of, or not at all."""

from app.core.telling.records import Telling, notify, notify_many

__all__ = ["Telling", "notify", "notify_many"]
