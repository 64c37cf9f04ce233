"""Activities as those who prepare, review and lead them see them on their pages."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.activities import (
    announcing,
    categories,
    enrolling,
    labels,
    placing,
    queries,
    shown,
    windows,
)
from app.activities.kinds import LEAVABLE, PUBLIC, ActivityState, Audience, NoticeKind, Phase
from app.activities.models import Activity
from app.core.clock import civil_text
from app.identity import units
from app.identity.roles import Permission, Principal
from app.notices import queries as notices
from app.organisation import queries as organisation

OVER = {Phase.ENDED, Phase.VERIFIED, Phase.SETTLED}
GROUPS = {
    Phase.IN_REVIEW: "待审核",
    Phase.ENDED: "待确认名单",
    Phase.DRAFT: "草稿",
    Phase.RUNNING: "进行中",
    Phase.ENROLLING: "报名中",
}


def groups(
    rows: Iterable[Activity], names: Mapping[UUID, str], *, me: Principal, now: datetime
) -> list[tuple[str, list[dict[str, Any]]]]:
    """What has to be seen to, what waits for somebody first; groups of nothing are left out."""
    found: dict[Phase, list[dict[str, Any]]] = {phase: [] for phase in GROUPS}
    for row in rows:
        phase = labels.phase_of(row, now)
        found[phase].append(
            {
                "id": str(row.id),
                "title": row.title,
                "when": labels.when(row, me.zone),
                "place": row.place,
                "community": names.get(row.community_id, ""),
                "note": row.review_note if phase is Phase.DRAFT else "",
            }
        )
    return [(GROUPS[phase], each) for phase, each in found.items() if each]


def prepared(
    session: Session, activity: Activity, *, me: Principal, now: datetime
) -> dict[str, Any]:
    """One activity with what may be done about it, and the people on its list."""
    path = organisation.path_of(session, activity.community_id)
    phase = labels.phase_of(activity, now)
    told, read = notices.count_readings(
        session, announcing.about(activity.id, NoticeKind.INVITATION)
    )
    near = activity.starts_at - now < enrolling.TO_ANSWER
    return {
        "activity": {
            **_facts(session, activity, me=me),
            "phase": phase.value,
            "phase_label": labels.PHASES[phase],
        },
        **shown.choice(session, activity, person_id=me.person_id, zone=me.zone),
        "enrolled": timed(shown.enrolled(session, activity), me.zone),
        "attended": queries.count_attended(session, activity.id),
        "told": told,
        "read": read,
        "may": _may(activity, phase, path=path, me=me),
        "placing": near and phase in {Phase.ENROLLING, Phase.RUNNING},
    }


def timed(rows: Iterable[Mapping[str, Any]], zone: str) -> list[dict[str, Any]]:
    """The same rows with their instants as people read them."""
    return [
        {
            **row,
            **{
                f"{name}_text": civil_text(value, zone)
                for name, value in row.items()
                if isinstance(value, datetime)
            },
            "came": labels.CAME.get(row["state"], ""),
        }
        for row in rows
    ]


def _may(
    activity: Activity, phase: Phase, *, path: tuple[UUID, ...], me: Principal
) -> dict[str, bool]:
    """Which steps are open, and to this member of staff."""
    prepares = me.may(Permission.ACTIVITY_PREPARE, path)
    made_by_me = me.person_id in {activity.drafted_by, activity.submitted_by}
    reviews = me.may(Permission.ACTIVITY_REVIEW, path) and phase is Phase.IN_REVIEW
    off = {Phase.DRAFT, Phase.IN_REVIEW, Phase.ENROLLING, Phase.RUNNING}
    return {
        "edit": prepares and phase is Phase.DRAFT,
        "take_back": prepares and phase is Phase.IN_REVIEW,
        "review": reviews and not made_by_me,
        "own": reviews and made_by_me,
        "cancel": prepares and phase in off,
        "verify": me.may(Permission.ACTIVITY_VERIFY, path) and phase is Phase.ENDED,
        "assist": me.may(Permission.ACTIVITY_VERIFY, path) and activity.state in LEAVABLE,
        "backfill": me.may(Permission.ACTIVITY_VERIFY, path) and phase in OVER,
        "prove": me.may(Permission.ACTIVITY_VERIFY, path) and activity.state in PUBLIC,
        "answer": me.may(Permission.ACTIVITY_VERIFY, path)
        and phase in {Phase.RUNNING, Phase.ENDED, Phase.VERIFIED, Phase.SETTLED},
        "place": prepares,
        "screen": me.may(Permission.VENUE_CODE_READ, path)
        and activity.state == ActivityState.PUBLISHED,
    }


def _facts(session: Session, activity: Activity, *, me: Principal) -> dict[str, Any]:
    community = units.names_of(session, {activity.community_id})
    steps = {
        "起草": (activity.drafted_by, None),
        "提交": (activity.submitted_by, activity.submitted_at),
        "审核": (activity.reviewed_by, activity.reviewed_at),
        "取消": (activity.cancelled_by, activity.cancelled_at),
        "确认名单": (activity.verified_by, activity.verified_at),
        "结算": (None, activity.settled_at),
    }
    people = shown.masked_names(session, [who for who, _ in steps.values() if who])
    return {
        "id": str(activity.id),
        "title": activity.title,
        "category": categories.name_of(activity.category),
        "community": community.get(activity.community_id, ""),
        "place": activity.place,
        "when": labels.when(activity, me.zone),
        "where": _where(session, activity),
        "check_in": _check_in(session, activity, zone=me.zone),
        "capacity": activity.capacity,
        "audience": labels.AUDIENCES[Audience(activity.audience)],
        "calling": activity.calling,
        "review_note": activity.review_note,
        "cancel_reason": activity.cancel_reason,
        "of_series": activity.series_id is not None,
        "steps": [
            (step, people.get(who, "") if who else "", civil_text(at, me.zone) if at else "")
            for step, (who, at) in steps.items()
            if who or at
        ],
    }


def _where(session: Session, activity: Activity) -> str:
    return placing.said(
        name=placing.name_of(session, activity.station_id),
        has_spot=activity.lat is not None,
        radius_m=activity.radius_m,
    )


def _check_in(session: Session, activity: Activity, *, zone: str) -> str:
    """When people check in: as was promised, or as it would be promised now."""
    if activity.published_at is not None:
        return labels.check_in(activity.open_before_min, activity.close_after_start_min)
    said = windows.in_force(session, activity, zone=zone)
    return labels.check_in(
        windows.opens_min(said, activity.category),
        said.close_after_start_min if activity.planned else None,
    )
