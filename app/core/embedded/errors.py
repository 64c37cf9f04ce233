"""What is told to the person at the terminal when the embedded servers cannot run."""

import errno
from pathlib import Path

FULL = {errno.ENOSPC, errno.EDQUOT}
FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


class CannotStart(Exception):
    """The servers cannot run here; the message is one sentence that says what to do."""


def explained(error: OSError, folder: Path) -> CannotStart:
    """The refusal of the operating system as a sentence about `folder`."""
    place = error.filename or folder
    if error.errno in FULL:
        return CannotStart(f"The disk of {place} is full: free some space and start again.")
    if error.errno in FORBIDDEN:
        return CannotStart(
            f"{place} may not be written or reached ({error.strerror}): "
            "give this user the rights, or choose another folder with VAR_DIR."
        )
    return CannotStart(f"{place} cannot be used: {error.strerror or error}.")
