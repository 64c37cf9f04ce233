"""What the application's role may do to each table.

What happened is only ever added: a role without UPDATE, DELETE and TRUNCATE cannot rewrite it,
and no trigger is needed to forbid what was never allowed.
"""

from collections.abc import Mapping
from types import MappingProxyType

APPEND_ONLY = frozenset({"fact", "transfer", "decision", "policy"})

GRANTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        **dict.fromkeys(sorted(APPEND_ONLY), ("SELECT", "INSERT")),
        "account": ("SELECT", "INSERT", "UPDATE"),
        "settle_queue": ("SELECT", "INSERT", "UPDATE", "DELETE"),
    }
)
