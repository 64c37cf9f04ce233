"""What people are asked to agree to, in which words, and what each of them has answered.

The texts are versions in `config/consents.yaml`; the last one is in force. Nothing is hidden from
who has not agreed: they are asked, and what needs the consent is simply not done.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import yaml
from sqlalchemy.orm import Session

from app.core.db import claim
from app.core.vault import Vault
from app.identity import whereabouts
from app.identity.errors import ConsentOutdated, ConsentUnknown
from app.identity.kinds import Purpose
from app.identity.models import Consent
from app.identity.whereabouts import Deed

TEXTS = Path(__file__).parents[2] / "config" / "consents.yaml"


class Asked(StrEnum):
    """When somebody is asked: after they have signed in, or when they first use it."""

    LOGIN = "login"
    USE = "use"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text as it is in force."""

    purpose: Purpose
    title: str
    asked: Asked
    version: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A text in force, and since when this person has agreed to this version, if they have.

    `earlier` is the version they had agreed to before it.
    """

    text: Text
    given_at: datetime | None
    earlier: str | None


@cache
def texts() -> Mapping[Purpose, Text]:
    """Every text in force."""
    document = yaml.safe_load(TEXTS.read_text(encoding="utf-8"))
    return {purpose: _text(purpose, document[purpose]) for purpose in Purpose}


def standing(session: Session, person_id: UUID) -> list[Standing]:
    """What this person has said to each of them."""
    open_ones = sa.select(Consent).where(
        Consent.person_id == person_id, Consent.withdrawn_at.is_(None)
    )
    rows = session.scalars(open_ones.order_by(Consent.given_at, Consent.id)).all()
    found = []
    for purpose, text in texts().items():
        given = {row.version: row.given_at for row in rows if row.purpose == purpose}
        others = [version for version in given if version != text.version]
        found.append(
            Standing(
                text=text,
                given_at=given.get(text.version),
                earlier=others[-1] if others else None,
            )
        )
    return found


def needed(session: Session, person_id: UUID) -> list[Purpose]:
    """What this person is to be asked now that they have signed in."""
    return [
        one.text.purpose
        for one in standing(session, person_id)
        if one.text.asked is Asked.LOGIN and one.given_at is None
    ]


def is_given(session: Session, person_id: UUID, purpose: Purpose) -> bool:
    """Whether this person agrees to the text in force."""
    query = sa.select(Consent.id).where(
        Consent.person_id == person_id,
        Consent.purpose == purpose,
        Consent.version == texts()[purpose].version,
        Consent.withdrawn_at.is_(None),
    )
    return session.scalar(query) is not None


def give(
    session: Session, *, person_id: UUID, purpose: str, version: str, how: str, now: datetime
) -> None:
    """Agree to the text in force, which is the one that was shown; again changes nothing."""
    text = texts()[known(purpose)]
    if version != text.version:
        raise ConsentOutdated("说明已经更新，请看过新的说明再决定。")
    claim(
        session,
        Consent,
        person_id=person_id,
        purpose=text.purpose,
        version=version,
        given_at=now,
        how=how,
    )


def withdraw(session: Session, *, person_id: UUID, purpose: str, now: datetime) -> None:
    """Agree no more, to no version; what was kept by this consent alone goes with it."""
    theirs = sa.update(Consent).where(
        Consent.person_id == person_id,
        Consent.purpose == known(purpose),
        Consent.withdrawn_at.is_(None),
    )
    session.execute(theirs.values(withdrawn_at=sa.func.greatest(Consent.given_at, now)))
    if purpose == Purpose.LOCATION:
        whereabouts.forget(session, person_id=person_id)


def keep_location(
    session: Session,
    vault: Vault,
    *,
    person_id: UUID,
    deed: tuple[Deed, UUID],
    location: Mapping[str, Any] | None,
    now: datetime,
) -> None:
    """Keep where somebody's phone was, if it said so and they agree to that."""
    if location is not None and is_given(session, person_id, Purpose.LOCATION):
        whereabouts.keep(session, vault, person_id=person_id, deed=deed, location=location, now=now)


def known(purpose: str) -> Purpose:
    """The purpose of that name."""
    if purpose not in set(Purpose):
        raise ConsentUnknown("没有找到这项说明，请回到“我的数据与隐私”查看。")
    return Purpose(purpose)


def _text(purpose: Purpose, document: Mapping[str, object]) -> Text:
    versions = document["versions"]
    assert isinstance(versions, list)  # a file of ours, and a test reads it
    newest = versions[-1]
    return Text(
        purpose=purpose,
        title=str(document["title"]),
        asked=Asked(str(document["asked"])),
        version=newest["version"],
        paragraphs=tuple(newest["text"]),
    )
