"""The token's place in the database: one row for all processes, and one at a time who renews it.

It stands there sealed: whoever reads the database alone cannot act for the mini-program.
While it is renewed, its transaction waits for WeChat, which is asked for three seconds at most.
In each process one thread stands in line for all of it, so that waiting costs one connection.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from uuid import NAMESPACE_URL, uuid5

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core.db import transaction
from app.core.vault import Place, SealBroken, Sealed, Vault
from app.wechat import queries
from app.wechat.errors import WechatBusy
from app.wechat.models import WechatToken
from app.wechat.tokens import LONGEST_WAIT, Held, Token, in_turn, waited_in_vain

LOCK_NOT_AVAILABLE = "55P03"
OF_NO_TENANT = 0


class DatabaseTokens:
    """The tokens of every mini-program, in the database of the application at hand."""

    def __init__(self, vault: Vault, *, longest_wait: float = LONGEST_WAIT) -> None:
        self._vault = vault
        self._longest_wait = longest_wait
        self._turn = Lock()

    def read(self, appid: str) -> Token | None:
        with _reachable(), transaction(None) as session:
            return _Row(session, appid, self._vault).read()

    @contextmanager
    def locked(self, appid: str) -> Iterator[Held]:
        with in_turn(self._turn, self._longest_wait), _reachable(), transaction(None) as session:
            _wait_for(session, appid, seconds=self._longest_wait)
            yield _Row(session, appid, self._vault)


@dataclass(frozen=True, slots=True)
class _Row:
    session: Session
    appid: str
    vault: Vault

    @property
    def place(self) -> Place:
        return _place_of(self.appid)

    def read(self) -> Token | None:
        """The token; one that cannot be unsealed is none, and is replaced."""
        row = queries.get_token(self.session, self.appid)
        if row is None:
            return None
        try:
            return Token(self.vault.unseal(row.token, self.place), row.expires_at)
        except SealBroken:
            return None

    def write(self, token: Token) -> None:
        values = {"token": self.vault.seal(token.text, self.place), "expires_at": token.expires_at}
        fresh = insert(WechatToken).values(appid=self.appid, **values)
        self.session.execute(fresh.on_conflict_do_update(index_elements=["appid"], set_=values))


def _place_of(appid: str) -> Place:
    row_id = uuid5(NAMESPACE_URL, f"wechat:{appid}")
    return Place(tenant_id=OF_NO_TENANT, table="wechat_token", field="token", row_id=row_id)


def _wait_for(session: Session, appid: str, *, seconds: float) -> None:
    """Hold the right to renew until the transaction ends; there may be no row yet to lock."""
    for limit in ("lock_timeout", "statement_timeout"):  # the lock's, or a second more
        wait = int(seconds * 1000) + (1000 if limit == "statement_timeout" else 0)
        session.execute(sa.text(f"SET LOCAL {limit} = '{wait}ms'"))
    digest = hashlib.sha256(f"wechat token:{appid}".encode()).digest()
    number = int.from_bytes(digest[:8], "big", signed=True)
    session.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))


@contextmanager
def _reachable() -> Iterator[None]:
    """To whoever calls WeChat, a database that does not answer is one more reason to wait."""
    try:
        yield
    except exc.DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == LOCK_NOT_AVAILABLE:
            raise waited_in_vain() from error
        raise WechatBusy("The token cannot be read", retry_after=5, undone=True) from error
    except exc.TimeoutError as error:
        raise WechatBusy("The token cannot be read", retry_after=5, undone=True) from error


SEALED = (
    Sealed(model=WechatToken, column="token", key="appid", place=lambda row: _place_of(row.appid)),
)
