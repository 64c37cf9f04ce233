"""What waits for a person in a shop, as its page shows it."""

from typing import Any
from uuid import UUID

from app.core import clock, masking
from app.identity.ranks import ROLE_LABELS
from app.identity.roles import Principal
from app.supermarket import labels, offline_forms
from app.supermarket.models import OfflineStray
from app.supermarket.offline_desk import Waiting
from app.supermarket.offline_queries import Outcome

MOST_NAMES = 3
NOBODY = "现在还没有别人可以结清：请社区在“岗位与授权”里再安排一位店长，由他来结清。"


def waiting(found: Waiting, me: Principal) -> dict[str, Any]:
    """What the page needs of it."""
    return {
        "shop": {"id": str(found.shop.id), "name": found.shop.name},
        "sells": found.sells,
        "sales": [_sale(one, found, me) for one in found.sales],
        "strays": [_stray(one, found, me) for one in found.strays],
        "slices": [
            {
                "id": str(row.id),
                "by": found.names[row.granted_to],
                "at": clock.civil_text(row.granted_at, me.zone),
            }
            for row in found.slices
        ],
    }


def _sale(one: Outcome, found: Waiting, me: Principal) -> dict[str, Any]:
    """A sale that waits; whom to ask who may not end it."""
    names, mine = found.names, me.person_id in found.barred[one.sale.id]
    return {
        "id": str(one.sale.id),
        "goods": "、".join(f"{line['name']}×{line['quantity']}" for line in one.sale.lines),
        "points": one.sale.total,
        "who": masking.name(names[one.person_id]),
        "sold_by": names[one.sold_by],
        "sold_at": clock.civil_text(one.sale.sold_at, me.zone),
        "number": labels.number(one.sale.nonce),
        "said": one.sale.said,
        "own_card": one.person_id == me.person_id,
        "ask": _whom_to_ask(one.sale.id, found) if mine else "",
    }


def _stray(one: OfflineStray, found: Waiting, me: Principal) -> dict[str, Any]:
    """A sale that was put aside, in the terminal's words; whom to ask who may not end it."""
    names, mine = found.names, me.person_id in found.barred[one.id]
    return {
        "id": str(one.id),
        "goods": "、".join(f"{line['name']}×{line['quantity']}" for line in one.told["lines"]),
        "points": one.told["total"],
        "who": one.told["name"],
        "sold_at": _told_time(one.told["sold_at"], me.zone),
        "put_by": names[one.put_by],
        "sold_by": names[one.sold_by] if one.sold_by else "不清楚",
        "number": labels.number(one.nonce),
        "said": one.said,
        "ask": _whom_to_ask(one.id, found) if mine else "",
    }


def _whom_to_ask(id_: UUID, found: Waiting) -> str:
    """Who may end it, for a reader who may not."""
    others = [
        f"{found.names[one]}（{ROLE_LABELS[role]}）"
        for one, role in found.closers.items()
        if one not in found.barred[id_]
    ]
    return f"请{'或'.join(others[:MOST_NAMES])}来结清。" if others else NOBODY


def _told_time(text: str, zone: str) -> str:
    """When the terminal says that it was; what it wrote, where that is no time."""
    instant = offline_forms.instant_of(text)
    return clock.civil_text(instant, zone) if instant else text
