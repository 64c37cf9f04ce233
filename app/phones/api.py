"""One's own telephone number over HTTP."""

from typing import Any

from app.core import clock, edges
from app.core.db import transaction
from app.core.http import ApiBlueprint
from app.identity import devices
from app.identity.access import current_principal, requires
from app.identity.roles import Permission
from app.phones import binding, releasing, services, shown
from app.phones.binding import Pressed
from app.phones.schemas import BoundAnswer, OwnPhoneAnswer, PhoneRequest

bp = ApiBlueprint("phones", __name__, description="手机号")


@bp.get("/me/phone")
@requires(Permission.OWN_DATA)
@bp.gives(200, OwnPhoneAnswer)
def get_my_phone() -> dict[str, Any]:
    """The caller's number, masked, and what waits to be checked."""
    return _own()


@bp.post("/me/phone")
@requires(Permission.OWN_DATA)
@bp.takes(PhoneRequest)
@bp.gives(200, BoundAnswer)
def bind_phone(body: dict[str, Any]) -> dict[str, Any]:
    """Bind the number WeChat vouches for; or, typed by hand, let staff check it.

    The code is exchanged once, and only for the caller's own account. Where the button answers
    1400001 there is no code: send number and name instead. A newcomer whose number and name are
    those of one person their community knows is that person from now on, in a new session; every
    other number of somebody else is refused with `phone_at_desk`. The same number again changes
    nothing.
    """
    me = current_principal()
    if body["number"] is not None:
        binding.by_hand(me, body)
        return {**_own(), "session": None}
    pressed = Pressed(**{name: body[name] for name in ("platform", "appid", "code", "name")})
    started = binding.by_wechat(me, pressed, device=devices.this_device(None))
    if started is None:
        return {**_own(), "session": None}
    with transaction(me.tenant_id) as session:
        state = shown.own(session, edges.vault(), person_id=started.person.id, now=clock.now())
    new = {"token": started.token.text, "expires_at": started.expires_at}
    return {**state, "session": new}


@bp.delete("/me/phone/claim")
@requires(Permission.OWN_DATA)
@bp.gives(204)
def withdraw_phone_claim() -> None:
    """Let the number that waits to be checked be forgotten."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        services.withdraw(session, me=me, now=clock.now())


@bp.delete("/me/phone/release")
@requires(Permission.OWN_DATA)
@bp.gives(204)
def keep_phone() -> None:
    """Say that the number is the caller's as before, when staff are about to let it go."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        releasing.keep(session, me=me, now=clock.now())


def _own() -> dict[str, Any]:
    me = current_principal()
    with transaction(me.tenant_id) as session:
        return shown.own(session, edges.vault(), person_id=me.person_id, now=clock.now())
