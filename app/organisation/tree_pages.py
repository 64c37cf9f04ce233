"""The pages of the tree: 组织架构, and what may be changed in it."""

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.core import clock, edges
from app.core.db import transaction
from app.core.errors import DomainError
from app.core.forms import FieldWrong, day_in, id_in, text_in
from app.core.problems import shown_on
from app.identity.access import current_principal, lead_on, page_requires
from app.identity.roles import Duty, DutyGroup, Permission, Principal
from app.organisation import chart, closing, services, stationed
from app.organisation.errors import NO_UNIT, ContactUnknown, UnitUnknown
from app.organisation.kinds import Nature, UnitKind
from app.organisation.labels import NATURES

bp = Blueprint("tree_pages", __name__, template_folder="templates")

TREE = "/staff/organisation"
UNIT = f"{TREE}/<uuid:unit_id>"
DUTIES = (
    Duty(
        permission=Permission.ORG_READ,
        path=TREE,
        group=DutyGroup.SYSTEM,
        title="组织架构",
        text="看一看上下级、驻区单位，调整要留日期和原因",
    ),
)


@bp.get(TREE)
@page_requires(Permission.ORG_READ)
def show_tops() -> ResponseReturnValue:
    """The tops of one's own subtrees; the only one opens by itself."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        tops = chart.tops(session, me)
    if len(tops) == 1:
        return _unit(UUID(tops[0]["id"]), problem=None)
    return render_template("organisation/tops.html", tops=tops)


@bp.get(UNIT)
@page_requires(Permission.ORG_READ)
def show_unit(unit_id: UUID) -> ResponseReturnValue:
    """A unit: what stands above and under it, where it stood, and what it does."""
    return _unit(unit_id, problem=None)


@bp.post(f"{UNIT}/children")
@page_requires(Permission.ORG_MANAGE)
def found(unit_id: UUID) -> ResponseReturnValue:
    """Make a unit under this one."""

    def make(session: Session, me: Principal) -> None:
        founding = services.Founding(
            parent_id=unit_id,
            kind=_kind(),
            name=text_in("name", most=60, needed="请填写名称。"),
            on=day_in("on"),
        )
        services.found_unit(session, founding, me=me, now=clock.now())

    return _done(unit_id, make)


@bp.post(f"{UNIT}/name")
@page_requires(Permission.ORG_MANAGE)
def rename(unit_id: UUID) -> ResponseReturnValue:
    """Let the unit be called otherwise."""

    def call(session: Session, me: Principal) -> None:
        name = text_in("name", most=60, needed="请填写新的名称。")
        services.rename_unit(session, unit_id=unit_id, name=name, me=me, now=clock.now())

    return _done(unit_id, call)


@bp.post(f"{UNIT}/move")
@page_requires(Permission.ORG_MANAGE)
def move(unit_id: UUID) -> ResponseReturnValue:
    """Let the unit stand elsewhere from a day on."""

    def carry(session: Session, me: Principal) -> None:
        to = services.Move(
            unit_id=unit_id,
            parent_id=id_in("parent_id") or unit_id,
            on=day_in("on"),
            reason=text_in("reason", most=200),
        )
        services.move_unit(session, to, me=me, now=clock.now())

    return _done(unit_id, carry)


@bp.post(f"{UNIT}/closing")
@page_requires(Permission.ORG_MANAGE)
def close(unit_id: UUID) -> ResponseReturnValue:
    """Close the unit from today on."""
    end = closing.End(
        unit_id=unit_id, reason=text_in("reason", most=200), occupied=edges.occupied()
    )
    return _done(unit_id, lambda session, me: closing.close(session, end, me=me, now=clock.now()))


@bp.post(f"{UNIT}/reopening")
@page_requires(Permission.ORG_MANAGE)
def reopen(unit_id: UUID) -> ResponseReturnValue:
    """Let the unit be open again."""
    reason = text_in("reason", most=200)
    return _done(
        unit_id,
        lambda session, me: closing.reopen(
            session, unit_id=unit_id, reason=reason, me=me, now=clock.now()
        ),
    )


@bp.post(f"{UNIT}/units")
@page_requires(Permission.REGISTRATION_DECIDE)
def station_unit(unit_id: UUID) -> ResponseReturnValue:
    """Enter a unit that registers with the community."""
    nature = request.form.get("nature", "")

    def enter(session: Session, me: Principal) -> None:
        arriving = stationed.Arriving(
            community_id=unit_id,
            name=text_in("name", most=60, needed="请填写单位名称。"),
            nature=Nature(nature) if nature in set(Nature) else Nature.ORGAN,
        )
        stationed.station_unit(session, arriving, me=me, now=clock.now())

    return _done(unit_id, enter)


@bp.post(f"{UNIT}/seats")
@page_requires(Permission.REGISTRATION_DECIDE)
def seat(unit_id: UUID) -> ResponseReturnValue:
    """Give somebody of a stationed unit a seat in this committee."""

    def give(session: Session, me: Principal) -> None:
        found = chart.somebody(session, edges.vault(), text_in("who", most=60), me=me)
        if found is None:
            raise ContactUnknown(
                "没有找到唯一的一个人，请填完整姓名、手机号或存折卡号；没有登记的，先在“居民”里导入。"
            )
        stationed.seat(
            session,
            me=me,
            unit_id=id_in("unit_id") or unit_id,
            committee_id=unit_id,
            person_id=found,
            now=clock.now(),
        )

    return _done(unit_id, give)


@bp.post(f"{UNIT}/seats/<uuid:seat_id>/end")
@page_requires(Permission.REGISTRATION_DECIDE)
def unseat(unit_id: UUID, seat_id: UUID) -> ResponseReturnValue:
    """Let a seat be free from today on."""
    return _done(
        unit_id,
        lambda session, me: stationed.unseat(session, me=me, seat_id=seat_id, now=clock.now()),
    )


@bp.post(f"{TREE}/labels")
@page_requires(Permission.ORG_MANAGE)
def label() -> ResponseReturnValue:
    """Say what the city calls a kind of unit."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        text = text_in("label", most=20, needed="请填写称呼。")
        services.label_kind(session, kind=_kind(), label=text, me=me, now=clock.now())
    edges.note_done()
    return lead_on(TREE)


def _kind() -> UnitKind:
    kind = request.form.get("kind", "")
    if kind not in set(UnitKind):
        raise FieldWrong("请先选择是哪一类组织。", errors={"kind": ["必选"]})
    return UnitKind(kind)


Deed = Callable[[Session, Principal], object]


def _done(unit_id: UUID, deed: Deed) -> ResponseReturnValue:
    """Do it, and lead back to the unit; where it is refused, say why above its form."""
    me = current_principal()
    try:
        with transaction(me.tenant_id) as session:
            deed(session, me)
    except DomainError as refusal:
        return shown_on(_unit(unit_id, problem=refusal.detail), refusal)
    edges.note_done()
    return lead_on(f"{TREE}/{unit_id}")


def _unit(unit_id: UUID, *, problem: str | None) -> str:
    me = current_principal()
    with transaction(me.tenant_id) as session:
        shown = chart.unit(session, me, unit_id)
    if shown is None:
        raise UnitUnknown(NO_UNIT)
    return render_template(
        "organisation/unit.html",
        problem=problem,
        just_done=edges.just_done(),
        today=clock.civil_day(clock.now(), me.zone).isoformat(),
        natures=[(one.value, label) for one, label in NATURES.items()],
        given=request.form,
        **shown,
    )
