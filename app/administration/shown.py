"""Grants and audit entries as pages show them: with names and words instead of identifiers."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.administration import labels
from app.core.audit.models import AuditEntry
from app.core.audit.reading import Count
from app.core.clock import civil_text
from app.identity import granted, grants, queries, units
from app.identity.grants import GrantRow
from app.identity.ranks import ROLE_LABELS
from app.identity.roles import Permission, Principal

MOST_MIXED = 20


def grant_lines(session: Session, me: Principal, rows: Sequence[GrantRow]) -> list[dict[str, Any]]:
    """Each grant, and what this reader may do about it."""
    people = {
        one for row in rows for one in (row.person_id, row.granted_by, row.approved_by) if one
    }
    names = queries.names_of(session, people)
    paths = units.paths_of(session, {row.org_unit_id for row in rows})
    places = units.names_of(session, paths.keys())
    return [
        {
            "id": row.id,
            "person": names.get(row.person_id, ""),
            "role": ROLE_LABELS.get(row.role, row.role),
            "place": places.get(row.org_unit_id, ""),
            "span": labels.span_text(row.valid_from, row.valid_to),
            "state": labels.STATE_LABELS[row.state],
            "kind": labels.STATE_KINDS.get(row.state, ""),
            "granted_by": names.get(row.granted_by, "") if row.granted_by else "系统开通",
            "approved_by": names.get(row.approved_by, "") if row.approved_by else "",
            "reason": row.reason,
            **_deeds(me, row, paths.get(row.org_unit_id, ())),
        }
        for row in rows
    ]


def mixed_lines(session: Session, me: Principal, *, on: date) -> list[str]:
    """Who holds roles that are not one person's, where this reader may end one of them."""
    tops = me.units_with(Permission.ROLE_GRANT)
    found = granted.list_mixed(session, tops, on=on, limit=MOST_MIXED)
    names = queries.names_of(session, set(found))
    return [
        f"{names[person_id]}（{'、'.join(ROLE_LABELS.get(role, role) for role in roles)}）"
        for person_id, roles in found.items()
    ]


def audit_lines(
    session: Session, me: Principal, rows: Sequence[AuditEntry]
) -> list[dict[str, Any]]:
    """Each entry, as an auditor reads it."""
    spoken_of = {
        UUID(word)
        for row in rows
        for words in row.changed.values()
        for word in words
        if labels.IDENTIFIER.fullmatch(word)
    }
    acting = {one for row in rows for one in (row.actor_id, row.subject_id) if one}
    names = queries.names_of(session, acting | spoken_of)
    called = {str(id_): name for id_, name in names.items()}
    places = units.names_of(session, {row.scope_id for row in rows if row.scope_id})
    return [
        {
            "seq": row.seq,
            "at": civil_text(row.at, me.zone),
            "actor": names.get(row.actor_id, "") if row.actor_id else labels.nobody_text(row.role),
            "role": ROLE_LABELS.get(row.role, row.role) if row.actor_id else "",
            "action": labels.action_text(row.action),
            "about": names.get(row.subject_id, "") if row.subject_id else "",
            "about_id": str(row.subject_id or ""),
            "place": places.get(row.scope_id, "") if row.scope_id else "",
            "changed": [
                labels.change_text(field, words, called) for field, words in row.changed.items()
            ],
            "reason": row.reason,
            "result": labels.result_text(row.result),
            "refused": row.result != "done",
        }
        for row in rows
    ]


def call_counts(session: Session, counts: Sequence[Count]) -> list[tuple[str, str, int]]:
    """Day, who, and how often."""
    names = queries.names_of(session, {one.actor_id for one in counts if one.actor_id})
    return [
        (f"{one.day.month}月{one.day.day}日", names.get(one.actor_id, ""), one.times)
        for one in counts
        if one.actor_id
    ]


def _deeds(me: Principal, row: GrantRow, path: Sequence[Any]) -> dict[str, bool]:
    decides = row.state == grants.PROPOSED and me.may(Permission.ROLE_APPROVE, path)
    return {
        "may_approve": decides and me.person_id not in {row.granted_by, row.person_id},
        "may_refuse": decides and me.person_id != row.person_id,
        "may_end": row.state == grants.ACTIVE and me.may(Permission.ROLE_GRANT, path),
    }
