"""What the counter gives back: a receipt, and word to whoever paid."""

from sqlalchemy.orm import Session

from app.core.clock import moment_text
from app.core.telling import Telling
from app.identity import queries as identity
from app.supermarket import kept, labels
from app.supermarket.kinds import Way
from app.supermarket.models import Redemption, Shop
from app.supermarket.orders import Order, Receipt


def of(session: Session, redemption: Redemption) -> Receipt:
    """A redemption as it was printed."""
    lines = kept.redemption_lines(session, redemption.id)
    name = identity.names_of(session, {redemption.person_id})[redemption.person_id]
    return Receipt(redemption=redemption, lines=lines, member_name=name)


def telling(order: Order, sold: Redemption, *, shop: Shop, goods: str) -> Telling:
    """Whoever paid hears of it, also when somebody else stood at the counter."""
    words = {
        "place": shop.name,
        "goods": goods,
        "points": str(sold.cost),
        "left": str(sold.balance_after),
        "at": moment_text(sold.at, order.me.zone),
    }
    without_phone = sold.way in labels.WITHOUT_PHONE
    if without_phone:
        words["way"] = labels.WAYS[Way(sold.way)]
    return Telling(
        person_id=sold.person_id,
        template="goods_without_phone" if without_phone else "goods_taken",
        about=f"redemption:{sold.id}",
        words=words,
        path="/passbook",
    )
