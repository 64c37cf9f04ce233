"""The engine's front door opens without a database, a web framework or anything installed."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_importing_the_engine_imports_the_standard_library_only():
    program = (
        "import sys; before = set(sys.modules); import points_engine;"
        "print(*sorted({name.partition('.')[0] for name in set(sys.modules) - before}))"
    )

    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert set(ran.stdout.split()) - sys.stdlib_module_names == {"points_engine"}
