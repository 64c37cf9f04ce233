"""Where the people of a world go: stations and activities, and the codes shown there."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app.activities import codes as venue_codes
from app.activities.codes import Direction
from app.activities.models import Activity
from app.core.db import add
from app.core.keys import Keyring
from app.stations import editing, issuing
from app.stations.hours import DAY_MINUTES, every_day
from app.stations.models import Station, StationCode
from tests.support.ground import Ground


class Places(Ground):
    """Stations with a code on the wall, and activities with one on a screen."""

    def station(
        self,
        *,
        name: str = "East gate",
        opens_minute: int = 0,
        closes_minute: int = DAY_MINUTES,
        **fields: Any,
    ) -> Station:
        values = {
            "community_id": self.units["Mingde"],
            "kind": "neighborhood_pioneer",
            "level": "community",
            "address": "1 Mingde Road",
            "services": ["rest", "water"],
            "contact": "",
            "crs": "gcj02",
            **fields,
        }
        with self.work() as session:
            station = add(session, Station(name=name, **values))
            editing.keep_week(session, station.id, every_day(opens_minute, closes_minute))
            issuing.issue_code(session, station_id=station.id, now=self.now())
        return station

    def code_of(self, station: Station) -> str:
        """The text on the station's wall."""
        query = sa.select(StationCode.code).filter_by(station_id=station.id, revoked_at=None)
        with self.own() as session:
            return session.scalars(query).one()

    def revoke_code(self, station: Station) -> None:
        """Take the code off the wall, as when it was damaged."""
        its_code = sa.update(StationCode).where(StationCode.station_id == station.id)
        with self.own() as session:
            session.execute(its_code.values(revoked_at=self.now(), revoked_for="雨淋坏了"))

    def activity(self, *, minutes: int = 100, **fields: Any) -> Activity:
        """An activity that began ten minutes ago; who stays for an hour was there long enough."""
        began = self.now() - timedelta(minutes=10)
        values = {
            "community_id": self.units["Mingde"],
            "title": "River clean-up",
            "category": "environment",
            "place": "East bank",
            "starts_at": began,
            "ends_at": began + timedelta(minutes=minutes),
            "capacity": 200,
            "state": "published",
            "published_at": began - timedelta(days=7),
            **fields,
        }
        if values["state"] == "cancelled":
            values |= {"cancelled_at": self.now(), "cancel_reason": "Storm"}
        with self.work() as session:
            return add(session, Activity(**values))

    def venue_code(
        self, activity: Activity, direction: str = "in", *, at: datetime | None = None
    ) -> str:
        """The code on the venue's screen at an instant."""
        return self.venue_code_of(self.tenant_id, activity, direction, at=at)

    def venue_code_of(
        self,
        tenant_id: int,
        activity: Activity,
        direction: str = "in",
        *,
        at: datetime | None = None,
    ) -> str:
        """What another city with the same secret would show for an activity of that id."""
        text, _until = venue_codes.issue(
            self.keyring,
            tenant_id=tenant_id,
            activity_id=activity.id,
            direction=Direction(direction),
            now=at or self.now(),
        )
        return text

    @property
    def keyring(self) -> Keyring:
        return Keyring(self.app.config["SETTINGS"].secret_key)
