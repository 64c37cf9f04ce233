"""Folders made with exact rights, and small files written whole or not at all."""

import contextlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from app.core.embedded.account import Account
from app.core.embedded.errors import CannotStart

PRIVATE = 0o700


def make_folder(folder: Path, mode: int, account: Account | None = None) -> None:
    """Make one folder unless it is there; the rights of an existing one are left as they are.

    It appears with its rights or not at all: a start that is interrupted must not leave a
    folder that the next one refuses.
    """
    if os.path.lexists(folder):
        return
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    if account is not None and not account.is_ours:
        os.chown(draft, account.uid, account.gid)
    draft.chmod(mode)
    try:
        draft.rename(folder)
    except OSError:  # somebody else was faster
        draft.rmdir()
        if not os.path.lexists(folder):
            raise


def make_private(folder: Path, account: Account) -> None:
    """A folder of `account` alone, refused when it is anything else: it may have been planted."""
    make_folder(folder, PRIVATE, account)
    found = folder.lstat()
    private = stat.S_ISDIR(found.st_mode) and stat.S_IMODE(found.st_mode) & 0o077 == 0
    if not private or found.st_uid != account.uid:
        raise CannotStart(
            f"{folder} must be a private folder of {account.name}, and is not: "
            "move it out of the way and start again."
        )


def write_whole(file: Path, text: str, mode: int = 0o644) -> None:
    """Replace `file`, so that nobody ever reads half of it."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        os.fchmod(descriptor, mode)
        opened.write(text)
    draft.replace(file)


def write_once(file: Path, text: str, mode: int = 0o600) -> None:
    """Write `file` unless it is there: whole, or not at all."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    write_whole(draft, text, mode)
    with contextlib.suppress(FileExistsError):
        file.hardlink_to(draft)
    draft.unlink()


def read_or_none(file: Path) -> str | None:
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        return file.read_text(encoding="utf-8").strip()
    return None


def remove_tree(folder: Path) -> None:
    """Remove a folder of ours and all that is in it; one that is not there is removed already."""
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(folder)


def point(link: Path, target: Path) -> None:
    """A symbolic link for people who look for the data where they expect it."""
    if link.is_symlink() and link.readlink() == target:
        return
    link.unlink(missing_ok=True)
    link.symlink_to(target)


def list_files(folder: Path) -> Iterator[Path]:
    """Every file below `folder`, in an order that is always the same."""
    for parent, folders, files in os.walk(folder):
        folders.sort()
        yield from (Path(parent, file) for file in sorted(files))
