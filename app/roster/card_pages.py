"""存折卡: found by its number, printed, and its PIN chosen by the person before staff."""

from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.core import clock, edges, qr
from app.core.db import transaction
from app.core.errors import DomainError
from app.core.forms import FieldWrong, text_in
from app.core.problems import shown_on
from app.identity import cards
from app.identity.access import current_principal, page_requires
from app.identity.cards import Chosen, PinKeys
from app.identity.roles import Duty, DutyGroup, Permission
from app.roster import people
from app.roster.errors import NO_CARD, ResidentUnknown

bp = Blueprint("card_pages", __name__, template_folder="templates")

PLACE = "/staff/cards"
LONGEST_CARD, LONGEST_PIN, LONGEST_REASON = 20, 6, 200
DUTIES = (
    Duty(
        permission=Permission.CARD_MANAGE,
        path=PLACE,
        group=DutyGroup.POINTS,
        title="存折卡",
        text="给没有手机的居民打印存折卡，当面设取物密码",
    ),
)


@bp.get(PLACE)
@page_requires(Permission.CARD_MANAGE)
def show_finder() -> ResponseReturnValue:
    """A field for the number of a card."""
    return render_template("roster/cards.html", problem=None)


@bp.post(PLACE)
@page_requires(Permission.CARD_MANAGE)
def find() -> ResponseReturnValue:
    """Lead to the card of that number."""
    me = current_principal()
    try:
        number = text_in("card_no", most=LONGEST_CARD, needed="请扫卡，或输入卡号。")
        with transaction(me.tenant_id) as session:
            person_id = cards.owner_of(session, number)
            if person_id is None:
                raise ResidentUnknown(NO_CARD)
            people.card_holder(session, person_id, me=me)
    except DomainError as refusal:
        page = render_template("roster/cards.html", problem=NO_CARD)
        return shown_on((page, refusal.status), refusal)
    return redirect(f"{PLACE}/{person_id}", code=303)


@bp.get(f"{PLACE}/<uuid:person_id>")
@page_requires(Permission.CARD_MANAGE)
def show_card(person_id: UUID) -> ResponseReturnValue:
    """A person's card to be printed, and whether it has a PIN."""
    return _card(person_id, problem=None)


@bp.post(f"{PLACE}/<uuid:person_id>/number")
@page_requires(Permission.CARD_MANAGE)
def issue(person_id: UUID) -> ResponseReturnValue:
    """Give the person a card, where they have none."""
    me = current_principal()
    try:
        with transaction(me.tenant_id) as session:
            people.card_holder(session, person_id, me=me)
            cards.issue(session, person_id, me=me, now=clock.now())
    except DomainError as refusal:
        return shown_on((_card(person_id, problem=refusal.detail), refusal.status), refusal)
    return _done(person_id)


@bp.post(f"{PLACE}/<uuid:person_id>/pin")
@page_requires(Permission.CARD_MANAGE)
def choose_pin(person_id: UUID) -> ResponseReturnValue:
    """Keep the PIN the person typed twice, out of sight of staff."""
    me = current_principal()
    try:
        chosen = Chosen(
            person_id=person_id,
            pin=_typed_twice(),
            reason=text_in("reason", most=LONGEST_REASON),
        )
        with transaction(me.tenant_id) as session:
            people.card_holder(session, person_id, me=me)
            cards.choose(session, edges.vault(), chosen, me=me, keys=_keys(), now=clock.now())
    except DomainError as refusal:
        return shown_on((_card(person_id, problem=refusal.detail), refusal.status), refusal)
    return _done(person_id)


def _typed_twice() -> str:
    first, second = (request.form.get(name, "")[: LONGEST_PIN + 1] for name in ("pin", "again"))
    if first != second:
        raise FieldWrong("两次输入的取物密码不一样，请再输入一遍。", errors={"again": ["不一样"]})
    return first


def _keys() -> PinKeys:
    return PinKeys(passwords=current_app.extensions["passwords"], keyring=edges.keyring())


def _card(person_id: UUID, *, problem: str | None) -> str:
    me = current_principal()
    with transaction(me.tenant_id) as session:
        found = people.card_holder(session, person_id, me=me)
        pin = cards.pin_of(session, person_id)
        shown: dict[str, Any] = people.rows(session, edges.vault(), [found])[0]
    return render_template(
        "roster/card.html",
        may_print=me.may_somewhere(Permission.PASSBOOK_PRINT),
        person=shown,
        number=found.card_no or "",
        qr_svg=qr.svg(found.card_no, label="存折卡") if found.card_no else "",
        pin="none" if pin is None else "locked" if pin.locked_at else "set",
        problem=problem,
        just_done=edges.just_done(),
    )


def _done(person_id: UUID) -> ResponseReturnValue:
    edges.note_done()
    return redirect(f"{PLACE}/{person_id}", code=303)
