"""Grants and audit entries as pages show them: with names and words instead of identifiers."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.administration import labels
from app.core.audit.models import AuditEntry
from app.core.clock import civil_text
from app.identity import grants, queries, units
from app.identity.grants import GrantRow
from app.identity.roles import ROLE_LABELS, Permission, Principal


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


def audit_lines(
    session: Session, me: Principal, rows: Sequence[AuditEntry]
) -> list[dict[str, Any]]:
    """Each entry, as an auditor reads it."""
    names = queries.names_of(
        session, {one for row in rows for one in (row.actor_id, row.subject_id) if one}
    )
    places = units.names_of(session, {row.scope_id for row in rows if row.scope_id})
    return [
        {
            "seq": row.seq,
            "at": civil_text(row.at, me.zone),
            "actor": names.get(row.actor_id, "") if row.actor_id else "系统",
            "role": ROLE_LABELS.get(row.role, row.role),
            "action": labels.action_text(row.action),
            "about": names.get(row.subject_id, "") if row.subject_id else "",
            "about_id": row.subject_id or "",
            "place": places.get(row.scope_id, "") if row.scope_id else "",
            "changed": [
                labels.change_text(field, old, new) for field, (old, new) in row.changed.items()
            ],
            "reason": row.reason,
            "result": labels.result_text(row.result),
            "refused": row.result != "done",
        }
        for row in rows
    ]


def _deeds(me: Principal, row: GrantRow, path: Sequence[Any]) -> dict[str, bool]:
    decides = row.state == grants.PROPOSED and me.may(Permission.ROLE_APPROVE, path)
    return {
        "may_approve": decides and me.person_id not in {row.granted_by, row.person_id},
        "may_refuse": decides and me.person_id != row.person_id,
        "may_end": row.state == grants.ACTIVE and me.may(Permission.ROLE_GRANT, path),
    }
