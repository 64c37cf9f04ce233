"""What the sweeper does for the supermarket."""

from app.core import clock, tidying
from app.supermarket import services


def forget_dead_codes() -> None:
    """Let go of redeem codes that lapsed unused, tenant by tenant."""
    tidying.in_every_tenant(lambda session: services.forget_dead_codes(session, now=clock.now()))
