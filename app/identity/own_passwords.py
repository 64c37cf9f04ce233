"""Passwords of one's own, and the one an operator gives so that somebody can choose theirs."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.core import audit
from app.identity import queries, services, sessions, units
from app.identity.errors import PasswordForStaff, PasswordWeak
from app.identity.passwords import Passwords
from app.identity.roles import Principal

SHORTEST, DIFFERENT = 10, 5  # characters of a password one chooses


def replace_password(
    session: Session, *, username: str, password: str, passwords: Passwords, now: datetime
) -> None:
    """Give somebody a new password, as an operator at a terminal; their sessions end."""
    credential = queries.get_credential(session, username)
    assert credential is not None  # the name is tied to it
    services.set_password(
        session, usernames=[username], password=password, passwords=passwords, given=True
    )
    sessions.end_all_of(session, credential.person_id, now=now)
    audit.record(
        session,
        actor=audit.OPERATOR,
        action="account.reset_password",
        subject=("person", credential.person_id),
        scope=None,
        at=now,
    )


def choose_password(
    session: Session, *, me: Principal, password: str, passwords: Passwords, now: datetime
) -> None:
    """Take a password of one's own choice; whatever else one has open ends.

    Of this and a new password given at the same moment, the one that comes later is told so.
    """
    credential = queries.lock_credential_of(session, me.person_id) if me.staff else None
    if credential is None:
        raise PasswordForStaff("密码是工作人员账号用的，请用工作人员账号登录后再改。")
    known = passwords.matches(credential.password_hash, password)
    if len(password) < SHORTEST or len(set(password)) < DIFFERENT or known:
        raise PasswordWeak(
            f"新密码至少 {SHORTEST} 位，不要用同几个字符重复，也不要和现在的一样，请换一个。",
            errors={"password": ["太容易猜到"]},
        )
    credential.password_hash, credential.password_given = passwords.digest(password), False
    session.flush()
    sessions.own(session, me)
    sessions.end_others(session, principal=me, now=now)
    path = units.path_of(session, me.community_id)
    audit.record(
        session,
        actor=me.actor(),
        action="account.choose_password",
        subject=("person", me.person_id),
        scope=path[-1],
        at=now,
    )
