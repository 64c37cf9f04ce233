"""What the demo city plans: a year with themes, series, and activities at each step of life."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.activities import drafting, enrolling, lifecycle, series, service_days, themes
from app.activities.drafting import Draft, TaskDraft
from app.activities.enrolling import Wish
from app.activities.kinds import Audience, Guarantee, Rhythm, Risk, Skill, ThemeSpan
from app.activities.models import Activity
from app.activities.placing import NOWHERE, USUAL_RADIUS_M, Where
from app.activities.series import Plan
from app.activities.service_days import Chosen
from app.activities.themes import Span
from app.core import edges
from app.core.clock import CIVIL_ZONE, civil_day
from app.core.vault import Vault
from app.demo import doubts, replies, town
from app.identity import queries as identity
from app.identity.models import Person
from app.identity.roles import Principal
from app.stations.models import Station

MONTH = timedelta(days=31)
WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisers:
    """Who drafts, who reviews, for which community and people, and what they have in mind."""

    maker: Principal
    checker: Principal
    home: UUID
    cast: Sequence[Person]
    programme: dict[str, Any]
    vault: Vault
    stations: Mapping[str, UUID]
    now: datetime


def plan(
    session: Session,
    vault: Vault,
    document: dict[str, Any],
    *,
    units: Mapping[str, UUID],
    cast: Sequence[Person],
    now: datetime,
) -> None:
    """Plan the year of the first community, and let its coming weeks be as they are."""
    programme = document["programme"]
    who = Organisers(
        maker=_staff(session, "station", now),
        checker=_staff(session, "secretary", now),
        home=units[document["communities"][0]],
        cast=cast,
        programme=programme,
        vault=vault,
        stations={one.name: one.id for one in session.scalars(sa.select(Station))},
        now=now,
    )
    _give_themes(session, who)
    for one in programme["series"]:
        _hold_series(session, one, who)
    _crowd(session, programme["popular"], who)
    _call_off(session, programme["cancelled"], who)
    waiting = _drafted(session, programme["waiting"], who)
    lifecycle.submit(session, waiting.id, me=who.maker, now=now)
    _drafted(session, programme["rough"], who)
    _confirm_past(session, who)
    replies.exchange(session, home=who.home, people=cast, leader=who.maker, now=now)
    around = doubts.Around(
        home=who.home,
        cast=cast,
        leader=who.maker,
        vault=vault,
        keyring=edges.keyring(),
        now=now,
    )
    doubts.leave_some(session, document["doubts"], around)


def _staff(session: Session, username: str, now: datetime) -> Principal:
    credential = identity.get_credential(session, username)
    person = identity.get_person(session, credential.person_id) if credential else None
    assert person is not None  # the city's staff has moved in
    return town.principal(session, person, on=now)


def _give_themes(session: Session, who: Organisers) -> None:
    programme, year = who.programme, civil_day(who.now).year
    for span, words in ((ThemeSpan.SEASON, "seasons"), (ThemeSpan.MONTH, "months")):
        for number, theme in enumerate(programme[words], start=1):
            where = Span(year, span, number)
            themes.choose(session, who.home, where, theme=theme, me=who.checker, now=who.now)
    moved = programme["moved"]
    month = (civil_day(who.now).replace(day=1) + moved["months_ahead"] * MONTH).replace(day=1)
    chosen = Chosen(
        unit_id=who.home,
        month=month,
        day=service_days.computed(month).day + timedelta(days=moved["days"]),
        reason=moved["reason"],
    )
    service_days.choose(session, chosen, me=who.checker, now=who.now)


def _hold_series(session: Session, one: dict[str, Any], who: Organisers) -> None:
    """Its next activities are published, those after them are drafts."""
    programme, today = who.programme, civil_day(who.now)
    row = series.create(session, _plan(one, who, today), me=who.maker, now=who.now)
    until = today + programme["months_ahead"] * MONTH
    series.make_drafts(session, row.id, until=until, me=who.maker, now=who.now)
    near = who.now + programme["published_weeks"] * WEEK
    query = sa.select(Activity.id).where(Activity.series_id == row.id, Activity.starts_at < near)
    for activity_id in session.scalars(query.order_by(Activity.starts_at)).all():
        _publish(session, activity_id, who)


def _crowd(session: Session, one: dict[str, Any], who: Organisers) -> None:
    """More want to come than there are places; some leave again, and others are offered theirs."""
    activity = _drafted(session, one, who)
    _publish(session, activity.id, who)
    wishes = [
        _wish(session, activity, person=person, on=who.now) for person in who.cast[: one["wanted"]]
    ]
    for wish in wishes:
        enrolling.enrol(session, wish, vault=who.vault)
    for wish in wishes[: one["leaving"]]:
        enrolling.leave(session, wish)


def _call_off(session: Session, one: dict[str, Any], who: Organisers) -> None:
    activity = _drafted(session, one, who)
    _publish(session, activity.id, who)
    for person in who.cast[: one["enrolled"]]:
        enrolling.enrol(
            session, _wish(session, activity, person=person, on=who.now), vault=who.vault
        )
    reason = one["reason"]
    lifecycle.cancel(session, activity.id, reason=reason, me=who.maker, now=who.now)


def _confirm_past(session: Session, who: Organisers) -> None:
    """The lists of past activities are confirmed, but for the latest: that one waits."""
    query = sa.select(Activity.id).where(
        Activity.community_id == who.home, Activity.ends_at < who.now, Activity.state == "published"
    )
    for activity_id in session.scalars(query.order_by(Activity.ends_at)).all()[:-1]:
        lifecycle.verify(session, activity_id, me=who.checker, now=who.now)


def _wish(session: Session, activity: Activity, *, person: Person, on: datetime) -> Wish:
    return Wish(me=town.principal(session, person, on=on), activity_id=activity.id, now=on)


def _publish(session: Session, activity_id: UUID, who: Organisers) -> None:
    lifecycle.submit(session, activity_id, me=who.maker, now=who.now)
    lifecycle.publish(session, activity_id, me=who.checker, now=who.now)


def _drafted(session: Session, one: dict[str, Any], who: Organisers) -> Activity:
    day = civil_day(who.now) + timedelta(days=one["days_ahead"])
    return drafting.create(session, _draft(one, who, day), me=who.maker, now=who.now)


def _plan(one: dict[str, Any], who: Organisers, day: date) -> Plan:
    return Plan(
        draft=_draft(one, who, day),
        rhythm=Rhythm(one["rhythm"]),
        weekday=one.get("weekday"),
        nth=one.get("nth"),
        starts_minute=one["from_hour"] * 60,
        minutes=one["hours"] * 60,
        from_day=day,
    )


def _draft(one: dict[str, Any], who: Organisers, day: date) -> Draft:
    midnight = datetime.combine(day, datetime.min.time(), ZoneInfo(CIVIL_ZONE))
    starts = midnight + timedelta(hours=one["from_hour"])
    return Draft(
        community_id=who.home,
        title=one["title"],
        category=one["category"],
        place=one["place"],
        starts_at=starts,
        ends_at=starts + timedelta(hours=one["hours"]),
        tasks=[_task(task) for task in one["tasks"]],
        summary=one.get("summary", ""),
        guarantees=[Guarantee(name) for name in one["guarantees"]],
        insurance_no=one.get("insurance_no", ""),
        audience=Audience(one.get("audience", "community")),
        calling=one.get("calling", False),
        where=_where(one, who),
    )


def _where(one: dict[str, Any], who: Organisers) -> Where:
    if "station" not in one:
        return NOWHERE
    return Where(station_id=who.stations[one["station"]], radius_m=USUAL_RADIUS_M)


def _task(one: dict[str, Any]) -> TaskDraft:
    task = TaskDraft(name=one["name"], minutes=one["minutes"], places=one["places"])
    return replace(
        task,
        skill=Skill(one["skill"]) if "skill" in one else None,
        risk=Risk(one.get("risk", "low")),
        **{name: one[name] for name in ("min_age", "max_age", "insured") if name in one},
    )
