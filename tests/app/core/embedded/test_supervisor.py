"""Lines with names, starting again, and stopping in order."""

import io
import os
import re
import signal
import subprocess
import sys
from io import StringIO
from pathlib import Path
from time import monotonic

import pytest

from app.core.embedded import Part, Supervisor
from tests.app.core.embedded.support import ROOT, kill, read_line, wait_until_gone
from tests.support.house import until

KEPT = """
import sys
from app.core.embedded import Part, Supervisor
from app.core.embedded.lifeline import Lifeline
supervisor = Supervisor(lifeline=Lifeline(by_kernel=sys.argv[1] == "kernel"))
supervisor.add(Part(name="child", argv=("/bin/sh", "-c", "echo $$; exec sleep 100")))
supervisor.run()
"""

ELSEWHERE = """
import ctypes, importlib, signal, sys
from app.core.embedded import lifeline
sys.platform = "darwin"
ctypes.CDLL = None
importlib.reload(lifeline).ending_with_parent(signal.SIGKILL)()
"""


def shell(name, script, **changes):
    return Part(name=name, argv=("/bin/sh", "-c", script), **changes)


@pytest.fixture
def out():
    return StringIO()


@pytest.fixture
def supervisor(out):
    started = Supervisor(out=out)
    yield started
    started.stop()


def says(supervisor, out, text):
    def said():
        supervisor.turn(0.05)
        return re.search(text, out.getvalue()) is not None

    return said


def test_every_line_carries_the_padded_name_of_its_part(supervisor, out):
    supervisor.add(shell("web", "echo one; echo two >&2; printf three; exec sleep 100 >&- 2>&-"))

    until(says(supervisor, out, "three"))

    lines = [line for line in out.getvalue().splitlines() if line.startswith("web")]
    assert lines == ["web        | one", "web        | two", "web        | three"]


def test_what_a_part_logs_is_printed_and_stays_in_its_file(supervisor, out, tmp_path):
    log = tmp_path / "postgres.log"
    log.write_text("from before\n")
    supervisor.add(shell("postgres", "echo one; echo two >&2; exec sleep 100", log=log))

    until(says(supervisor, out, "two"))

    assert out.getvalue() == "postgres   | one\npostgres   | two\n"
    assert log.read_text() == "from before\none\ntwo\n"


def test_a_log_that_was_taken_away_ends_nothing(supervisor, out, tmp_path):
    log = tmp_path / "postgres.log"
    supervisor.add(shell("postgres", "echo one; exec sleep 100", log=log))
    until(says(supervisor, out, "one"))

    log.unlink()
    supervisor.turn(0)

    assert supervisor.is_running("postgres")


def test_a_log_that_was_emptied_is_read_from_its_beginning(supervisor, out, tmp_path):
    log = tmp_path / "postgres.log"
    supervisor.add(shell("postgres", "echo a long line of before; exec sleep 100", log=log))
    until(says(supervisor, out, "before"))

    log.write_text("")
    supervisor.turn(0)
    log.write_text("after\n")
    supervisor.turn(0)

    assert out.getvalue().endswith("postgres   | after\n")


def test_the_log_of_a_part_that_was_started_again_is_printed_once(supervisor, out, tmp_path):
    log = tmp_path / "postgres.log"
    supervisor.add(shell("postgres", "echo here $$; exit 1", log=log))

    until(says(supervisor, out, "again in 0.4 s"))

    printed = [line for line in out.getvalue().splitlines() if "here" in line]
    assert len(printed) == len(set(printed)) >= 2


def test_a_part_that_ends_is_started_again_later_each_time(supervisor, out):
    supervisor.add(shell("web", "exit 3"))

    until(says(supervisor, out, "again in 0.4 s"))

    assert "web ended with exit code 3; starting it again in 0.2 s" in out.getvalue()


def test_children_of_a_part_that_died_are_swept_away(supervisor, out):
    supervisor.add(shell("web", "sleep 100 & echo child=$!; kill -9 $$"))

    until(says(supervisor, out, r"child=\d+\n(.|\n)*was ended by signal 9"))

    wait_until_gone([int(re.search(r"child=(\d+)", out.getvalue())[1])])


def test_parts_are_stopped_in_reverse_and_each_may_say_goodbye(supervisor, out):
    for name in ("database", "web", "worker"):
        farewell = f"trap 'echo bye; exit' TERM; echo hello {name}; while :; do sleep 0.05; done"
        supervisor.add(shell(name, farewell))
        until(says(supervisor, out, f"hello {name}"))

    supervisor.stop()

    byes = [line.split()[0] for line in out.getvalue().splitlines() if line.endswith("bye")]
    assert byes == ["worker", "web", "database"]


def test_a_part_that_will_not_end_is_killed_after_its_grace(supervisor, out):
    supervisor.add(shell("deaf", "trap '' TERM; echo up; exec sleep 100", grace_seconds=0.1))
    until(says(supervisor, out, "up"))
    pid = supervisor.pid_of("deaf")

    supervisor.stop()

    wait_until_gone([pid])
    assert "deaf did not end in time and is killed" in out.getvalue()


def test_a_second_signal_hurries(out):
    asks_again = "trap 'kill -TERM $PPID' TERM; kill -TERM $PPID; while :; do sleep 0.05; done"
    begun = monotonic()

    Supervisor([shell("deaf", asks_again, grace_seconds=60)], out).run()

    assert monotonic() - begun < 30


def test_a_part_has_a_session_of_its_own(supervisor):
    supervisor.add(shell("web", "exec sleep 100"))

    pid = supervisor.pid_of("web")

    assert os.getsid(pid) == pid


def test_a_full_disk_under_the_output_costs_its_lines_and_nothing_else(out):
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this machine has no disk that is always full")
    with io.FileIO(full, "w") as disk:
        supervisor = Supervisor(out=io.TextIOWrapper(disk, write_through=True))

        supervisor.add(shell("web", "echo lost; exec sleep 100"))
        for _ in range(3):
            supervisor.turn(0.05)

        assert supervisor.is_running("web")
        supervisor.stop()
        assert not supervisor.is_running("web")


def test_names_are_taken_once(supervisor):
    supervisor.add(shell("web", "exec sleep 100"))

    with pytest.raises(ValueError, match="already a part named web"):
        supervisor.add(shell("web", "exec sleep 100"))


@pytest.mark.parametrize("kept_by", ["kernel", "watcher"])
def test_a_killed_supervisor_takes_its_parts_along(kept_by):
    with subprocess.Popen(
        [sys.executable, "-c", KEPT, kept_by], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        child = int(read_line(process).rpartition("|")[2])

        kill(process.pid)

        wait_until_gone([child])


def test_where_the_kernel_has_no_such_wish_nothing_is_asked_of_it():
    outcome = subprocess.run([sys.executable, "-c", ELSEWHERE], cwd=ROOT, check=False)

    assert outcome.returncode == 0


def test_signals_mean_afterwards_what_they_meant_before(out):
    before = signal.getsignal(signal.SIGTERM)

    Supervisor([shell("web", "kill -TERM $PPID; exec sleep 100")], out).run()

    assert signal.getsignal(signal.SIGTERM) == before
