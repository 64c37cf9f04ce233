"""What people do with what waits, as the API and the pages both do it: once for a key."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Response
from sqlalchemy.orm import Session

from app.core import clock, edges
from app.core.db import transaction
from app.core.errors import from_engine
from app.core.http import json_answer
from app.core.idempotency import Ask, once, required
from app.core.queue import ring_after_commit
from app.households import acting
from app.households.kinds import Act
from app.identity.roles import Principal
from app.notices import jobs as notices
from app.supermarket import codes, donating, fetching, kept, reserving, returning
from app.supermarket.counter import receipt_answer
from app.supermarket.fetching import Fetch
from app.supermarket.kinds import DonationGoal, Fate
from app.supermarket.models import Reservation, ReservationLine
from app.supermarket.orders import Wish
from app.supermarket.reserving import Booking
from app.supermarket.returning import Back
from app.supermarket.schemas import DonationAnswer, ReservationAnswer, ReturnAnswer
from points_engine import PointsError

Deed = Callable[[Session], Response]
Pieces = Mapping[UUID, int] | None


def reserve(
    me: Principal,
    *,
    key: str | None,
    shop_id: UUID,
    wishes: tuple[Wish, ...],
    on_behalf_of: UUID | None,
) -> Response:
    """Keep goods for the caller, or for whom they act."""
    now = clock.now()

    def deed(session: Session) -> Response:
        errand = acting.errand(session, me, on_behalf_of, act=Act.REDEEM, now=now)
        booking = Booking(
            errand=errand, shop_id=shop_id, wishes=wishes, keyring=edges.keyring(), now=now
        )
        done = reserving.reserve(session, booking)
        body = {"reservation": shown(done.reservation, done.lines, code=done.code)}
        return json_answer(ReservationAnswer(), body, status=201)

    pieces = [[str(wish.item_id), wish.quantity] for wish in wishes]
    body = {"lines": pieces, "for": str(on_behalf_of)}
    return _once(me, key=key, route=f"reserve:{shop_id}", body=body, deed=deed)


def cancel(
    me: Principal, *, key: str | None, reservation_id: UUID, on_behalf_of: UUID | None
) -> Response:
    """Give up what is kept for the caller, or for whom they act."""
    now = clock.now()

    def deed(session: Session) -> Response:
        errand = acting.errand(session, me, on_behalf_of, act=Act.REDEEM, now=now)
        row = reserving.cancel(session, errand.me, reservation_id, now=now)
        lines = kept.lines_of(session, [row.id])[row.id]
        return json_answer(ReservationAnswer(), {"reservation": shown(row, lines)}, status=200)

    body = {"for": str(on_behalf_of)}
    return _once(me, key=key, route=f"cancel:{reservation_id}", body=body, deed=deed)


def pick_up(
    me: Principal, *, key: str | None, shop_id: UUID, code: str, pieces: Pieces
) -> Response:
    """Hand over what waits under a code."""
    fetch = Fetch(
        me=me,
        shop_id=shop_id,
        shown=code,
        pieces=pieces,
        keyring=edges.keyring(),
        now=clock.now(),
    )
    told_apart = codes.pickup_digest(fetch.text, fetch.keyring, me.tenant_id)
    body = {"code": told_apart.hex(), "pieces": _plain(pieces)}
    return _once(
        me,
        key=key,
        route=f"pick_up:{shop_id}",
        body=body,
        deed=lambda session: receipt_answer(fetching.pick_up(session, fetch)),
    )


def take_back(
    me: Principal,
    *,
    key: str | None,
    redemption_id: UUID,
    reason: str,
    fate: Fate,
    pieces: Pieces,
) -> Response:
    """Take goods back for a defect."""
    back = Back(
        me=me,
        redemption_id=redemption_id,
        reason=reason,
        fate=fate,
        pieces=pieces,
        now=clock.now(),
    )

    def deed(session: Session) -> Response:
        done = returning.take_back(session, back)
        body = {
            "id": redemption_id,
            "state": "refunded" if done.is_all else "completed",
            "points_returned": done.row.points,
            "at": back.now,
        }
        return json_answer(ReturnAnswer(), {"redemption": body}, status=201)

    body = {"reason": reason, "fate": fate.value, "pieces": _plain(pieces)}
    return _once(me, key=key, route=f"return:{redemption_id}", body=body, deed=deed)


def donate(me: Principal, *, key: str | None, points: int, goal: DonationGoal) -> Response:
    """Give points away."""
    now = clock.now()

    def deed(session: Session) -> Response:
        given = donating.give(session, me, points=points, goal=goal, now=now)
        body = {
            "id": given.donation.id,
            "points": points,
            "goal": goal.value,
            "balance_after": given.balance_after,
            "at": now,
        }
        return json_answer(DonationAnswer(), {"donation": body}, status=201)

    body = {"points": points, "goal": goal.value}
    return _once(me, key=key, route="donate", body=body, deed=deed)


def shown(
    row: Reservation, lines: Sequence[ReservationLine], *, code: str | None = None
) -> dict[str, Any]:
    """A reservation as an answer has it; the code is for who may fetch it, while it is open."""
    return {
        "id": row.id,
        "shop_id": row.shop_id,
        "shop_name": row.place,
        "state": row.state,
        "cost": row.cost,
        "lines": [
            {
                "item_id": line.item_id,
                "name": line.name,
                "quantity": line.quantity,
                "points": line.points * line.quantity,
            }
            for line in lines
        ],
        "code": code if row.state == "open" else None,
        "reserved_at": row.reserved_at,
        "expires_at": row.expires_at,
    }


def _plain(pieces: Pieces) -> dict[str, int] | None:
    return None if pieces is None else {str(each): most for each, most in pieces.items()}


def _once(
    me: Principal, *, key: str | None, route: str, body: dict[str, Any], deed: Deed
) -> Response:
    """In one unit of work, and once for the key; what the books refuse is said in our words."""
    ask = Ask(actor_id=me.person_id, key=required(key), route=route, body=body, now=clock.now())

    with transaction(me.tenant_id) as session:

        def act() -> Response:
            ring_after_commit(session, notices.send_waiting)
            try:
                return deed(session)
            except PointsError as error:
                raise from_engine(error) from error

        return once(session, ask, act)
