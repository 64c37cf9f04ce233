"""Where a process looks for garbage: not while it loads, nor among what it has loaded."""

import os
import subprocess
import sys

from tests.support.house import ROOT

LOADED = "import gc, wsgi; print(gc.isenabled(), gc.get_freeze_count() > 100_000)"


def test_what_is_loaded_is_left_alone_and_what_comes_after_it_is_looked_at(settings):
    said = subprocess.run(
        [sys.executable, "-c", LOADED],
        cwd=ROOT,
        env={"PATH": os.defpath, **settings.as_environ()},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )

    assert said.stdout.split() == ["True", "True"]
