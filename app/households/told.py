"""What people are told of who may act for them, and of when somebody did."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.core import clock, masking
from app.core.telling import Telling, notify, notify_many
from app.households import labels
from app.households.kinds import Act, Deed
from app.households.models import Delegation
from app.identity import queries as identity
from app.identity.roles import Principal

PATH = "/household"


def given(session: Session, mandate: Delegation, *, now: datetime) -> None:
    """Both hear of it: whoever gave it, should it not have been them, and who is to act."""
    spends = Act.REDEEM.value in mandate.acts
    words = {
        "acts": labels.acts_text(mandate.acts),
        "limit": str(mandate.daily_limit),
        "terms": f"，每天最多用 {mandate.daily_limit} 分" if spends else "",
    }
    both = ("delegate_named", "delegate_asked")
    _tell_both(session, mandate, templates=both, words=words, now=now)


def revoked(session: Session, mandate: Delegation, *, now: datetime) -> None:
    """Both hear that it is over, whoever of them ended it."""
    both = ("delegate_released", "delegate_released")
    _tell_both(session, mandate, templates=both, words={}, now=now)


def acted(
    session: Session, acting: Principal, mandate_id: UUID, *, deed: Act | Deed, now: datetime
) -> None:
    """Whom somebody acted for hears of it: once a day for each matter, however often."""
    day = clock.civil_day(now, acting.zone)
    telling = Telling(
        person_id=acting.subject_id,
        template="delegate_acted",
        about=f"delegate_acted:{mandate_id}:{deed.value}:{day}",
        words={
            "who": _masked(session, acting.person_id),
            "act": labels.ACTS[deed] if isinstance(deed, Act) else labels.DEEDS[deed],
            "at": clock.moment_text(now, acting.zone),
        },
        path=PATH,
    )
    notify(session, telling, now=now)


def _tell_both(
    session: Session,
    mandate: Delegation,
    *,
    templates: tuple[str, str],
    words: dict[str, str],
    now: datetime,
) -> None:
    """Each is told of the other: first whose things they are, then the delegate."""
    pair = (mandate.person_id, mandate.delegate_id)
    day = clock.day_text(clock.civil_day(now))
    tellings = [
        Telling(
            person_id=one,
            template=template,
            about=f"{template}:{mandate.id}",
            words={"who": _masked(session, other), "day": day, **words},
            path=PATH,
        )
        for one, other, template in zip(pair, reversed(pair), templates, strict=True)
    ]
    notify_many(session, tellings, now=now)


def _masked(session: Session, person_id: UUID) -> str:
    return masking.name(identity.names_of(session, {person_id})[person_id])
