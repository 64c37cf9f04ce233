"""What the application's role may do to each table.

What happened is only ever added: a role without UPDATE, DELETE and TRUNCATE cannot rewrite it,
and no trigger is needed to forbid what was never allowed.
"""

from collections.abc import Mapping
from types import MappingProxyType

APPEND_ONLY = frozenset(
    {
        "decision",
        "expiry_choice",
        "fact",
        "hold_lot",
        "lot_use",
        "period",
        "policy",
        "refusal",
        "seal",
        "transfer",
    }
)

GRANTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        **dict.fromkeys(sorted(APPEND_ONLY), ("SELECT", "INSERT")),
        # What stands at a number or in a state that moves on, and never goes away.
        **dict.fromkeys(("account", "cap_usage", "hold", "lot"), ("SELECT", "INSERT", "UPDATE")),
        "settle_queue": ("SELECT", "INSERT", "UPDATE", "DELETE"),
    }
)
