"""The account the servers run as: ours, or an unprivileged one when we are root."""

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.core.embedded.errors import CannotStart

UNPRIVILEGED = ("postgres", "nobody")
PROBE_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Account:
    """A user of this machine."""

    name: str
    uid: int
    gid: int

    @property
    def is_ours(self) -> bool:
        return self.uid == os.geteuid()

    def can_enter(self, folder: Path) -> bool:
        """Whether every folder on the way to `folder`, and itself, lets this account pass."""
        return self.succeeds(["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)])

    def succeeds(self, argv: Sequence[str]) -> bool:
        """Run a harmless command as this account: only the kernel knows every rule it applies."""
        try:
            outcome = subprocess.run(  # noqa: S603 - our own command lines
                argv,
                check=False,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                cwd="/",
                timeout=PROBE_SECONDS,
                user=None if self.is_ours else self.uid,
                group=None if self.is_ours else self.gid,
                extra_groups=None if self.is_ours else [],
            )
        except (OSError, subprocess.TimeoutExpired):
            return False
        return outcome.returncode == 0


def own_account() -> Account:
    """The account of this process; PostgreSQL insists that it has a name."""
    uid = os.geteuid()
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise CannotStart(
            f"User id {uid} has no name in /etc/passwd, which PostgreSQL needs: "
            "add a line for it, run as another user, or set DATABASE_URL and REDIS_URL."
        ) from None
    return Account(entry.pw_name, uid, entry.pw_gid)


def service_account(name: str | None = None) -> Account:
    """Who runs the servers. PostgreSQL refuses root, so root hands them to `name` or the like."""
    ours = own_account()
    if ours.uid != 0:
        return ours
    for candidate in (name,) if name else UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(candidate)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    wanted = name or " or ".join(UNPRIVILEGED)
    raise CannotStart(
        f"PostgreSQL does not run as root and there is no unprivileged account {wanted} here: "
        "create one, or start as an ordinary user."
    )
