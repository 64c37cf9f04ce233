"""Telling a person something: in the app at once, and with what it tells of, or not at all."""

from app.core.telling.records import Telling, noted, notify, notify_many, noting

__all__ = ["Telling", "noted", "notify", "notify_many", "noting"]
