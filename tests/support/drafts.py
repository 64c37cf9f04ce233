"""Activities as somebody plans them: rows with everything in them that need not be said."""

from datetime import timedelta
from typing import Any

from app.activities.models import Activity, ActivityTask
from app.activities.plan_models import ActivitySeries
from tests.support.hands import NOON

TASK = {
    "name": "Helper",
    "skill": None,
    "minutes": 60,
    "places": 5,
    "min_age": 14,
    "max_age": 120,
    "risk": "low",
    "insured": False,
}


def a_series(**fields: Any) -> ActivitySeries:
    """On Saturdays at nine, for two hours."""
    values = {
        "title": "Saturday market",
        "category": "convenience",
        "place": "The square",
        "summary": "",
        "guarantees": ["water"],
        "insurance_no": "",
        "audience": "community",
        "calling": False,
        "tasks": [TASK],
        "rhythm": "weekly",
        "weekday": 6,
        "starts_minute": 540,
        "minutes": 120,
        "from_day": NOON.date(),
        **fields,
    }
    return ActivitySeries(**values)


def a_draft(series: ActivitySeries, **fields: Any) -> Activity:
    """The first activity of a series, a week from now."""
    starts = NOON + timedelta(days=7)
    values = {
        "community_id": series.community_id,
        "title": series.title,
        "category": series.category,
        "place": series.place,
        "starts_at": starts,
        "ends_at": starts + timedelta(hours=2),
        "capacity": 5,
        "state": "draft",
        "series_id": series.id,
        "series_day": starts.date(),
        **fields,
    }
    return Activity(**values)


def a_task(activity: Activity, **fields: Any) -> ActivityTask:
    """Something anybody can do."""
    return ActivityTask(**{"activity_id": activity.id, **TASK, **fields})
