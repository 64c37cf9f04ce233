"""Real PostgreSQL and Valkey as children of the service, for a machine that has neither."""

from app.core.embedded.addresses import Addresses
from app.core.embedded.errors import CannotStart
from app.core.embedded.process import Part
from app.core.embedded.servers import Servers
from app.core.embedded.supervisor import Supervisor

__all__ = ["Addresses", "CannotStart", "Part", "Servers", "Supervisor"]
