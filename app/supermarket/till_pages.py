"""The pages beside the counter: what waits for a phone, the day, hand-overs, and the report."""

from datetime import date
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.core import clock, masking
from app.core.db import transaction
from app.core.errors import DomainError
from app.core.forms import FieldWrong, text_in
from app.core.problems import shown_on
from app.identity import queries as identity
from app.identity.access import current_principal, end_former, forget, lead_on, page_requires
from app.identity.roles import Duty, DutyGroup, Permission
from app.identity.services import Entry
from app.organisation import queries as organisation
from app.supermarket import asking, counter, labels, services, shifts, till_receipts, web
from app.supermarket.kinds import QuestionState, Way
from app.supermarket.till_queries import Share

bp = Blueprint("till_pages", __name__, template_folder="templates")

LONGEST_NAME, LONGEST_PASSWORD = 64, 200
DUTIES = (
    Duty(
        permission=Permission.TILL_AUDIT,
        path="/staff/tills",
        group=DutyGroup.SHOP,
        title="兑换台监督",
        text="每位管理员兑换了多少、多少不是凭手机码、是不是总给同几个人",
    ),
)


@bp.get("/counter/<uuid:shop_id>/questions/<uuid:question_id>")
@page_requires(Permission.REDEMPTION_CREATE)
def show_question(shop_id: UUID, question_id: UUID) -> ResponseReturnValue:
    """What the member's phone has said by now to a sale that waits."""
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        services.shop_of(session, me=me, shop_id=shop_id)
        fate = asking.fate(session, question_id, shop_id=shop_id)
        sold = fate.redemption
        receipt = till_receipts.of(session, sold) if sold and sold.state == "completed" else None
        person_id = fate.question.person_id
        name = identity.names_of(session, {person_id})[person_id]
    if receipt is not None:
        body = counter.receipt_body(receipt)
        lines = [
            {"name": line.name, "quantity": line.quantity, "points": line.points}
            for line in receipt.lines
        ]
        outcome = web.sold({**body, "lines": lines}, me.zone)
    elif fate.waits(now):
        asked = {"member_name_masked": masking.name(name), "cost": fate.question.cost}
        outcome = web.waiting({**asked, "id": str(question_id)})
    else:
        outcome = web.refused(_why_not(fate))
    if outcome["kind"] != "waiting":  # the next one may stand there by now
        outcome["message"] = f"{masking.name(name)}：{outcome['message']}"
    return web.counter_page(shop_id, outcome=outcome, status=HTTPStatus.OK)


@bp.get("/counter/<uuid:shop_id>/day")
@page_requires(Permission.REDEMPTION_CREATE)
def show_day(shop_id: UUID) -> ResponseReturnValue:
    """Today's figures of a counter, and the form to hand it over."""
    return _day(shop_id, problem=None)


@bp.post("/counter/<uuid:shop_id>/hand-over")
@page_requires(Permission.REDEMPTION_CREATE)
def hand_over(shop_id: UUID) -> ResponseReturnValue:
    """Leave the counter to a colleague. One's own session ends, and they sign in."""
    try:
        entry = Entry(
            username=text_in(
                "username", most=LONGEST_NAME, needed="请接班的人刷存折卡，或输入登录名。"
            ),
            password=request.form.get("password", "")[:LONGEST_PASSWORD],
        )
        counter.hand_over(current_principal(), shop_id, entry)
    except DomainError as refusal:
        return shown_on((_day(shop_id, problem=refusal.detail), refusal.status), refusal)
    end_former()
    return forget(lead_on(f"/staff/login?next=/counter/{shop_id}&handed=1"))


@bp.get("/staff/tills")
@page_requires(Permission.TILL_AUDIT)
def show_report() -> ResponseReturnValue:
    """Who sold how much in a month, by which way, and to how few people."""
    me, now = current_principal(), clock.now()
    today = clock.civil_day(now, me.zone)
    month = _month(request.args.get("month", "")) or today.replace(day=1)
    with transaction(me.tenant_id) as session:
        tops = me.units_with(Permission.TILL_AUDIT)
        communities = organisation.communities_under(session, tops)
        shares, names, shops = shifts.report(session, communities, month=month, zone=me.zone)
    rows = [
        _row(share, name=names[share.manager_id], shop=shops[share.shop_id]) for share in shares
    ]
    return render_template("supermarket/tills.html", rows=rows, month=f"{month:%Y-%m}")


def _why_not(fate: asking.Fate) -> str:
    if fate.question.state == QuestionState.NO:
        return "居民在手机上选了“不兑换”，积分没有动。"
    if fate.question.state == QuestionState.YES:
        return "居民确认了，但是没有办成：商品已兑完、积分不够或价格变了。积分没有动，请重新扫码。"
    return "等了几分钟居民没有确认，这笔没有办，积分没有动。需要的话请重新扫码。"


def _day(shop_id: UUID, *, problem: str | None) -> str:
    me = current_principal()
    with transaction(me.tenant_id) as session:
        found = shifts.today(session, shop_id, me=me, now=clock.now())
    return render_template(
        "supermarket/day.html",
        shop={"id": str(found.shop.id), "name": found.shop.name},
        on=f"{clock.civil_day(clock.now(), me.zone):%Y-%m-%d}",
        day=found.day,
        ways=[(labels.WAYS[Way(way)], number) for way, number in sorted(found.day.ways.items())],
        refusals=labels.refusals(found.day.refusals),
        waiting=found.waiting,
        out=[
            {
                "by": found.names[row.granted_to],
                "at": clock.civil_text(row.granted_at, me.zone),
            }
            for row in found.out
        ],
        handovers=[
            {
                "at": clock.moment_text(each.at, me.zone),
                "from": found.names[each.from_id],
                "to": found.names[each.to_id],
                "sales": each.sales,
                "points": each.points,
            }
            for each in found.handovers
        ],
        manager_name=me.display_name,
        username=request.form.get("username", "")[:LONGEST_NAME],
        problem=problem,
    )


def _row(share: Share, *, name: str, shop: str) -> dict[str, Any]:
    without = share.card_pin + share.paper + share.errand + share.offline
    return {
        "manager": name,
        "shop": shop,
        "sales": share.sales,
        "points": share.points,
        "card_pin": share.card_pin,
        "paper": share.paper,
        "errand": share.errand,
        "offline": share.offline,
        "without": _percent(without, share.sales),
        "people": share.people,
        "most": _percent(share.most, share.sales),
        "refused": share.refused,
    }


def _percent(part: int, whole: int) -> str:
    return f"{100 * part // whole}%" if whole else "—"


def _month(text: str) -> date | None:
    try:
        return date.fromisoformat(f"{text}-01") if text else None
    except ValueError as error:
        raise FieldWrong("请选一个月份，例如 2026-03。") from error
