"""存折卡 over HTTP: found by number, given out, and its PIN chosen by the person before staff."""

from typing import Any
from uuid import UUID

from flask import Response, current_app
from sqlalchemy.orm import Session

from app.core import clock, edges
from app.core.db import transaction
from app.core.http import ApiBlueprint, json_answer
from app.core.idempotency import Ask, client_key, header, once, required
from app.identity import cards
from app.identity.access import current_principal, requires
from app.identity.cards import Chosen, PinKeys
from app.identity.queries import Listed
from app.identity.roles import Permission
from app.roster import people
from app.roster.errors import NO_CARD, ResidentUnknown
from app.roster.schemas import CardAnswer, CardSearchRequest, PinRequest

bp = ApiBlueprint("person_cards", __name__, description="存折卡")


@bp.post("/person-cards/search")
@requires(Permission.CARD_MANAGE)
@bp.takes(CardSearchRequest)
@bp.gives(200, CardAnswer)
def find_person_card(body: dict[str, str]) -> dict[str, Any]:
    """Whose card has that number, among the people of one's own communities."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        person_id = cards.owner_of(session, body["number"])
        if person_id is None:
            raise ResidentUnknown(NO_CARD)
        return _card(session, people.card_holder(session, person_id, me=me))


@bp.get("/people/<uuid:person_id>/card")
@requires(Permission.CARD_MANAGE)
@bp.gives(200, CardAnswer)
def get_person_card(person_id: UUID) -> dict[str, Any]:
    """A person's card to be printed, and whether it has a PIN; `number` is null without one."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        return _card(session, people.card_holder(session, person_id, me=me))


@bp.post("/people/<uuid:person_id>/card")
@requires(Permission.CARD_MANAGE)
@header("Idempotency-Key", required=True, text="这次发卡的唯一编号；重复提交返回第一次的结果")
@bp.gives(201, CardAnswer)
def create_person_card(person_id: UUID) -> Response:
    """Give the person a card, or answer the one they have: everybody has one number."""
    me, now = current_principal(), clock.now()

    def deed(session: Session) -> Response:
        people.card_holder(session, person_id, me=me)
        cards.issue(session, person_id, me=me, now=now)
        card = _card(session, people.card_holder(session, person_id, me=me))
        return json_answer(CardAnswer(), card, status=201)

    ask = Ask(
        actor_id=me.person_id,
        key=required(client_key()),
        route=f"person-card:{person_id}",
        body={},
        now=now,
    )
    with transaction(me.tenant_id) as session:
        return once(session, ask, lambda: deed(session))


@bp.post("/people/<uuid:person_id>/card/pin")
@requires(Permission.CARD_MANAGE)
@header("Idempotency-Key", required=True, text="这次设密码的唯一编号；重复提交返回第一次的结果")
@bp.takes(PinRequest)
@bp.gives(200, CardAnswer)
def choose_card_pin(body: dict[str, str], person_id: UUID) -> Response:
    """Keep the PIN that the person typed themself, twice alike, out of sight of staff.

    It is never shown again. Where there was one before, say why; the old one ends with its lock.
    """
    me, now, keys = current_principal(), clock.now(), _keys()
    chosen = Chosen(person_id=person_id, **body)

    def deed(session: Session) -> Response:
        holder = people.card_holder(session, person_id, me=me)
        cards.choose(session, edges.vault(), chosen, me=me, keys=keys, now=now)
        return json_answer(CardAnswer(), _card(session, holder), status=200)

    # Told apart by a keyed digest: a plain one of so few digits would hide nothing.
    mixed = keys.mixed(chosen.pin, tenant_id=me.tenant_id, person_id=person_id)
    ask = Ask(
        actor_id=me.person_id,
        key=required(client_key()),
        route=f"card-pin:{person_id}",
        body={"pin": mixed, "reason": chosen.reason},
        now=now,
    )
    with transaction(me.tenant_id) as session:
        return once(session, ask, lambda: deed(session))


def _keys() -> PinKeys:
    return PinKeys(passwords=current_app.extensions["passwords"], keyring=edges.keyring())


def _card(session: Session, holder: Listed) -> dict[str, Any]:
    pin = cards.pin_of(session, holder.id)
    return {
        "card": {
            "person_id": holder.id,
            "name_masked": people.shown_name(holder.name),
            "number": holder.card_no,
            "pin": "none" if pin is None else "locked" if pin.locked_at else "set",
        }
    }
