"""Where the servers keep their data, and how their sockets can be reached.

Normally that is `var/` itself. Root hands the servers to an unprivileged account, which often
cannot pass the folders above a checkout. Their rights are not ours to change: the data then
lives below /var/lib, and `var/` points to it.
"""

import hashlib
import os
import re
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from app.core.embedded.account import Account
from app.core.embedded.binaries import SHARED, make_shared
from app.core.embedded.errors import CannotStart
from app.core.embedded.folders import (
    make_folder,
    make_private,
    point,
    read_or_none,
    remove_tree,
    write_whole,
)
from app.core.embedded.lock import Lock
from app.core.embedded.residents import vacate

PASSABLE = 0o711
READABLE = 0o755
LONGEST_SOCKET_PATH = 103  # bytes; macOS allows the least
SOCKETS = ("sockets/.s.PGSQL.5432", "sockets/valkey.sock")
PLAIN = re.compile(r"[A-Za-z0-9/._-]+")  # what needs no quoting in any address
TEMPORARY = Path("/tmp")  # noqa: S108 - the same for everyone; what we make there is verified
SERVERS = ("postgres", "valkey")
LOG_BYTES = 8 * 1024 * 1024
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Home:
    """The folder whose subfolders the servers use, and who they run as."""

    var: Path
    folder: Path
    account: Account
    lock: Lock | None = None

    @property
    def sockets(self) -> Path:
        """A private folder with a path short and plain enough for a socket address."""
        longest = max(len(os.fsencode(self.folder / socket)) for socket in SOCKETS)
        if longest <= LONGEST_SOCKET_PATH and PLAIN.fullmatch(str(self.folder)):
            return self.folder / "sockets"
        return TEMPORARY / f"red-account-{digest_of(self.var)}"

    @property
    def access(self) -> Path:
        """Rules that the servers read and may not write."""
        return self.folder / "access"

    def log(self, name: str) -> Path:
        """The log of a server; a long one is put aside, once."""
        folder = self.var / "log"
        make_folder(folder, READABLE)
        log = folder / f"{name}.log"
        if log.exists() and log.stat().st_size > LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))
        return log

    def furnish(self, least_free_bytes: int) -> None:
        """Make the folders the servers expect, on a disk that has room for them."""
        free = shutil.disk_usage(self.folder).free
        if free < least_free_bytes:
            raise CannotStart(
                f"Only {free // MIB} MiB are free on the disk of {self.folder}, and the database "
                f"needs {least_free_bytes // MIB}: free some space and start again."
            )
        make_private(self.sockets, self.account)
        make_folder(self.access, READABLE)

    def remove_data(self) -> None:
        """Delete what the servers kept, and what points to it; they have ended."""
        for name in SERVERS:
            remove_tree(self.folder / name)
        if self.folder != self.var:
            for pointer in ("marker", *SERVERS):
                (self.var / pointer).unlink(missing_ok=True)
            remove_tree(self.folder)

    def leave(self) -> None:
        """Give back what is held only while the servers run."""
        if self.sockets.parent == TEMPORARY and self.sockets.is_dir():
            shutil.rmtree(self.sockets, ignore_errors=True)
        if self.lock is not None:
            self.lock.release()


def digest_of(var: Path) -> str:
    return hashlib.sha256(os.fsencode(var)).hexdigest()[:16]


def check_var(var: Path) -> None:
    """Make `var/` if need be; refuse one that is not ours, and ours alone to decide about."""
    var.mkdir(parents=True, exist_ok=True)
    owner = var.stat().st_uid
    if owner != os.geteuid():
        raise CannotStart(
            f"{var} belongs to user id {owner} and you are user id {os.geteuid()}: "
            "run as its owner, or choose another folder with VAR_DIR."
        )
    if not os.access(var, os.W_OK | os.X_OK):
        raise CannotStart(f"{var} may not be written: give yourself the right (chmod u+rwx).")


def settle_home(var: Path, account: Account) -> Home:
    """Find or make the home of `var`; who calls holds the lock of `var`."""
    inside = any((var / name).is_dir() and not (var / name).is_symlink() for name in SERVERS)
    if account.is_ours:
        _refuse_foreign_links(var, None)
        return Home(var, var, account)
    reachable = account.can_enter(var)
    if inside and not reachable:
        raise CannotStart(
            f"The account {account.name}, which runs the database for root, cannot reach {var} "
            f"any more: let it pass the folders above (chmod o+x), or name another with VAR_DIR."
        )
    marked = read_or_none(var / "marker") is not None
    if reachable and not marked:
        _refuse_foreign_links(var, None)
        return Home(var, var, account)
    return _outside(var, account)


def _outside(var: Path, account: Account) -> Home:
    folder = SHARED / digest_of(var)
    _refuse_foreign_links(var, folder)
    make_shared()
    make_folder(folder, PASSABLE)
    lock = Lock(folder / "lock")
    if not lock.acquire():
        raise CannotStart(
            f"Servers of an earlier {var} still run in {folder}: "
            "stop the program that started them, and start again."
        )
    _match_marker(var, folder)
    for name in SERVERS:
        point(var / name, folder / name)
    return Home(var, folder, account, lock)


def _match_marker(var: Path, folder: Path) -> None:
    """Tie `folder` to this very `var/`: when `var/` was deleted, its data go as well."""
    ours, theirs = read_or_none(var / "marker"), read_or_none(folder / "marker")
    if ours is not None and ours == theirs:
        return
    if ours is not None and theirs is not None:
        raise CannotStart(
            f"The data in {folder} belong to another {var} than this one: "
            f"put that one back, or delete {var} to begin anew."
        )
    for name in SERVERS:
        vacate(folder / name)
        remove_tree(folder / name)
    token = ours or secrets.token_hex(16)
    write_whole(folder / "marker", token)
    write_whole(var / "marker", token)


def _refuse_foreign_links(var: Path, folder: Path | None) -> None:
    """A `var/` that was moved or copied still points to the data of the place it came from."""
    for name in SERVERS:
        link = var / name
        if link.is_symlink() and (folder is None or link.readlink() != folder / name):
            raise CannotStart(
                f"{link} points to {link.readlink()}, which is not where its data would be: "
                f"{var} was moved or copied, so put it back, or delete it to begin anew."
            )
