"""Points given away: to the love pool of one's community, or through it to a family in need.

Which family that is, the community alone decides and knows.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.clock import civil_day
from app.core.db import add
from app.core.errors import NotEnoughPoints
from app.core.ids import new_id
from app.identity import phones
from app.identity.roles import Principal
from app.ledger import moving as ledger
from app.supermarket import kept, labels
from app.supermarket.errors import DonationWrong
from app.supermarket.kinds import DonationGoal
from app.supermarket.models import PointsDonation
from points_engine import Donation, InsufficientPoints, quarter_of

MOST_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What was given, and what the donor has left."""

    donation: PointsDonation
    balance_after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """What a community was given in a quarter, and by how many; never by whom."""

    quarter: str
    points: int
    donors: int


def check(points: int, *, have: int) -> None:
    """Refuse what could not be given, before anybody is asked whether they are sure."""
    if points > have:
        raise _too_few(have)
    _refuse_amount(points)


def give(
    session: Session, me: Principal, *, points: int, goal: DonationGoal, now: datetime
) -> Given:
    """Give points away for good; raises `NotEnoughPoints` and has changed nothing."""
    _refuse_amount(points)
    phones.refuse_while_cooling(session, me.person_id, zone=me.zone, now=now)
    day, made = civil_day(now, me.zone), new_id()
    gift = Donation(
        reference=f"gift:{made}",
        donor_id=me.person_id,
        amount=points,
        community_id=me.community_id,
        occurred_on=day,
        booked_at=now,
        actor_id=me.person_id,
        reason=labels.DONATION_GOALS[goal],
    )
    try:
        paid = ledger.donate(session, gift)
    except InsufficientPoints as error:
        raise _too_few(error.balance) from error
    row = PointsDonation(
        id=made,
        person_id=me.person_id,
        community_id=me.community_id,
        goal=goal.value,
        points=points,
        quarter=quarter_of(day),
        transfer_id=paid.transfer_id,
        at=now,
    )
    return Given(donation=add(session, row), balance_after=paid.balance_after)


def together(session: Session, community_id: UUID, *, on: date) -> Together:
    """What a community was given in the quarter of a day."""
    quarter = quarter_of(on)
    points, donors = kept.given_in(session, community_id, quarter=quarter)
    return Together(quarter=quarter, points=points, donors=donors)


def _refuse_amount(points: int) -> None:
    if not 1 <= points <= MOST_AT_ONCE:
        raise DonationWrong(f"一次可以捐 1 到 {MOST_AT_ONCE} 分，请修改后再提交。")


def _too_few(have: int) -> NotEnoughPoints:
    return NotEnoughPoints(f"可用积分只有 {have} 分，请减少捐赠的分数。")
