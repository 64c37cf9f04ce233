"""`python -m benchmarks [NAME,NAME]`: one JSON object a figure, and a table of them at the end.

The exit code says whether every promise is kept.
"""

import argparse
import json
import sys
from collections.abc import Sequence

from benchmarks import (
    checkin,
    close,
    expire,
    history,
    importing,
    redeem,
    replay,
    report,
    session,
    settle,
    spend,
    verify,
)
from benchmarks.figures import Line
from benchmarks.ground import CannotMeasure, prepared
from benchmarks.table import table

# A further benchmark is a file with a `run(ground)` that yields lines, and a word here.
BENCHMARKS = {
    "report": report,
    "settle": settle,
    "spend": spend,
    "history": history,
    "expire": expire,
    "close": close,
    "replay": replay,
    "verify": verify,
    "import": importing,
    "session": session,
    "checkin": checkin,
    "redeem": redeem,
}


def main(arguments: Sequence[str]) -> int:
    """Run the named benchmarks, or all."""
    asked = _parser().parse_args(arguments)
    names = [name for name in asked.names.split(",") if name] or list(BENCHMARKS)
    unknown = sorted(set(names) - set(BENCHMARKS))
    if unknown:
        print(f"no such benchmark: {', '.join(unknown)}", file=sys.stderr)
        return 2
    lines: list[Line] = []
    try:
        with prepared(asked.server, scale=asked.scale, pairs=asked.pairs) as ground:
            for name in names:
                for line in BENCHMARKS[name].run(ground):
                    print(json.dumps(line.as_json()), flush=True)
                    lines.append(line)
    except CannotMeasure as reason:
        print(reason, file=sys.stderr)
        return 2
    print(table(lines))
    return 1 if any(line.is_kept is False for line in lines) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="?", default="", help=f"some of {','.join(BENCHMARKS)}; all if left out"
    )
    parser.add_argument("--scale", type=float, default=1.0, help="of the sizes; 1 is full size")
    parser.add_argument("--pairs", type=int, default=3, help="turns of product and floor")
    parser.add_argument(
        "--server",
        help="a PostgreSQL on this machine that nobody else uses, as its superuser,"
        " instead of a durable one of our own: postgresql://postgres@/postgres",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
