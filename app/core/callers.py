"""Where somebody calls from who has no account: enough to slow down guessing, and no more."""

import ipaddress


def network(address: str) -> str:
    """An address as one subscriber has it: of the newer kind each has a whole network."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False))
