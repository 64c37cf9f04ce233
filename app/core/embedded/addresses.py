"""Where the servers of a `var/` can be reached; written while they run, for others to share."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote

from app.core.embedded.folders import make_folder, read_or_none, write_whole

DATABASE = "redaccount"


@dataclass(frozen=True, slots=True)
class Addresses:
    """The socket folder of PostgreSQL and the socket of Valkey, each only if it is served here."""

    postgres: str | None = None
    valkey: str | None = None

    def database_url(self, role: str, database: str = DATABASE) -> str:
        """The address of `database` as `role`, for SQLAlchemy."""
        if self.postgres is None:
            raise LookupError("No embedded PostgreSQL is running")
        return f"postgresql+psycopg://{quote(role)}@/{quote(database)}?host={self.postgres}"

    @property
    def redis_url(self) -> str:
        if self.valkey is None:
            raise LookupError("No embedded Valkey is running")
        return f"unix://{self.valkey}"

    def write(self, var: Path) -> None:
        make_folder(var / "run", 0o755)
        write_whole(var / "run" / "servers.json", json.dumps(asdict(self)) + "\n")

    @classmethod
    def read(cls, var: Path) -> "Addresses":
        """What is said to run for `var`; whether it does, only a connection tells."""
        text = read_or_none(var / "run" / "servers.json")
        return cls(**json.loads(text)) if text else cls()


def forget(var: Path) -> None:
    """Nobody is to be sent to these servers any more."""
    (var / "run" / "servers.json").unlink(missing_ok=True)
