"""PostgreSQL from a folder of its programs: make a cluster, run it, ask it."""

import os
import re
import signal
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import psycopg

from app.core.embedded.account import own_account
from app.core.embedded.errors import CannotStart
from app.core.embedded.folders import PRIVATE, make_folder, read_or_none, remove_tree, write_whole
from app.core.embedded.home import Home
from app.core.embedded.lifeline import Lifeline
from app.core.embedded.process import Part
from app.core.embedded.residents import can_be_listed, vacate

NAME = "postgres"
ROLES = ("postgres", "owner", "app", "worker", "auditor_ro")
LOCALES = ("C.UTF-8", "C")
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
INITDB_SECONDS = 120.0
ANSWER_SECONDS = 2
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Postgres:
    """One cluster in one home."""

    programs: Path
    home: Home
    durable: bool = True
    max_connections: int = 100

    @property
    def name(self) -> str:
        return NAME

    @property
    def data(self) -> Path:
        return self.home.folder / NAME

    def prepare(self) -> None:
        """Leave a whole cluster that this version can read and that nobody uses."""
        vacate(self.data)
        if (self.data / "PG_VERSION").exists():
            self._check_version()
            self._check_owner()
        else:
            self._make_cluster()
        self._write_access()
        if can_be_listed():  # then nobody lives there, whatever the files of a killed server say
            for stale in (self.data / "postmaster.pid", *self.home.sockets.glob(".s.PGSQL.*")):
                stale.unlink(missing_ok=True)

    def part(self) -> Part:
        """The server: fast shutdown in order, immediate shutdown when we are killed.

        An immediate shutdown is as safe as a power cut: what was acknowledged is in the log.
        """
        return Part(
            name=NAME,
            argv=(str(self.programs / "postgres"), "-D", str(self.data), *self._options()),
            env=ENVIRONMENT,
            cwd=Path("/"),
            stop_signal=signal.SIGINT,
            grace_seconds=30.0,
            death_signal=signal.SIGQUIT,
            account=self.home.account,
            log=self.home.log(NAME),
        )

    def is_healthy(self) -> bool:
        return answers(str(self.home.sockets))

    def _options(self) -> Iterable[str]:
        chosen = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.home.sockets),
            "unix_socket_permissions": "0700",
            "hba_file": str(self.home.access / "pg_hba.conf"),
            "ident_file": str(self.home.access / "pg_ident.conf"),
            "max_connections": str(self.max_connections),
            "log_line_prefix": "%m [%p] %q%u@%d ",
            "log_checkpoints": "off",
            "log_error_verbosity": "terse",  # the details of a refusal quote the row
            "timezone": "UTC",
            **({} if self.durable else CARELESS),
        }
        for name, value in chosen.items():
            yield from ("-c", f"{name}={value}")

    def _check_version(self) -> None:
        made_by = read_or_none(self.data / "PG_VERSION") or ""
        ours = major_version(self.programs)
        if made_by == ours:
            return
        if made_by.isdigit() and int(made_by) > int(ours):
            cure = f"use programs of version {made_by} (POSTGRES_BIN)"
        else:
            cure = f"bring them over with pg_upgrade, use version {made_by} (POSTGRES_BIN)"
        raise CannotStart(
            f"The data in {self.data} were made by PostgreSQL {made_by} and this is {ours}: "
            f"{cure}, or choose another folder with VAR_DIR."
        )

    def _check_owner(self) -> None:
        owner, account = self.data.stat().st_uid, self.home.account
        if owner != account.uid:
            raise CannotStart(
                f"{self.data} belongs to user id {owner}, and the database runs as {account.name}: "
                "run as before, or choose another folder with VAR_DIR."
            )

    def _make_cluster(self) -> None:
        """Make it under another name first: a cluster is there whole or not at all."""
        draft = self.data.with_name(f"{NAME}.new")
        complaint: str | None = None
        for locale in LOCALES:
            vacate(draft)
            remove_tree(draft)
            make_folder(draft, PRIVATE, self.home.account)
            complaint = self._initdb(draft, locale)
            if complaint is None:
                if self.data.is_dir():
                    self.data.rmdir()  # an empty one may stand there; anything else is refused
                draft.rename(self.data)
                return
            if "locale" not in complaint:
                break
        raise CannotStart(f"PostgreSQL could not make its database: {complaint}.")

    def _initdb(self, folder: Path, locale: str) -> str | None:
        """Run it; answer what it complained about, if it did."""
        account = self.home.account
        command = [str(self.programs / "initdb"), "-D", str(folder), "-U", "postgres", "-A", "peer"]
        command += ["-E", "UTF8", f"--locale={locale}", "--data-checksums"]
        command += [] if self.durable else ["--no-sync"]
        outcome = subprocess.run(  # noqa: S603 - our own command line
            command,
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            env=ENVIRONMENT,
            cwd="/",
            timeout=INITDB_SECONDS,
            start_new_session=True,
            user=None if account.is_ours else account.uid,
            group=None if account.is_ours else account.gid,
            extra_groups=None if account.is_ours else [],
            preexec_fn=Lifeline().in_child(signal.SIGKILL),
        )
        if outcome.returncode == 0:
            return None
        said = [line for line in outcome.stderr.splitlines() if line.strip()]
        errors = [line for line in said if "error:" in line]
        return (errors or said or ["it said nothing"])[-1].strip().rstrip(".")

    def _write_access(self) -> None:
        """The user of the operating system is the proof: no password, no port."""
        users = dict.fromkeys((own_account().name, self.home.account.name))
        rules = [f'red "{user}" "{role}"\n' for user in users for role in ROLES]
        write_whole(self.home.access / "pg_hba.conf", "local all all peer map=red\n")
        write_whole(self.home.access / "pg_ident.conf", "".join(rules))


def major_version(programs: Path) -> str:
    """The first number of what `postgres --version` says."""
    said = subprocess.run(  # noqa: S603 - the chosen program
        [str(programs / "postgres"), "--version"],
        check=True,
        capture_output=True,
        text=True,
        timeout=ANSWER_SECONDS * 10,
    ).stdout
    found = re.search(r"\d+", said)
    if found is None:
        raise CannotStart(f"{programs}/postgres does not tell its version: see POSTGRES_BIN.")
    return found[0]


def connect(sockets: str, database: str = "postgres") -> psycopg.Connection:
    """A connection as the superuser, committing each statement."""
    return psycopg.connect(
        host=sockets,
        port=5432,
        user="postgres",
        dbname=database,
        connect_timeout=ANSWER_SECONDS,
        autocommit=True,
    )


def answers(sockets: str) -> bool:
    """Whether a server there answers a question."""
    try:
        with connect(sockets) as connection:
            connection.execute("SELECT 1")
    except psycopg.Error:
        return False
    return True
