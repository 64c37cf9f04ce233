"""An activity of the demo city that leaves something to look at: far off, by hand, filled in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.activities import assisting, backfilling, coming, leaving, reading
from app.activities import codes as venue_codes
from app.activities.assisting import Aid
from app.activities.backfilling import Span
from app.activities.codes import Direction
from app.activities.models import Activity
from app.activities.reading import Arrival
from app.core.db import add
from app.core.errors import DomainError
from app.core.keys import Keyring
from app.core.vault import Vault
from app.demo import town
from app.demo.today import AHEAD, fields_of, hours_of
from app.identity.models import Person
from app.identity.roles import Principal

MINUTE = timedelta(minutes=1)
ACCURACY_M = 20.0


class Venue:
    """The activity, its screen, and the phones that were there."""

    def __init__(
        self, session: Session, activity: Activity, *, vault: Vault, keyring: Keyring
    ) -> None:
        self._session, self._activity = session, activity
        self._vault, self._keyring = vault, keyring

    @property
    def hours(self) -> tuple[datetime, datetime]:
        return self._activity.starts_at, self._activity.ends_at

    def come(self, person: Person, at: datetime, *, spot: tuple[float, float]) -> None:
        """Check in with the screen's code, and say where the phone is."""
        coming.check_in(self._session, self._arrival(person, Direction.IN, at, spot=spot))

    def go(self, person: Person, at: datetime) -> None:
        """Check out with the screen's code."""
        leaving.check_out(self._session, self._arrival(person, Direction.OUT, at))

    def fail(self, person: Person, at: datetime) -> None:
        """Try to check in with the code for checking out."""
        arrival = self._arrival(person, Direction.OUT, at)
        try:
            coming.check_in(self._session, arrival)
        except DomainError as refusal:
            reading.log_refusal(self._session, arrival, refusal, direction=Direction.IN)

    def aid(
        self,
        leader: Principal,
        at: datetime,
        *,
        person: Person,
        reason: str = "",
        card_no: str = "",
    ) -> Aid:
        """What a member of staff does for somebody: by the card they hold, or with a reason."""
        return Aid(
            me=leader,
            activity_id=self._activity.id,
            person_id=None if card_no else person.id,
            card_no=card_no,
            reason=reason,
            vault=self._vault,
            now=at,
        )

    def _arrival(
        self,
        person: Person,
        direction: Direction,
        at: datetime,
        *,
        spot: tuple[float, float] | None = None,
    ) -> Arrival:
        me, activity_id = town.principal(self._session, person, on=at), self._activity.id
        code, _until = venue_codes.issue(
            self._keyring,
            tenant_id=me.tenant_id,
            activity_id=activity_id,
            direction=direction,
            now=at,
        )
        phone = spot and {"lat": spot[0], "lng": spot[1], "crs": "gcj02", "accuracy_m": ACCURACY_M}
        return Arrival(
            me=me,
            activity_id=activity_id,
            code=code,
            location=phone or None,
            keyring=self._keyring,
            vault=self._vault,
            now=at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """Who was there, who led it, for which community, and what day it is."""

    home: UUID
    cast: Sequence[Person]
    leader: Principal
    vault: Vault
    keyring: Keyring
    now: datetime


def leave_some(session: Session, plan: dict[str, Any], around: Around) -> None:
    """Hold it, and leave in the inbox what somebody has to look at."""
    starts, ends = hours_of(plan, day=around.now - timedelta(days=plan["days_ago"]))
    activity = Activity(
        **fields_of(plan),
        community_id=around.home,
        starts_at=starts,
        ends_at=ends,
        capacity=plan["capacity"],
        state="published",
        published_at=starts - AHEAD,
    )
    add(session, activity)
    venue = Venue(session, activity, vault=around.vault, keyring=around.keyring)
    _scan(venue, plan, around, starts=starts, ends=ends)
    _aid(session, venue, plan, around=around)
    for one in plan["backfilled"]:
        whom = {"person": around.cast[one["who"] - 1], "reason": one["reason"]}
        span = Span(came_at=starts, left_at=ends)
        backfilling.propose(session, venue.aid(around.leader, around.now, **whom), span)


def _scan(
    venue: Venue, plan: dict[str, Any], around: Around, *, starts: datetime, ends: datetime
) -> None:
    """Some scan where it is, some say they are far away, and some scan the wrong code."""
    here, cast = (plan["lat"], plan["lng"]), around.cast
    spots = [(one, here) for one in plan["near"]] + [(one, plan["from_far"]) for one in plan["far"]]
    for place, (number, spot) in enumerate(spots):
        venue.come(cast[number - 1], starts + place * MINUTE, spot=tuple(spot))
    for number in plan["refused"]:
        venue.fail(cast[number - 1], starts + 2 * MINUTE)
    for number, _spot in spots:
        venue.go(cast[number - 1], ends - MINUTE)


def _aid(session: Session, venue: Venue, plan: dict[str, Any], *, around: Around) -> None:
    """Staff check some in by their name and one by the card they hold."""
    for one in plan["by_hand"]:
        person = around.cast[one["who"] - 1]
        whom = {"person": person, **{key: one[key] for key in one.keys() - {"who"}}}
        person.card_no = one.get("card_no", person.card_no)
        session.flush()
        came, left = venue.hours
        assisting.check_in(session, venue.aid(around.leader, came, **whom))
        assisting.check_out(session, venue.aid(around.leader, left, **whom))
