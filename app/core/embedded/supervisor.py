"""A small supervisor: starts the parts, prints their lines, starts again what dies, stops all.

Everything happens in the main thread, in one loop over a selector: a child ends with the thread
that spawned it, so no other thread may spawn.
"""

import selectors
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from time import monotonic
from typing import TextIO

from app.core.embedded.lifeline import Lifeline
from app.core.embedded.output import Lines
from app.core.embedded.process import Part, send, spawn, sweep
from app.core.embedded.signals import Signals

FIRST_DELAY_SECONDS = 0.2
LONGEST_DELAY_SECONDS = 5.0
HEALTHY_AFTER_SECONDS = 30.0
HURRIED_SECONDS = 2.0
TICK_SECONDS = 0.02
LAST_WORDS = 64  # readings of what a part said before it ended


@dataclass(slots=True)
class _Post:
    """The place of one part: its process, or when to start the next one."""

    part: Part
    process: subprocess.Popen[bytes]
    started: float
    delay: float = FIRST_DELAY_SECONDS
    due: float | None = None


class Supervisor:
    """Runs parts until it is told to stop, and stops them in the reverse of their order."""

    def __init__(
        self,
        parts: Iterable[Part] = (),
        out: TextIO | None = None,
        *,
        lifeline: Lifeline | None = None,
    ) -> None:
        self._waiting = list(parts)
        self._posts: dict[str, _Post] = {}
        self._selector = selectors.DefaultSelector()
        self._lines = Lines(out or sys.stdout, self._selector)
        self._lifeline = lifeline or Lifeline()
        self._signals: Signals | None = None

    def add(self, part: Part) -> None:
        """Start one more part now; it will be stopped before those that were there."""
        if part.name in self._posts:
            raise ValueError(f"There is already a part named {part.name}")
        self._posts[part.name] = _Post(part, self._spawned(part), monotonic())

    def run(self) -> None:
        """Keep everything running until SIGTERM, SIGINT or SIGHUP, then stop it all."""
        with Signals() as signals:
            self._signals = signals
            self._selector.register(signals.door, selectors.EVENT_READ, signals.drain)
            try:
                while self._waiting:
                    self.add(self._waiting.pop(0))
                while not signals.stops:
                    self.turn()
            finally:
                self.stop()
                self._selector.unregister(signals.door)
                self._signals = None

    def turn(self, seconds: float = 1.0) -> None:
        """Print what was said, note who died, start again who is due: one turn of the loop."""
        dues = [post.due for post in self._posts.values() if post.due is not None]
        self._listen(min([seconds, *(max(0.0, due - monotonic()) for due in dues)]))
        self._lines.catch_up()
        for post in self._posts.values():
            if post.due is None and post.process.poll() is not None:
                self._bury(post)
            elif post.due is not None and monotonic() >= post.due:
                self._start_again(post)

    def is_running(self, name: str) -> bool:
        return name in self._posts and self._posts[name].process.poll() is None

    def pid_of(self, name: str) -> int | None:
        """The process of a part that runs."""
        return self._posts[name].process.pid if self.is_running(name) else None

    def end(self, name: str) -> None:
        """Stop one part for good; a part that is not there is stopped already."""
        post = self._posts.pop(name, None)
        if post is not None:
            self._stop(post)

    def stop(self) -> None:
        """Stop them all, the last one first, each within its grace."""
        for name in reversed(list(self._posts)):
            self.end(name)
        self._lines.close()
        self._lifeline.close()

    def _spawned(self, part: Part) -> subprocess.Popen[bytes]:
        if part.log is not None:
            self._lines.follow_log(part.name, part.log)
        process = spawn(part, self._lifeline)
        if process.stdout is not None:
            self._lines.follow(part.name, process.stdout)
        return process

    def _bury(self, post: _Post) -> None:
        self._settle(post)
        if monotonic() - post.started >= HEALTHY_AFTER_SECONDS:
            post.delay = FIRST_DELAY_SECONDS
        ending = _ending(post.process.returncode)
        self._say(f"{post.part.name} {ending}; starting it again in {post.delay:.1f} s")
        post.due = monotonic() + post.delay
        post.delay = min(post.delay * 2, LONGEST_DELAY_SECONDS)

    def _start_again(self, post: _Post) -> None:
        post.started = monotonic()
        try:
            post.process = self._spawned(post.part)
        except OSError as error:  # no memory, too many processes: it may pass
            self._say(f"{post.part.name} cannot be started: {error}")
            post.due = monotonic() + post.delay
            post.delay = min(post.delay * 2, LONGEST_DELAY_SECONDS)
        else:
            post.due = None

    def _stop(self, post: _Post) -> None:
        if post.due is not None:
            return  # it has ended already, and was waiting to start again
        send(post.process, post.part.stop_signal)
        deadline = monotonic() + post.part.grace_seconds
        hurried = False
        while post.process.poll() is None:
            if self._in_a_hurry() and not hurried:
                hurried = True
                send(post.process, post.part.death_signal)
                deadline = min(deadline, monotonic() + HURRIED_SECONDS)
            if monotonic() >= deadline:
                self._say(f"{post.part.name} did not end in time and is killed")
                break
            self._listen(TICK_SECONDS)
        self._settle(post)

    def _settle(self, post: _Post) -> None:
        sweep(post.process)
        self._lifeline.ended(post.process.pid)
        for _ in range(LAST_WORDS):
            if not self._listen(0):
                break
        if self._signals is not None:  # else nobody is at the terminal: a short command's servers
            self._lines.catch_up()

    def _listen(self, seconds: float) -> bool:
        """Attend to what arrives within `seconds`, and tell whether anything did."""
        events = self._selector.select(seconds)
        for key, _ in events:
            key.data()
        return bool(events)

    def _in_a_hurry(self) -> bool:
        return self._signals is not None and self._signals.stops > 1

    def _say(self, line: str) -> None:
        self._lines.say("supervisor", line)


def _ending(returncode: int) -> str:
    if returncode < 0:
        return f"was ended by signal {-returncode}"
    return f"ended with exit code {returncode}"
