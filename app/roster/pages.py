"""The pages of staff about people: 居民, one person's file, and the export."""

from typing import Any
from uuid import UUID

from flask import Blueprint, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.core import clock, edges
from app.core.db import transaction
from app.core.errors import DomainError
from app.core.forms import day_in, id_in, text_in, whole_in
from app.core.problems import shown_on
from app.households import delegations, guardians
from app.households import services as households
from app.households.delegations import Mandate
from app.households.guardians import Consenting
from app.households.kinds import Act, Consent, Kinship
from app.households.labels import ACTS, CONSENTS, KINSHIPS
from app.households.services import MoveIn
from app.identity.access import current_principal, page_requires, require_fresh
from app.identity.roles import Duty, DutyGroup, Permission
from app.roster import exporting, people
from app.roster.errors import ResidentUnknown

bp = Blueprint("roster_pages", __name__, template_folder="templates")

DUTIES = (
    Duty(
        permission=Permission.PEOPLE_READ,
        path="/staff/people",
        group=DutyGroup.PEOPLE,
        title="居民",
        text="按姓名、手机号、卡号找人，看一个人的档案",
    ),
)
LARGEST_LIMIT = 1000
LONGEST_DOOR = 60
USUAL_ACTS = frozenset({Act.READ, Act.REDEEM})
FORMS = {
    "csv": ("text/csv; charset=utf-8", exporting.as_csv),
    "xlsx": (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        exporting.as_xlsx,
    ),
}
WITNESSED = (Consent.IN_PERSON, Consent.PAPER)


@bp.get("/staff/people")
@page_requires(Permission.PEOPLE_READ)
def show_people() -> ResponseReturnValue:
    """Some of one's own people, and a field to find the others."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        found = people.latest(session, edges.vault(), me=me)
    return _people(found, asked="")


@bp.post("/staff/people")
@page_requires(Permission.PEOPLE_READ)
def search() -> ResponseReturnValue:
    """Find people. What is asked for is in the body: addresses are logged and remembered."""
    me = current_principal()
    asked = text_in("q", most=60)
    with transaction(me.tenant_id) as session:
        vault = edges.vault()
        found = (
            people.search(session, vault, asked, me=me)
            if asked
            else people.latest(session, vault, me=me)
        )
    return _people(found, asked=asked)


@bp.post("/staff/people/export")
@page_requires(Permission.PEOPLE_EXPORT)
def export() -> ResponseReturnValue:
    """One's own people as a file, masked."""
    me = current_principal()
    require_fresh(me)
    form = request.form.get("form", "") if request.form.get("form") in FORMS else "xlsx"
    content_type, made = FORMS[form]
    with transaction(me.tenant_id) as session:
        rows = exporting.table(session, edges.vault(), me=me, form=form, now=clock.now())
    answer = make_response(made(rows))
    answer.headers["Content-Type"] = content_type
    answer.headers["Content-Disposition"] = f'attachment; filename="people.{form}"'
    return answer


@bp.get("/staff/people/<uuid:person_id>")
@page_requires(Permission.PEOPLE_READ)
def show_file(person_id: UUID) -> ResponseReturnValue:
    """One person's file."""
    return _file(person_id, problem=None)


@bp.post("/staff/people/<uuid:person_id>/delegates")
@page_requires(Permission.HOUSEHOLD_MANAGE)
def witness(person_id: UUID) -> ResponseReturnValue:
    """Enter a delegate to whom the person has agreed before oneself."""
    me = current_principal()
    try:
        mandate = Mandate(
            person_id=person_id,
            delegate_id=_somebody("delegate_id"),
            acts=_acts(),
            daily_limit=whole_in("daily_limit", most=LARGEST_LIMIT),
            consent=_witnessed(),
        )
        with transaction(me.tenant_id) as session:
            delegations.witness(session, mandate, me=me, now=clock.now())
    except DomainError as refusal:
        return shown_on(_file(person_id, problem=refusal.detail), refusal)
    return _done(person_id)


@bp.post("/staff/people/<uuid:person_id>/delegates/<uuid:mandate_id>/revoke")
@page_requires(Permission.HOUSEHOLD_MANAGE)
def revoke(person_id: UUID, mandate_id: UUID) -> ResponseReturnValue:
    """Take a mandate back at the counter."""
    me = current_principal()
    try:
        with transaction(me.tenant_id) as session:
            delegations.revoke(session, me=me, mandate_id=mandate_id, now=clock.now())
    except DomainError as refusal:
        return shown_on(_file(person_id, problem=refusal.detail), refusal)
    return _done(person_id)


@bp.post("/staff/people/<uuid:person_id>/guardians")
@page_requires(Permission.HOUSEHOLD_MANAGE)
def consent(person_id: UUID) -> ResponseReturnValue:
    """Enter a guardian's consent."""
    me, kinship = current_principal(), request.form.get("kinship", "")
    try:
        consenting = Consenting(
            person_id=person_id,
            guardian_id=_somebody("guardian_id"),
            kinship=Kinship(kinship) if kinship in set(Kinship) else Kinship.GUARDIAN,
            consent=_witnessed(),
        )
        with transaction(me.tenant_id) as session:
            guardians.consent(session, edges.vault(), consenting, me=me, now=clock.now())
    except DomainError as refusal:
        return shown_on(_file(person_id, problem=refusal.detail), refusal)
    return _done(person_id)


@bp.post("/staff/people/<uuid:person_id>/guardians/<uuid:consent_id>/withdraw")
@page_requires(Permission.HOUSEHOLD_MANAGE)
def withdraw(person_id: UUID, consent_id: UUID) -> ResponseReturnValue:
    """A guardian agrees no longer."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        guardians.withdraw(session, consent_id, me=me, now=clock.now())
    return _done(person_id)


@bp.post("/staff/people/<uuid:person_id>/household")
@page_requires(Permission.HOUSEHOLD_MANAGE)
def move_in(person_id: UUID) -> ResponseReturnValue:
    """Let the person belong to the household behind a door, from a day on."""
    me, now = current_principal(), clock.now()
    try:
        unit_id, door = id_in("unit_id"), text_in("door", most=LONGEST_DOOR, needed="请填写门牌。")
        on, is_head = day_in("on"), "is_head" in request.form
        with transaction(me.tenant_id) as session:
            people.refuse_stranger(session, person_id, me=me)
            home = households.open_door(
                session, unit_id=unit_id or person_id, door=door, me=me, now=now
            )
            move = MoveIn(person_id=person_id, household_id=home.id, on=on, is_head=is_head)
            households.move_in(session, move, me=me, now=now)
    except DomainError as refusal:
        return shown_on(_file(person_id, problem=refusal.detail), refusal)
    return _done(person_id)


@bp.post("/staff/people/<uuid:person_id>/household/leave")
@page_requires(Permission.HOUSEHOLD_MANAGE)
def move_out(person_id: UUID) -> ResponseReturnValue:
    """Let the person belong to no household from a day on."""
    me = current_principal()
    try:
        on = day_in("on")
        with transaction(me.tenant_id) as session:
            households.move_out(session, me=me, person_id=person_id, on=on, now=clock.now())
    except DomainError as refusal:
        return shown_on(_file(person_id, problem=refusal.detail), refusal)
    return _done(person_id)


@bp.post("/staff/people/<uuid:person_id>/household/head")
@page_requires(Permission.HOUSEHOLD_MANAGE)
def name_head(person_id: UUID) -> ResponseReturnValue:
    """Let the person be the head of their household."""
    me = current_principal()
    try:
        with transaction(me.tenant_id) as session:
            households.name_head(session, me=me, person_id=person_id, now=clock.now())
    except DomainError as refusal:
        return shown_on(_file(person_id, problem=refusal.detail), refusal)
    return _done(person_id)


def _done(person_id: UUID) -> ResponseReturnValue:
    edges.note_done()
    return redirect(f"/staff/people/{person_id}", code=303)


def _people(found: list[dict[str, Any]], *, asked: str) -> str:
    me = current_principal()
    return render_template(
        "roster/people.html",
        people=found,
        asked=asked,
        cut=len(found) == people.MOST,
        may_export=me.may_somewhere(Permission.PEOPLE_EXPORT),
        may_import=me.may_somewhere(Permission.PEOPLE_IMPORT),
    )


def _file(person_id: UUID, *, problem: str | None) -> str:
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        shown = people.file_of(
            session, edges.vault(), person_id, me=me, on=clock.civil_day(now, me.zone)
        )
    return render_template(
        "roster/file.html",
        problem=problem,
        just_done=edges.just_done(),
        today=clock.civil_day(now, me.zone).isoformat(),
        given=request.form,
        may_manage=me.may_somewhere(Permission.HOUSEHOLD_MANAGE),
        may_manage_cards=me.may_somewhere(Permission.CARD_MANAGE),
        may_unmask=me.may_somewhere(Permission.PERSON_UNMASK),
        may_release=me.may_somewhere(Permission.PHONE_CHECK),
        acts=[(act.value, label) for act, label in ACTS.items()],
        consents=[(one.value, CONSENTS[one]) for one in WITNESSED],
        kinships=[(one.value, label) for one, label in KINSHIPS.items()],
        **shown,
    )


def _somebody(field: str) -> UUID:
    chosen = id_in(field)
    if chosen is None:
        raise ResidentUnknown("请先选择一个人；同一户的家人会列在这里。")
    return chosen


def _acts() -> frozenset[Act]:
    """What was ticked; reading and fetching where the form says nothing."""
    ticked = request.form.getlist("acts")
    return frozenset(act for act in Act if act.value in ticked) or USUAL_ACTS


def _witnessed() -> Consent:
    said = request.form.get("consent", "")
    return Consent(said) if said in {one.value for one in WITNESSED} else Consent.IN_PERSON
