"""签到表 over HTTP: a list on paper for people without a phone, and its entry in one go."""

from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from flask import Response
from sqlalchemy.orm import Session

from app.activities import entering, lists, sheets
from app.activities.arrival_schemas import EntryAnswer, EntryRequest, ListAnswer, ListRequest
from app.activities.deciphering import Batch, Line
from app.core import clock, edges
from app.core.db import transaction
from app.core.http import ApiBlueprint, json_answer
from app.core.idempotency import Ask, client_key, header, once
from app.core.queue import ring_after_commit
from app.identity.access import current_principal, requires
from app.identity.roles import Permission
from app.ledger import jobs as ledger_jobs

bp = ApiBlueprint("attendance_lists", __name__, description="签到表与名单补登")

KEY_TEXT = "这次补登的唯一编号；重复提交返回第一次的结果"
ENTERED = EntryAnswer()


@bp.post("/activities/<uuid:activity_id>/attendance-lists")
@requires(Permission.ATTENDANCE_AID)
@bp.takes(ListRequest)
@bp.gives(201, ListAnswer)
def create_attendance_list(body: dict[str, Any], activity_id: UUID) -> dict[str, Any]:
    """Draw up the list of an activity to be printed: everybody with a place, and empty lines.

    Whoever looks after a building or a grid prints those who live there.
    """
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        made = lists.draw_up(session, activity_id, blank=body["blank"], me=me, now=now)
        return _answer(session, made.code)


@bp.get("/attendance-lists/<code>")
@requires(Permission.ATTENDANCE_AID)
@bp.gives(200, ListAnswer)
def get_attendance_list(code: str) -> dict[str, Any]:
    """A printed list by its number, and who of it has come already."""
    with transaction(current_principal().tenant_id) as session:
        return _answer(session, code)


@bp.get("/attendance-lists/<code>/paper")
@requires(Permission.ATTENDANCE_AID)
@bp.draws("application/pdf")
def get_attendance_list_paper(code: str) -> Response:
    """The list as it is printed, A4 sheets as a PDF."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        roll, _activity = lists.roll_of(session, code, vault=edges.vault(), me=me)
    printed = replace(roll, address=edges.page_address(f"/staff/lists/{roll.code}"))
    return Response(sheets.pdf(printed), content_type="application/pdf")


@bp.post("/attendance-lists/<code>/entries")
@requires(Permission.ATTENDANCE_AID)
@header("Idempotency-Key", required=False, text=KEY_TEXT)
@bp.takes(EntryRequest)
@bp.gives(201, EntryAnswer)
def enter_attendance_list(body: dict[str, Any], code: str) -> Response:
    """Write down everybody who signed a list on paper; all of them, or nobody.

    Who is written down already stays as they are. A refusal names what is wrong by the line.
    """
    me, now = current_principal(), clock.now()
    route = f"list-entry:{code}"
    ask = Ask(actor_id=me.person_id, key=client_key(), route=route, body=body, now=now)
    batch = Batch(
        me=me,
        code=code,
        reason=body["reason"],
        lines=[Line(**line) for line in body["lines"]],
        vault=edges.vault(),
        now=now,
    )
    with transaction(me.tenant_id) as session:
        ring_after_commit(session, ledger_jobs.settle_waiting)
        return once(session, ask, partial(_entered, session, batch))


def _entered(session: Session, batch: Batch) -> Response:
    out = entering.enter(session, batch)
    said = {"attendances": out.attendances, "waiting": out.waiting, "already": out.already}
    return json_answer(ENTERED, said, status=201)


def _answer(session: Session, code: str) -> dict[str, Any]:
    me, now = current_principal(), clock.now()
    listed, activity, circle = lists.kept_list(session, code, me=me)
    places, unseen = lists.places_of(session, listed, circle, vault=edges.vault(), me=me)
    return {
        "attendance_list": {
            "code": listed.code,
            "activity_id": listed.activity_id,
            "printed_at": listed.printed_at,
            "address": edges.page_address(f"/staff/lists/{listed.code}"),
            "blank": listed.blank,
            "late": lists.is_late(listed, activity, now=now, zone=me.zone),
            "lines": places,
            "unseen": unseen,
        }
    }
