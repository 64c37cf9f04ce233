"""What proves at a counter that a member wants it: a code, a card with a PIN, or a signature."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.claims import Claim
from app.core.clock import civil_day
from app.core.db import tenant_of
from app.core.idempotency import in_flight
from app.core.scans import CodeExpired, CodeMalformed, CodeUnknown, CodeUsed, code_in, counting
from app.households import delegations
from app.identity import cards
from app.identity.roles import Permission
from app.supermarket import codes, queries, recording
from app.supermarket.errors import (
    CODE_OVER,
    CODE_SPENT,
    CardUnknown,
    ProofWrong,
    SelfRedemption,
)
from app.supermarket.kinds import Way
from app.supermarket.models import RedeemCode
from app.supermarket.orders import Card, Order
from app.supermarket.scenes import Code, Scene

NO_CODE = "没有找到这个兑换码，请居民打开“兑换码”页面重新出示。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Whose points are to be spent, and what says so; the columns of the redemption's row."""

    way: Way
    person_id: UUID
    code_id: UUID | None = None
    delegation_id: UUID | None = None
    reason: str | None = None
    offline_sale_id: UUID | None = None  # signed for on paper, while there was no network
    pin_of: UUID | None = None  # whose PIN has to be right still
    burns: bool = False  # the code is used up by the sale itself, or by what refuses it


def take(session: Session, order: Order, scene: Scene, *, claim: Claim[Any] | None) -> Proof:
    """What was shown. A PIN is looked at by `prove_pin`.

    A code is used up from now on; or still to be, where the proof says that it `burns`: the
    statement that claims the key does it too. Raises `Repeated` where it was used up under the very
    key that is to be claimed.
    """
    if order.card is not None:
        order.card.check()
    if (order.card is None) is (not order.shown):
        raise ProofWrong("请出示兑换码，或者存折卡，二选一。")
    with _counted(session, order, scene.missed):
        if claim is not None and _is_short(order):
            claim.look(session)  # whoever asked the same was waited for
        if order.card is not None:
            return _card(session, order, order.card)
        code = _shown(session, order, scene)
        burns = _can_wait(scene.code, claim, now=order.now)
        if not burns:
            _burn(session, code, at=order.now, claim=claim)
    return Proof(
        way=Way.CODE,
        person_id=code.person_id,
        code_id=code.id,
        delegation_id=code.delegation_id,
        burns=burns,
    )


def burn(session: Session, order: Order, proof: Proof, *, claim: Claim[Any] | None) -> None:
    """Use the code up in a statement of its own, where the proof says that it burns.

    Raises `Repeated` or `CodeUsed` where somebody was quicker.
    """
    if proof.burns and proof.code_id is not None:
        with _counted(session, order, ()):
            _burn_now(session, proof.code_id, at=order.now, claim=claim)


def look(session: Session, order: Order) -> UUID:
    """Whose code or card it is; nothing is used up. What is wrong counts as at a sale."""
    with _counted(session, order):
        if order.card is not None:
            return _owner(session, order.card.number)
        return _checked(_find(session, order), order).person_id


def prove_pin(session: Session, order: Order, proof: Proof) -> None:
    """Refuse unless the PIN is right; a miss counts, whatever becomes of the sale."""
    if proof.pin_of is None:
        return
    assert order.card is not None  # whose PIN it is was read from it
    if proof.pin_of == order.me.person_id:
        raise SelfRedemption("不能给自己代领，请另一位管理员办理。")
    cards.prove(
        session,
        proof.pin_of,
        order.card.pin,
        keys=order.pin_keys,
        actor=order.me.actor(Permission.REDEMPTION_CREATE),
        now=order.now,
    )


@contextmanager
def _counted(
    session: Session, order: Order, missed: Sequence[datetime] | None = None
) -> Iterator[None]:
    with counting(
        session,
        person_id=order.me.person_id,
        now=order.now,
        guessable=_is_short(order),
        missed=missed,
    ):
        yield


def _is_short(order: Order) -> bool:
    """Digits and the numbers of cards are short enough to be guessed."""
    return order.card is not None or codes.is_typed(order.text)


def _card(session: Session, order: Order, card: Card) -> Proof:
    person_id = _owner(session, card.number)
    if card.way is not Way.ERRAND:
        return Proof(
            way=card.way,
            person_id=person_id,
            reason=card.reason if card.way is Way.PAPER else None,
            pin_of=person_id if card.way is Way.CARD_PIN else None,
        )
    fetcher = _owner(session, card.fetcher)
    day = civil_day(order.now, order.me.zone)
    return Proof(
        way=Way.ERRAND,
        person_id=person_id,
        delegation_id=delegations.between(
            session, person_id=person_id, delegate_id=fetcher, on=day
        ),
        reason=card.reason,
        pin_of=fetcher,
    )


def _owner(session: Session, number: str) -> UUID:
    owner = cards.owner_of(session, number)
    if owner is None:
        raise CardUnknown("没有找到这张存折卡，请核对卡号，或扫卡上的二维码。")
    return owner


def hash_of(order: Order) -> bytes | None:
    """The digest of a scanned code, if that is what was shown."""
    text = _scanned(order)
    return codes.digest(text) if codes.is_scanned(text) else None


def _shown(session: Session, order: Order, scene: Scene) -> Code | RedeemCode:
    """The code shown, as it was issued; of typed digits nothing is known before."""
    code = scene.code or _find(session, order)
    if code is None:
        raise CodeUnknown(NO_CODE)
    return code


def _can_wait(code: Code | None, claim: Claim[Any] | None, *, now: datetime) -> bool:
    """Whether the code can be burnt where the key is claimed: both are known, and it is good."""
    if code is None or claim is None or claim.ask.key is None:
        return False
    return code.burnt_at is None and code.expires_at > now


def _burn(
    session: Session, code: Code | RedeemCode, *, at: datetime, claim: Claim[Any] | None
) -> None:
    """It is used up from now on, also where it is too late."""
    _burn_now(session, code.id, at=at, claim=claim)
    if code.expires_at <= at:
        raise CodeExpired(CODE_OVER)


def _burn_now(session: Session, code_id: UUID, *, at: datetime, claim: Claim[Any] | None) -> None:
    with in_flight():
        burnt = recording.burn(session, code_id, at=at)
    if not burnt:
        if claim is not None:
            claim.look(session)
        raise CodeUsed(CODE_SPENT)


def _checked(code: RedeemCode | None, order: Order) -> RedeemCode:
    known = _known(code)
    if known.burnt_at is not None:
        raise CodeUsed(CODE_SPENT)
    if known.expires_at <= order.now:
        raise CodeExpired(CODE_OVER)
    return known


def _known(code: RedeemCode | None) -> RedeemCode:
    if code is None:
        raise CodeUnknown(NO_CODE)
    return code


def _find(session: Session, order: Order) -> RedeemCode | None:
    if codes.is_typed(order.text):
        digits_hash = codes.digits_digest(order.text, order.keyring, tenant_of(session))
        return queries.lock_code_by_digits(session, digits_hash=digits_hash)
    code = _scanned(order)
    if not codes.is_scanned(code):
        raise CodeMalformed("这不是兑换码，请扫描居民手机上的“兑换码”，或输入码下方的 10 位数字。")
    return queries.lock_code(session, code_hash=codes.digest(code))


def _scanned(order: Order) -> str:
    """The code in what was shown, or nothing."""
    with suppress(CodeMalformed):  # its sentence is for residents; managers are told ours
        return code_in(order.text)
    return ""
