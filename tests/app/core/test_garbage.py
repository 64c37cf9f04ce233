"""How often a web worker looks for garbage: not while it loads, nor among what it has loaded."""

import os
import subprocess
import sys

from tests.support.house import ROOT

LOADED = """
import gc
from config import gunicorn
print(gc.isenabled())
gunicorn.post_worker_init(None)
print(gc.isenabled(), gc.get_freeze_count() > 10_000)
"""


def test_a_web_worker_looks_for_garbage_again_once_it_is_loaded():
    said = subprocess.run(
        [sys.executable, "-c", LOADED],
        cwd=ROOT,
        env={"PATH": os.defpath},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )

    assert said.stdout.splitlines() == ["False", "True True"]
