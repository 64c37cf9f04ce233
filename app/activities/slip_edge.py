"""What the pages and the API of slips both hand down: codes, callers, addresses, files."""

import hashlib
import hmac

from flask import Response, request
from sqlalchemy.orm import Session

from app.activities.confirming import Caller
from app.activities.proof_models import ServiceDocument
from app.activities.slip_codes import SlipCodes
from app.activities.slips import Desk
from app.core import callers, clock, edges, pictures, tenancy
from app.core.tenancy import Tenant
from app.identity.roles import Principal


def desk_of(me: Principal) -> Desk:
    """Who works with slips now."""
    codes = SlipCodes(keyring=edges.keyring(), tenant_id=me.tenant_id)
    return Desk(me=me, codes=codes, now=clock.now())


def slips_address(session: Session, tenant_id: int) -> str:
    """Where the codes of a city are typed; with a code behind it, what its QR code stands for."""
    tenant = tenancy.get_tenant(session, tenant_id)
    assert tenant is not None  # somebody of it asks
    return f"{edges.settings().public_url}/c/{tenant.slug}"


def caller_in(session: Session, city: str, code: str) -> tuple[Caller, int] | None:
    """Whoever has a code of a city; None where there is no such city."""
    tenant = tenancy.find(session, city)
    return (caller_of(tenant, code), tenant.id) if tenant else None


def caller_of(tenant: Tenant, code: str) -> Caller:
    """Whoever has a code: of where they call from only a digest, for this day, is handed on."""
    now, keyring = clock.now(), edges.keyring()
    said = f"{clock.civil_day(now, tenant.zone)}|{callers.network(request.remote_addr or '')}"
    key = keyring.key("slip-caller", tenant.id)
    return Caller(
        code=code,
        codes=SlipCodes(keyring=keyring, tenant_id=tenant.id),
        mark=hmac.new(key, said.encode(), hashlib.sha256).digest()[:16],
        now=now,
    )


def file_answer(document: ServiceDocument) -> Response:
    """A document as it is: our own drawing is shown, what somebody else made is downloaded."""
    answer = Response(document.content, content_type=document.media_type)
    drawn = document.media_type == pictures.MEDIA_TYPE
    named = 'inline; filename="document.jpg"' if drawn else 'attachment; filename="document.pdf"'
    answer.headers["Content-Disposition"] = named
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
