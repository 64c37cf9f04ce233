"""Stations as pages and answers show them."""

from datetime import date, datetime
from typing import Any

from app.core import places
from app.stations import labels
from app.stations.footfall import Visits
from app.stations.hours import Hours, day_text, spans_text
from app.stations.kinds import Level
from app.stations.models import Station, StationRoom


def at_the_door(station: Station, hours: Hours, *, now: datetime, zone: str) -> dict[str, Any]:
    """What stands at the door: what it is, where, when it is open, and what it offers."""
    return {
        "id": station.id,
        "name": station.name,
        "kind_label": labels.kind_text(station),
        "address": station.address,
        "contact": station.contact,
        "open_now": hours.is_open(now=now, zone=zone),
        "status": hours.status_text(now=now, zone=zone),
        "hours_text": hours.text(),
        "services": labels.service_list(station),
    }


def in_full(station: Station, hours: Hours, *, today: date) -> dict[str, Any]:
    """What stands on a station's own page besides: its week, and the days that are different."""
    return {
        "level_label": labels.LEVELS[Level(station.level)],
        "week": hours.lines(),
        "different": [
            (day_text(one.day), spans_text(one.spans) if one.spans else "不开放", one.reason)
            for one in hours.exceptions.values()
            if one.day >= today
        ],
    }


def room_answer(room: StationRoom, free: list[int]) -> dict[str, Any]:
    """A room in the form of an answer."""
    return {
        "id": room.id,
        "name": room.name,
        "capacity": room.capacity,
        "equipment": room.equipment,
        "free": free,
    }


def counted(visits: Visits, doubted: int) -> dict[str, Any]:
    """How many came, in the form of an answer: in order, and without noughts."""
    services = sorted(visits.by_service.items(), key=lambda item: item[0] or "")
    return {
        "total": visits.total,
        "not_counted": doubted,
        "by_day": [{"day": day, "people": n} for day, n in sorted(visits.by_day.items()) if n],
        "by_service": [{"service": code, "people": n} for code, n in services if n],
        "by_visitor": [
            {"visitor": code, "people": n} for code, n in sorted(visits.by_visitor.items()) if n
        ],
    }


def answer_of(station: Station, hours: Hours, *, now: datetime, zone: str) -> dict[str, Any]:
    """A station in the form of an answer."""
    return {
        "id": station.id,
        "name": station.name,
        "kind": station.kind,
        "level": station.level,
        "address": station.address,
        "contact": station.contact,
        "location": places.location(station),
        "open_now": hours.is_open(now=now, zone=zone),
        "status": hours.status_text(now=now, zone=zone),
        "hours": hours.text(),
        "services": labels.service_list(station),
    }
