"""Photos of staff are shown while the platform looks at them, and not any more once risky.

It fetches each at an address that only we can make, and says later what it found.
"""

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core import clock, edges
from app.core.checked_photos import CheckedPhoto
from app.core.db import tenant_of, transaction
from app.core.keys import Keyring
from app.core.vault import Vault
from app.identity import elsewhere
from app.identity.elsewhere import Known
from app.identity.texts import ask_about
from app.wechat import services as wechat
from app.wechat.superapp import Scene, Verdict

MOST = 100  # in one go of one tenant: the others wait meanwhile


@dataclass(frozen=True, slots=True, kw_only=True)
class Photos:
    """The photos of one kind: their table, and what their addresses begin with and are of."""

    table: type[CheckedPhoto]
    path: str
    purpose: str
    owner: str

    def check(self, tenant_id: int) -> int:
        """Have new ones of a tenant looked at, and hear of those before; how many of both."""
        done = 0
        while done < MOST and self._ask_about_one(tenant_id):
            done += 1
        with transaction(tenant_id) as session:
            return done + self.hear_verdicts(session, now=clock.now(), limit=MOST)

    def take_unasked(self, session: Session, vault: Vault) -> "Unasked | None":
        """The photo that waits longest. Two may take the same: they ask twice, no more."""
        photo = self.table
        query = sa.select(self._of, photo.digest, photo.uploaded_by)
        waiting = query.where(photo.asked_at.is_(None))
        row = session.execute(waiting.order_by(photo.id).limit(1)).first()
        if row is None:
            return None
        accounts = elsewhere.accounts_of(session, vault, row.uploaded_by)
        return Unasked(owner_id=row[0], digest=row.digest, accounts=accounts)

    def asked(
        self, session: Session, photo: "Unasked", trace_id: str | None, *, now: datetime
    ) -> None:
        """Write down that the platform was asked; what could not be handed over is unchecked."""
        verdict = None if trace_id else Verdict.REVIEW.value
        same = sa.update(self.table).where(
            self._of == photo.owner_id, self.table.digest == photo.digest
        )
        session.execute(same.values(asked_at=now, trace_id=trace_id, verdict=verdict))

    def hear_verdicts(self, session: Session, *, now: datetime, limit: int) -> int:
        """Write down what the platform has said of photos meanwhile; of how many."""
        photo = self.table
        query = sa.select(photo.id, photo.trace_id, photo.asked_at).where(
            photo.trace_id.is_not(None), photo.verdict.is_(None)
        )
        heard = 0
        for row in session.execute(query.order_by(photo.asked_at).limit(limit)).all():
            verdict = wechat.media_verdict(
                session, trace_id=row.trace_id, asked_at=row.asked_at, now=now
            )
            if verdict is not None:
                said = sa.update(photo).filter_by(id=row.id, trace_id=row.trace_id)
                session.execute(said.values(verdict=verdict.value))
                heard += 1
        return heard

    def address_to_check(self, keyring: Keyring, *, tenant_id: int, photo: "Unasked") -> str:
        """Where the platform finds a photo while it looks; nobody can make up another."""
        seal = self._seal(keyring, tenant_id, f"{photo.owner_id}:{photo.digest}")
        return f"{self.path}/{tenant_id}/{photo.owner_id}/{photo.digest}-{seal}.jpg"

    def to_check(
        self, session: Session, keyring: Keyring, *, owner_id: UUID, name: str
    ) -> bytes | None:
        """The photo behind such an address, as long as it is being looked at."""
        photo = session.scalar(sa.select(self.table).where(self._of == owner_id))
        if photo is None or photo.verdict is not None:
            return None
        seal = self._seal(keyring, tenant_of(session), f"{owner_id}:{photo.digest}")
        if not hmac.compare_digest(name.encode(), f"{photo.digest}-{seal}.jpg".encode()):
            return None
        return photo.content

    @property
    def _of(self) -> sa.ColumnElement[UUID]:
        column: sa.ColumnElement[UUID] = self.table.__table__.c[self.owner]
        return column

    def _seal(self, keyring: Keyring, tenant_id: int, which: str) -> str:
        key = keyring.key(self.purpose, tenant_id)
        return hmac.new(key, which.encode(), hashlib.sha256).hexdigest()[:32]

    def _ask_about_one(self, tenant_id: int) -> bool:
        """Take one, ask while no connection is held, and write down under which name."""
        with transaction(tenant_id) as session:
            photo = self.take_unasked(session, edges.vault())
        if photo is None:
            return False
        path = self.address_to_check(edges.keyring(), tenant_id=tenant_id, photo=photo)
        url = f"{edges.settings().public_url}{path}"
        trace_id = ask_about(url, photo.accounts, scene=Scene.SOCIAL_LOG)
        with transaction(tenant_id) as session:
            self.asked(session, photo, trace_id, now=clock.now())
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Unasked:
    """A photo about which the platform was not asked yet, and as whom it knows its uploader."""

    owner_id: UUID
    digest: str
    accounts: list[Known] = field(repr=False)
