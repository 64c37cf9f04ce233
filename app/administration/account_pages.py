"""The pages of staff accounts: made, mended, and never with a role."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.core import clock, edges
from app.core.db import transaction
from app.core.errors import DomainError
from app.core.forms import id_in, text_in
from app.core.problems import shown_on
from app.identity import accounts, finding, login, units
from app.identity.access import current_principal, page_requires, require_fresh
from app.identity.accounts import Opening
from app.identity.roles import Permission

bp = Blueprint("staff_account_pages", __name__, template_folder="templates")

ACCOUNTS = "/staff/accounts"
SHOWN = 20


@bp.get(ACCOUNTS)
@page_requires(Permission.ACCOUNT_MANAGE)
def show_accounts() -> ResponseReturnValue:
    """The accounts of staff."""
    me = current_principal()
    cursor = request.args.get("cursor")
    with transaction(me.tenant_id) as session:
        page = accounts.list_accounts(
            session, me.units_with(Permission.ACCOUNT_MANAGE), cursor=cursor, limit=SHOWN
        )
    return render_template(
        "administration/accounts.html",
        accounts=page.items,
        next_cursor=page.next_cursor,
        just_done=edges.just_done(),
    )


@bp.get(f"{ACCOUNTS}/new")
@page_requires(Permission.ACCOUNT_MANAGE)
def show_new_account() -> ResponseReturnValue:
    """Find somebody, or enter a new colleague."""
    require_fresh(current_principal())
    return _new_account(problem=None)


@bp.post(f"{ACCOUNTS}/new")
@page_requires(Permission.ACCOUNT_MANAGE)
def find_colleague() -> ResponseReturnValue:
    """Find whom to give an account. What is asked for is in the body: addresses are remembered."""
    require_fresh(current_principal())
    return _new_account(problem=None)


@bp.post(ACCOUNTS)
@page_requires(Permission.ACCOUNT_MANAGE)
def open_account() -> ResponseReturnValue:
    """Make an account; its first password is shown this once."""
    me = current_principal()
    require_fresh(me)
    try:
        person_id = id_in("person_id")
        opening = Opening(
            username=text_in("username", most=32, needed="请填写登录名。"),
            person_id=person_id,
            name="" if person_id else text_in("name", most=40, needed="请填写姓名。"),
            org_unit_id=None if person_id else id_in("org_unit_id"),
        )
        secret = login.open_account(me, opening)
    except DomainError as refusal:
        return shown_on(_new_account(problem=refusal.detail), refusal)
    return _new_password(secret, username=opening.username)


@bp.post(f"{ACCOUNTS}/<uuid:account_id>/password")
@page_requires(Permission.ACCOUNT_MANAGE)
def reset_password(account_id: UUID) -> ResponseReturnValue:
    """Give a member of staff a new password, shown this once."""
    me = current_principal()
    require_fresh(me)
    return _new_password(login.reset_password(me, account_id), username=None)


@bp.post(f"{ACCOUNTS}/<uuid:account_id>/second-factor")
@page_requires(Permission.ACCOUNT_MANAGE)
def reset_second_factor(account_id: UUID) -> ResponseReturnValue:
    """Let a member of staff set up their second factor anew."""
    me = current_principal()
    require_fresh(me)
    with transaction(me.tenant_id) as session:
        accounts.reset_second_factor(session, me=me, account_id=account_id, now=clock.now())
    edges.note_done()
    return redirect(ACCOUNTS, code=303)


def _new_account(*, problem: str | None) -> str:
    me, sought = current_principal(), text_in("q", most=40)
    tops = me.units_with(Permission.ACCOUNT_MANAGE)
    with transaction(me.tenant_id) as session:
        found = finding.people_in(session, edges.vault(), sought, tops=tops)
        below = units.list_open_below(session, tops)
    return render_template(
        "administration/new_account.html",
        problem=problem,
        sought=sought,
        people=found,
        places=[(id_, "　" * (depth - 1) + name) for id_, name, depth in below],
        given=request.form,
    )


def _new_password(secret: str, *, username: str | None) -> str:
    """To be handed over: shown once, and kept by no browser."""
    return render_template("administration/new_password.html", secret=secret, username=username)
