"""A rehearsal from its seed to its outcome, in a database that nobody else works in."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.activities import anomalies
from app.core.clock import CIVIL_ZONE
from app.core.db import Limits, acting_as
from app.ledger import jobs
from app.rehearsal import fraud, honest, outcome, playing, town
from app.rehearsal.outcome import Outcome
from app.rehearsal.script import WEEKS, Kind, Script, Visit
from app.rehearsal.town import Town

LIMITS = Limits(statement_seconds=120, lock_seconds=30, idle_seconds=120)
A_FRAUD_OF_EACH_KIND = 100  # honest attendances for each
FEWEST_OF_A_KIND = 20
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where a rehearsal is played: the addresses of a database, as its owner and as the others."""

    owner_url: str
    app_url: str
    worker_url: str

    def owner(self) -> AbstractContextManager[None]:
        return acting_as("owner", self.owner_url, LIMITS)

    def app(self) -> AbstractContextManager[None]:
        return acting_as("app", self.app_url, LIMITS)

    def worker(self) -> AbstractContextManager[None]:
        return acting_as("worker", self.worker_url, LIMITS)


def write(seed: int, attendances: int, *, now: datetime) -> Script:
    """The script of a seed: four weeks that are over, with so many honest attendances."""
    script = Script(seed=seed, begins=_begins(now))
    honest.settle(script, attendances)
    honest.announce(script, attendances)
    honest.attend(script, attendances)
    fraud.add(script, max(FEWEST_OF_A_KIND, attendances // A_FRAUD_OF_EACH_KIND))
    return script


def rehearse(
    stage: Stage, script: Script, *, now: datetime, told: Progress = lambda _n, _of: None
) -> Outcome:
    """Play a script by the rules in force or being tried, and see what came of it.

    Then everybody honest who was flagged lives the same month once more where there is no rule:
    what they have earned here, once they are approved, is held against that.
    """
    visits = script.visits
    played = _build(stage, script, visits, now=now)
    with stage.app():
        refused = playing.play(played, visits, told=told)
        flagged = outcome.waiting(played, visits)
        outcome.decide(played, visits, flagged, now=now)
    _settle(stage, played)
    people = {visits[place].who for place in flagged if visits[place].kind is Kind.HONEST}
    earned = _earned(stage, played, people, now=now)
    without = _without_rules(stage, script, people, now=now)
    return Outcome(
        told=outcome.tell(visits, refused, flagged),
        lost=sum(max(0, without[one] - earned[one]) for one in people),
        flagged_people=len(people),
        earned=sum(earned.values()),
    )


def _begins(now: datetime) -> datetime:
    """A Monday's midnight from which on four weeks are over, and all that follows them."""
    local = now.astimezone(ZoneInfo(CIVIL_ZONE)).replace(hour=0, minute=0, second=0, microsecond=0)
    return local - timedelta(days=local.weekday(), weeks=WEEKS + 1)


def _build(
    stage: Stage,
    script: Script,
    visits: Sequence[Visit],
    *,
    now: datetime,
    all_enrolled: bool = False,
) -> Town:
    with stage.owner():
        return town.build(script, visits, all_enrolled=all_enrolled, now=now)


def _settle(stage: Stage, played: Town) -> None:
    with stage.worker():
        jobs.settle_tenant(played.tenant_id)


def _earned(stage: Stage, played: Town, people: set[int], *, now: datetime) -> dict[int, int]:
    with stage.app():
        return outcome.points(played, people, on=now.astimezone(ZoneInfo(CIVIL_ZONE)).date())


def _without_rules(
    stage: Stage, script: Script, people: set[int], *, now: datetime
) -> dict[int, int]:
    """What these earn where nothing is looked at: everybody is announced, so no code is doubted."""
    theirs = [one for one in script.of_kind(Kind.HONEST) if one.who in people]
    if not theirs:
        return {}
    played = _build(stage, script, theirs, now=now, all_enrolled=True)
    with stage.app(), anomalies.trying(()):
        playing.play(played, theirs)
    _settle(stage, played)
    return _earned(stage, played, people, now=now)
