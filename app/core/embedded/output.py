"""The lines of several programs on one terminal, each with the name of its program before it."""

import os
import selectors
from typing import IO, TextIO

CHUNK = 65536
LONGEST_LINE = 65536
LEAST_WIDTH = 10


class Lines:
    """Gathers what children print and writes it line by line."""

    def __init__(self, out: TextIO, selector: selectors.BaseSelector) -> None:
        self._out: TextIO | None = out
        self._selector = selector
        self._width = LEAST_WIDTH
        self._unfinished: dict[IO[bytes], bytes] = {}

    def follow(self, name: str, source: IO[bytes]) -> None:
        """Print from now on what comes out of `source`."""
        os.set_blocking(source.fileno(), False)
        self._width = max(self._width, len(name))
        self._unfinished[source] = b""
        self._selector.register(source, selectors.EVENT_READ, lambda: self._read(name, source))

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
        *whole, rest = (self._unfinished[source] + chunk).split(b"\n")
        if rest and (not chunk or len(rest) > LONGEST_LINE):
            whole, rest = [*whole, rest], b""
        for line in whole:
            self.say(name, line.decode(errors="replace").rstrip("\r"))
        self._unfinished[source] = rest
        if not chunk:
            self._leave(source)

    def _leave(self, source: IO[bytes]) -> None:
        self._selector.unregister(source)
        del self._unfinished[source]
        source.close()
