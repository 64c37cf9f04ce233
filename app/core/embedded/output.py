"""The lines of several programs on one terminal, each with the name of its program before it."""

import contextlib
import os
import selectors
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TextIO

CHUNK = 65536
LONGEST_LINE = 65536
LEAST_WIDTH = 10


@dataclass(slots=True)
class _Log:
    """Whose log it is, how many of its bytes were read, and the line that has no end yet."""

    name: str
    seen: int
    rest: bytes = b""


class Lines:
    """Gathers what children print and writes it line by line."""

    def __init__(self, out: TextIO, selector: selectors.BaseSelector) -> None:
        self._out: TextIO | None = out
        self._selector = selector
        self._width = LEAST_WIDTH
        self._unfinished: dict[IO[bytes], bytes] = {}
        self._logs: dict[Path, _Log] = {}

    def follow(self, name: str, source: IO[bytes]) -> None:
        """Print from now on what comes out of `source`."""
        os.set_blocking(source.fileno(), False)
        self._width = max(self._width, len(name))
        self._unfinished[source] = b""
        self._selector.register(source, selectors.EVENT_READ, lambda: self._read(name, source))

    def follow_log(self, name: str, log: Path) -> None:
        """Print what is written to `log` from now on, each time it is caught up with."""
        if log not in self._logs:
            self._width = max(self._width, len(name))
            self._logs[log] = _Log(name, log.stat().st_size if log.exists() else 0)

    def catch_up(self) -> None:
        """Print what the logs have got since the last time."""
        for log, told in self._logs.items():
            with contextlib.suppress(OSError):  # whoever took a log away does not end the service
                self._read_log(log, told)

    def say(self, name: str, line: str) -> None:
        """Print one line under a name."""
        if self._out is None:
            return
        try:
            self._out.write(f"{name:<{self._width}} | {line}\n")
            self._out.flush()
        except BrokenPipeError:
            self._out = None  # nobody reads any more, and that is no reason to end the service
        except OSError:
            pass  # the disk below is full: this line is lost, and a later one may fit again

    def close(self) -> None:
        """Stop listening; what a part has left behind may keep its end open."""
        for source in list(self._unfinished):
            self._leave(source)

    def _read(self, name: str, source: IO[bytes]) -> None:
        try:
            chunk = os.read(source.fileno(), CHUNK)
        except BlockingIOError:
            return
        self._unfinished[source] = self._print(
            name, self._unfinished[source] + chunk, ended=not chunk
        )
        if not chunk:
            self._leave(source)

    def _read_log(self, log: Path, told: _Log) -> None:
        size = log.stat().st_size
        if size < told.seen:  # somebody emptied it
            told.seen, told.rest = 0, b""
        if size > told.seen:
            with log.open("rb") as source:
                source.seek(told.seen)
                chunk = source.read(CHUNK)
            told.seen += len(chunk)
            told.rest = self._print(told.name, told.rest + chunk)

    def _print(self, name: str, said: bytes, *, ended: bool = False) -> bytes:
        """Print the whole lines; the answer is the one that has no end yet."""
        *whole, rest = said.split(b"\n")
        if rest and (ended or len(rest) > LONGEST_LINE):
            whole, rest = [*whole, rest], b""
        for line in whole:
            self.say(name, line.decode(errors="replace").rstrip("\r"))
        return rest

    def _leave(self, source: IO[bytes]) -> None:
        self._selector.unregister(source)
        del self._unfinished[source]
        source.close()
