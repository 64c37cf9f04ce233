"""The second factor of staff: six digits of an authenticator, each once, or a recovery code."""

import base64
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import pyotp
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.db import add
from app.core.vault import Place, Sealed, Vault
from app.identity import queries
from app.identity.errors import (
    FactorNotBegun,
    FactorSet,
    OtpRefused,
    OtpRequired,
    OtpUnexpected,
)
from app.identity.models import RecoveryCode, StaffCredential
from app.identity.passwords import Passwords
from app.identity.roles import AuthLevel, Principal

ISSUER = "红色账户"
DIGITS = 6
RECOVERY_CODES, RECOVERY_BYTES, GROUP = 10, 10, 4
REFUSED = "验证码不正确或已经用过，请等下一个六位数字再试。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proofs:
    """What it takes to check what staff type: the passwords' cost, and the key of the secrets."""

    passwords: Passwords
    vault: Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A secret that an authenticator is about to learn: as text, and as an address to scan."""

    secret: str
    address: str


def check(
    session: Session,
    credential: StaffCredential,
    *,
    otp: str | None,
    vault: Vault,
    now: datetime,
) -> AuthLevel:
    """Whether the second factor is right, where there is one. Each answer opens once."""
    if credential.totp_secret is None:
        if otp:
            raise OtpUnexpected(
                "这个账号没有设置第二步验证，请不要填写。", errors={"otp": ["未设置"]}
            )
        return AuthLevel.PASSWORD
    if not otp:
        raise OtpRequired("请再输入验证器上的六位数字；手机不在身边，可以用恢复码。")
    secret = _unsealed(credential, credential.totp_secret, vault)
    if _spend_step(session, credential, secret=secret, otp=otp, now=now) or _spend_code(
        session, credential.person_id, otp, now=now
    ):
        return AuthLevel.TWO_FACTOR
    raise OtpRefused(REFUSED)


def draft(session: Session, principal: Principal, *, vault: Vault) -> Draft:
    """Make a new secret for this member of staff. Until it is confirmed, the old one is good."""
    credential = _own(session, principal)
    if credential.totp_secret is not None and principal.auth_level != AuthLevel.TWO_FACTOR:
        raise FactorSet("第二步验证已经设置好，请退出后用六位数字重新登录。")
    secret = pyotp.random_base32()
    credential.totp_draft = vault.seal(secret, _place(credential))
    session.flush()
    return _drafted(credential, secret)


def draft_of(session: Session, principal: Principal, *, vault: Vault) -> Draft | None:
    """The secret that waits for being confirmed: to be shown again after a slip."""
    credential = _own(session, principal)
    if credential.totp_draft is None:
        return None
    return _drafted(credential, _unsealed(credential, credential.totp_draft, vault))


def confirm(
    session: Session, principal: Principal, *, otp: str, vault: Vault, now: datetime
) -> Sequence[str]:
    """Take the new secret into use, for its authenticator has answered; the recovery codes."""
    credential = _own(session, principal)
    if credential.totp_draft is None:
        raise FactorNotBegun("请先打开“第二步验证”页面，用验证器扫码。")
    step = _step_of(_unsealed(credential, credential.totp_draft, vault), otp, now=now)
    if step is None:
        raise OtpRefused(REFUSED)
    credential.totp_secret, credential.totp_draft = credential.totp_draft, None
    credential.totp_last_step = step
    session.flush()
    return _new_codes(session, principal.person_id, now=now)


def forget(session: Session, person_id: UUID, *, now: datetime) -> None:
    """Let a member of staff set up their second factor anew: their phone is gone."""
    session.execute(
        sa.update(StaffCredential)
        .where(StaffCredential.person_id == person_id)
        .values(totp_secret=None, totp_draft=None, totp_last_step=None)
    )
    _void_codes(session, person_id, now=now)


def is_set(session: Session, principal: Principal) -> bool:
    credential = queries.get_credential_of(session, principal.person_id)
    return credential is not None and credential.totp_secret is not None


def codes_left(session: Session, person_id: UUID) -> int:
    """How many recovery codes are not used yet."""
    query = sa.select(sa.func.count()).select_from(RecoveryCode)
    unused = query.where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
    return session.scalar(unused) or 0


def _drafted(credential: StaffCredential, secret: str) -> Draft:
    totp = pyotp.TOTP(secret)
    address = totp.provisioning_uri(name=credential.username, issuer_name=ISSUER)
    return Draft(secret=secret, address=address)


def _own(session: Session, principal: Principal) -> StaffCredential:
    credential = queries.get_credential_of(session, principal.person_id)
    if credential is None:  # staff by a grant alone, as an operator may have let them in
        raise FactorNotBegun("您还没有工作人员账号，请联系系统管理员开通。")
    return credential


def _place(credential: StaffCredential) -> Place:
    """Where the secret stands. One that was copied into another row cannot be opened there."""
    return Place(
        tenant_id=credential.tenant_id,
        table="staff_credential",
        field="totp",
        row_id=credential.id,
    )


def _unsealed(credential: StaffCredential, sealed: str, vault: Vault) -> str:
    return vault.unseal(sealed, _place(credential))


def _step_of(secret: str, otp: str, *, now: datetime) -> int | None:
    """The step of the clock whose digits these are: this one, or one on either side."""
    if len(otp) != DIGITS or not (otp.isascii() and otp.isdigit()):
        return None
    try:
        return pyotp.TOTP(secret).verify_and_get_timecode(otp, for_time=now, valid_window=1)
    except pyotp.OTPVerificationError:
        return None


def _spend_step(
    session: Session, credential: StaffCredential, *, secret: str, otp: str, now: datetime
) -> bool:
    """Whether the digits are right and later than the last that were: whoever saw them is late."""
    step = _step_of(secret, otp, now=now)
    if step is None:
        return False
    spent = session.execute(
        sa.update(StaffCredential)
        .where(
            StaffCredential.id == credential.id,
            sa.or_(StaffCredential.totp_last_step.is_(None), StaffCredential.totp_last_step < step),
        )
        .values(totp_last_step=step)
        .returning(StaffCredential.id)
    )
    return spent.first() is not None


def _spend_code(session: Session, person_id: UUID, typed: str, *, now: datetime) -> bool:
    spent = session.execute(
        sa.update(RecoveryCode)
        .where(
            RecoveryCode.person_id == person_id,
            RecoveryCode.code_hash == _digest(typed),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(RecoveryCode.id)
    )
    return spent.first() is not None


def _void_codes(session: Session, person_id: UUID, *, now: datetime) -> None:
    session.execute(
        sa.update(RecoveryCode)
        .where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
        .values(used_at=now)
    )


def _new_codes(session: Session, person_id: UUID, *, now: datetime) -> Sequence[str]:
    """Ten codes, which are shown now and never again; earlier ones are worth nothing."""
    _void_codes(session, person_id, now=now)
    codes = [_code() for _ in range(RECOVERY_CODES)]
    for code in codes:
        add(session, RecoveryCode(person_id=person_id, code_hash=_digest(code)))
    return codes


def _code() -> str:
    text = base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode()
    return "-".join(text[at : at + GROUP] for at in range(0, len(text), GROUP))


def _digest(typed: str) -> bytes:
    """Of what was meant: hyphens, spaces and small letters make no difference."""
    meant = "".join(typed.upper().replace("-", "").split())
    return hashlib.sha256(meant.encode()).digest()


SEALED = tuple(
    Sealed(model=StaffCredential, column=column, place=_place)
    for column in ("totp_secret", "totp_draft")
)
