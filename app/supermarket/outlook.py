"""What will run out, what nobody takes, and until when the money raised covers the points."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from app.ledger import services as ledger
from app.ledger import tills
from app.ledger.tills import Quarter
from app.supermarket import labels, outlook_queries, queries
from app.supermarket.models import Shop
from app.supermarket.outlook_queries import Pace
from points_engine import Guard, budget_guard

LATELY = timedelta(days=28)
UNMOVED = timedelta(days=60)
FURTHEST = timedelta(days=365)  # beyond it a pace says nothing
A_QUARTER = timedelta(days=91)
POINTS = 10  # a policy prices so many


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """Goods that go: how many are left, how many went lately, and on which day none is left."""

    pace: Pace
    days: int
    on: date

    @property
    def text(self) -> str:
        return f"按目前速度，{labels.part_of_month(self.on)}用完"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """A community's points by quarter, what they will cost, and until when that is raised."""

    quarters: Sequence[Quarter]
    guard: Guard
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What a shop is to see to."""

    ending: Sequence[Ending]
    unmoved: Sequence[Pace]
    cover: Cover


def of(session: Session, shop: Shop, *, today: date) -> Outlook:
    """What will run out first first; what lies there longest first."""
    rows = outlook_queries.list_pace(session, shop.id, since=today - LATELY, today=today)
    ending = [found for row in rows if (found := _ending(row, today)) is not None]
    unmoved = [row for row in rows if lying_since(row) <= today - UNMOVED]
    return Outlook(
        ending=sorted(ending, key=lambda one: (one.days, one.pace.name)),
        unmoved=sorted(unmoved, key=lying_since),
        cover=_cover(session, shop, today),
    )


def lying_since(pace: Pace) -> date:
    """The day since which nobody took any: the last time, or the day it came."""
    return pace.last_day or pace.first_day


def _ending(pace: Pace, today: date) -> Ending | None:
    """None where nothing went lately, or so little that it lasts beyond a year."""
    if pace.gone <= 0:
        return None
    days = pace.free * LATELY.days // pace.gone
    if days > FURTHEST.days:
        return None
    return Ending(pace=pace, days=days, on=today + timedelta(days=days))


def _cover(session: Session, shop: Shop, today: date) -> Cover:
    community = shop.community_id
    policy = ledger.policy_on(session, today)
    price = policy.value_fen_per_10_points if policy else 0
    funded = max(0, queries.funded_fen(session, [community]).get(community, 0))
    flow = tills.circulation(session, community, lately=today - A_QUARTER)
    left = flow.quarters[-1].left if flow.quarters else 0
    guard = budget_guard(left, price, funded)
    grown = flow.earned_lately - flow.used_lately
    return Cover(
        quarters=flow.quarters, guard=guard, text=_until(guard, today, grown=grown, price=price)
    )


def _until(guard: Guard, today: date, *, grown: int, price: int) -> str:
    """When what is in circulation will cost more than was raised, as it grew in 91 days."""
    if not guard.funded_fen:
        return "还没有登记筹到的资金，算不出能用到什么时候。"
    if guard.outstanding_fen >= guard.funded_fen:
        return "筹到的资金已经不够在外积分兑换，请先筹措资金。"
    if grown <= 0 or not price:
        return "近三个月兑得比挣得多，按目前速度资金够用。"
    points_left = (guard.funded_fen - guard.outstanding_fen) * POINTS // price
    days = points_left * A_QUARTER.days // grown
    if days > FURTHEST.days:
        return "按目前速度，一年内资金够用。"
    return f"按目前速度，{labels.part_of_month(today + timedelta(days=days))}资金用完。"
