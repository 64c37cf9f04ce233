"""The counter's deeds, as the API and the pages do them: once for a key."""

from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from flask import Response, current_app
from sqlalchemy.orm import Session

from app.core import clock, edges, masking
from app.core.claims import Claim, claimed
from app.core.db import transaction
from app.core.http import json_answer
from app.core.idempotency import Ask, once, required
from app.core.queue import ring_after_commit
from app.identity import cards
from app.identity import queries as identity
from app.identity.cards import PinKeys
from app.identity.login import proved_colleague
from app.identity.roles import Permission, Principal
from app.identity.services import Entry
from app.ledger import services as ledger
from app.notices import jobs as notices
from app.supermarket import asking, offline_queries, services, shifts, vouching
from app.supermarket.kinds import QuestionState
from app.supermarket.models import Handover, SaleQuestion
from app.supermarket.orders import Card, Order, Receipt, Wish
from app.supermarket.schemas import QuestionAnswer, RedemptionAnswer, SaleRefusedAnswer

SOLD, ASKED = RedemptionAnswer(), QuestionAnswer()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a manager asks for, as the edge has read it."""

    key: str | None
    shop_id: UUID
    shown: str
    wishes: tuple[Wish, ...]
    card: Card | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Who stands before the counter, as far as it must be known, and what they can spend."""

    name: str
    available: int
    aside: int  # held for a terminal without a network


def redeem(me: Principal, asked: Asked) -> Response:
    """Give what is wished for against what was shown. The same key again is the same answer.

    Raises the refusal; one that was remembered is answered as it was.
    """
    now = clock.now()
    ask = Ask(
        actor_id=me.person_id,
        key=required(asked.key),
        route=f"redeem:{asked.shop_id}",
        body=_told_apart(asked),
        now=now,
    )
    order = _order(me, asked, now=now)
    with transaction(me.tenant_id) as session:
        claim = Claim(ask, partial(_answer, session))
        return claimed(session, claim, lambda: _sell(session, order, claim))


def look(me: Principal, asked: Asked) -> Seen:
    """Whose code or card it is, masked, and their points; nothing is used up."""
    order = _order(me, asked, now=clock.now())
    with transaction(me.tenant_id) as session:
        services.shop_of(session, me=me, shop_id=order.shop_id)
        person_id = vouching.look(session, order)
        day = clock.civil_day(order.now, me.zone)
        return Seen(
            name=masking.name(identity.names_of(session, {person_id})[person_id]),
            available=ledger.available(session, person_id=person_id, on=day),
            aside=sum(one.points for one in offline_queries.held_for(session, person_id)),
        )


def answer(me: Principal, question_id: UUID, *, yes: bool) -> Receipt | None:
    """What the member's own phone says to a sale that waits."""
    with transaction(me.tenant_id) as session:
        sold = asking.answer(
            session, question_id, me=me, yes=yes, keyring=edges.keyring(), now=clock.now()
        )
        ring_after_commit(session, notices.send_waiting)
    return sold


def answer_once(me: Principal, question_id: UUID, *, yes: bool, key: str | None) -> Response:
    """The same, once for a key; whatever it came to is answered again as it was."""
    now = clock.now()
    ask = Ask(
        actor_id=me.person_id,
        key=required(key),
        route=f"answer-sale:{question_id}",
        body={"yes": yes},
        now=now,
    )

    def deed(session: Session) -> Response:
        ring_after_commit(session, notices.send_waiting)
        sold = asking.answer(session, question_id, me=me, yes=yes, keyring=edges.keyring(), now=now)
        if sold is not None:
            return receipt_answer(sold)
        said = {"id": question_id, "state": QuestionState.NO.value}
        return json_answer(SaleRefusedAnswer(), {"question": said}, status=200)

    with transaction(me.tenant_id) as session:
        return once(session, ask, lambda: deed(session))


def hand_over(me: Principal, shop_id: UUID, entry: Entry) -> Handover:
    """Leave the counter to a colleague: by their card and its PIN, or their name and password.

    It is only written down that they take over; they sign in as they always do.
    """
    now = clock.now()
    with transaction(me.tenant_id) as session:
        services.shop_of(session, me=me, shop_id=shop_id)
        to_id = _by_card(session, me, entry, now=now) or proved_colleague(session, entry)
        return shifts.hand_over(session, shop_id, me=me, to_id=to_id, now=now)


def receipt_answer(receipt: Receipt) -> Response:
    """A completed redemption, however it came about."""
    return json_answer(SOLD, {"redemption": receipt_body(receipt)}, status=201)


def receipt_body(receipt: Receipt) -> dict[str, object]:
    """A receipt as it is answered."""
    redemption = receipt.redemption
    return {
        "id": redemption.id,
        "number": receipt.number,
        "state": redemption.state,
        "way": redemption.way,
        "cost": redemption.cost,
        "lines": receipt.lines,
        "member_name_masked": masking.name(receipt.member_name),
        "balance_after": redemption.balance_after,
        "at": redemption.at,
        **({"vouchers": receipt.vouchers} if receipt.vouchers else {}),
    }


def _told_apart(asked: Asked) -> dict[str, object]:
    """By what one request is known from another. No PIN: a digest of so little hides nothing."""
    card = asked.card
    said = (card.number, card.fetcher, card.reason) if card else None
    return {
        "shown": asked.shown,
        "wishes": [asdict(wish) for wish in asked.wishes],
        **({"card": said} if said else {}),
    }


def _by_card(session: Session, me: Principal, entry: Entry, *, now: datetime) -> UUID | None:
    """Whose card it is, and the PIN too; None where no card has this number."""
    if not cards.is_number(entry.username):
        return None
    owner_id = cards.owner_of(session, entry.username)
    if owner_id is not None:
        keys = PinKeys(passwords=current_app.extensions["passwords"], keyring=edges.keyring())
        actor = me.actor(Permission.REDEMPTION_CREATE)
        cards.prove(session, owner_id, entry.password, keys=keys, actor=actor, now=now)
    return owner_id


def _order(me: Principal, asked: Asked, *, now: datetime) -> Order:
    return Order(
        me=me,
        shop_id=asked.shop_id,
        shown=asked.shown.strip(),
        card=asked.card,
        total=asked.total,
        wishes=asked.wishes,
        keyring=edges.keyring(),
        passwords=current_app.extensions["passwords"],
        now=now,
    )


def _sell(session: Session, order: Order, claim: Claim[Receipt | SaleQuestion]) -> None:
    sold = services.redeem(session, order, claim=claim)
    if isinstance(sold, Receipt):
        ring_after_commit(session, notices.send_waiting)


def _answer(session: Session, made: Receipt | SaleQuestion) -> Response:
    return receipt_answer(made) if isinstance(made, Receipt) else _waits(session, made)


def _waits(session: Session, question: SaleQuestion) -> Response:
    name = identity.names_of(session, {question.person_id})[question.person_id]
    body = {
        "id": question.id,
        "cost": question.cost,
        "member_name_masked": masking.name(name),
        "ends_at": question.ends_at,
    }
    return json_answer(ASKED, {"question": body}, status=202)
