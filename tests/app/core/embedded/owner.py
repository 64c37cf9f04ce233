"""A program that owns the servers of a folder, as the service does."""

import sys
from pathlib import Path

from app.core.embedded import Servers, Supervisor

if __name__ == "__main__":
    supervisor = Supervisor()
    with Servers(var=Path(sys.argv[1]), supervisor=supervisor) as servers:
        sys.stdout.write(f"{servers.addresses.postgres}\n")
        sys.stdout.flush()
        supervisor.run()
