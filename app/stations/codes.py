"""The text of a printed station code: `S` and 128 random bits."""

import re
import secrets

FORM = re.compile(r"S[A-Za-z0-9_-]{22}")


def issue() -> str:
    return "S" + secrets.token_urlsafe(16)


def is_ours(text: str) -> bool:
    return FORM.fullmatch(text) is not None
