"""`python -m benchmarks [NAME]`: one JSON object a line, each figure with its floor."""

import json
import sys
import tempfile
from pathlib import Path

import sqlalchemy as sa

from app import schema
from app.core.embedded import Servers
from benchmarks import report, settle, spend

BENCHMARKS = {"report": report.run, "settle": settle.run, "spend": spend.run}


def main(wanted: list[str]) -> int:
    """Run the named benchmarks, or all, on a durable server of their own."""
    unknown = set(wanted) - set(BENCHMARKS)
    if unknown:
        print(f"no such benchmark: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="red-account-bench-") as folder:
        servers = Servers(var=Path(folder) / "var", wanted=frozenset({"postgres"}), disposable=True)
        with servers:
            servers.ensure_database()
            url = servers.database_url("postgres")
            schema.upgrade(url)
            for name in wanted or BENCHMARKS:
                engine = sa.create_engine(url)
                for line in BENCHMARKS[name](engine):
                    print(json.dumps({**line, "ratio": round(line["figure"] / line["floor"], 3)}))
                engine.dispose()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
