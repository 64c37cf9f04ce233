"""A wire that is cut again and again: some bytes get through, and then the line is dead."""

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from random import Random
from threading import Lock, Thread

AT_ONCE = 4096
WHOLE = 10**9  # bytes: more than anybody sends


class Wire:
    """Between clients and an address of this machine; three connections in eight are cut."""

    def __init__(self, port: int, *, seed: int) -> None:
        self._port = port
        self._random, self._lock = Random(seed), Lock()
        self.cuts = 0
        self.listener = socket.create_server(("127.0.0.1", 0))

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def run(self) -> None:
        """Take connections until the listener is closed."""
        with suppress(OSError):
            while True:
                client, _address = self.listener.accept()
                Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        """One connection, with so many bytes there and so many back."""
        there, back = self._fate()
        with client, socket.create_connection(("127.0.0.1", self._port)) as server:
            answering = Thread(target=_pass_on, args=(server, client, back), daemon=True)
            answering.start()
            _pass_on(client, server, there)
            answering.join()

    def _fate(self) -> tuple[int, int]:
        """Cut on the way there, before any answer, within it, or not at all."""
        with self._lock:
            fate = self._random.randrange(8)
            self.cuts += fate < 3
            some = self._random.randrange(1, 1500)
        return {0: (some, 0), 1: (WHOLE, 0), 2: (WHOLE, some % 300)}.get(fate, (WHOLE, WHOLE))


def _pass_on(source: socket.socket, sink: socket.socket, most: int) -> None:
    """Hand on so many bytes; then neither side hears any more of the other."""
    with suppress(OSError):
        while data := source.recv(AT_ONCE):
            sink.sendall(data[:most])
            most -= len(data)
            if most <= 0:
                break
    for one in (source, sink):
        _reset(one) if most <= 0 else _end(one)


def _reset(one: socket.socket) -> None:
    with suppress(OSError):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        one.shutdown(socket.SHUT_RDWR)


def _end(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_WR)


@contextmanager
def cut_wire(port: int, *, seed: int) -> Iterator[Wire]:
    """A wire to a port of this machine, for the length of a `with`."""
    wire = Wire(port, seed=seed)
    thread = Thread(target=wire.run, daemon=True)
    thread.start()
    try:
        yield wire
    finally:
        wire.listener.shutdown(socket.SHUT_RDWR)
        wire.listener.close()
        thread.join()
