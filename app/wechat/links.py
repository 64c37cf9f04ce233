"""Codes and links: which links open the mini-program, what a code may carry, whose token it is."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

LONGEST_SCENE = 32
LONGEST_LINK = 1024

# WeChat also takes "&", and was once seen to refuse it; a bare token needs none.
_SCENE = re.compile(rf"[0-9A-Za-z!#$'()*+,/:;=?@\-._~]{{1,{LONGEST_SCENE}}}")
_PAGE = re.compile(r"[A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+)*")
_QUERY = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~%]{0,1024}")
_TOKEN = re.compile(r"[A-Za-z0-9._-]{1,128}")
_STRAY = "\ufeff\u200b \t\r\n"  # some phones add them to what they scanned


class LinkUnfit(ValueError):
    """A page, a scene or a query of a form that WeChat would refuse."""


@dataclass(frozen=True, slots=True)
class LinkRule:
    """The prefix of ordinary links that open the mini-program, as its console knows it."""

    prefix: str

    def opens(self, link: str) -> bool:
        """Below the rule's path only if that ends in a slash; a query counts as a prefix."""
        try:
            rule, asked = urlsplit(self.prefix), urlsplit(link)
        except ValueError:
            return False
        if (rule.scheme, rule.netloc.lower()) != (asked.scheme, asked.netloc.lower()):
            return False
        below = rule.path.endswith("/") and not rule.query and asked.path.startswith(rule.path)
        return (below or asked.path == rule.path) and asked.query.startswith(rule.query)

    def token_in(self, link: str) -> str | None:
        """What stands behind the prefix, if it is a token of ours and nothing more."""
        if len(link) > LONGEST_LINK or not self.opens(link):
            return None
        return _token(urlsplit(link).path.removeprefix(urlsplit(self.prefix).path))


def token_in(payload: Mapping[str, str], rule: LinkRule) -> str | None:
    """Our token in what a phone was opened with (`q`, `scene`) or scanned (`path`, `result`).

    An ordinary link comes encoded once; a scene comes encoded from some phones and plain from
    others, which is all the same for a token that needs no encoding.
    """
    if payload.get("q"):
        return rule.token_in(unquote(payload["q"]).strip(_STRAY))
    if payload.get("scene"):
        return _token(unquote(payload["scene"]))
    if payload.get("path"):
        scenes = parse_qs(urlsplit(payload["path"]).query).get("scene", [])
        return _token(unquote(scenes[0])) if len(scenes) == 1 else None
    return rule.token_in(payload.get("result", "").strip(_STRAY))


def fit_scene(token: str) -> str:
    if not _SCENE.fullmatch(token):
        raise LinkUnfit(f"a scene has 1 to {LONGEST_SCENE} letters, digits and marks")
    return token


def fit_page(page: str) -> str:
    """A page as codes and links name it: without a slash before it and without a query."""
    if not _PAGE.fullmatch(page):
        raise LinkUnfit("a page has no slash before it and no query")
    return page


def fit_query(query: str) -> str:
    if not _QUERY.fullmatch(query):
        raise LinkUnfit("a query has at most 1024 letters, digits and marks")
    return query


def _token(text: str) -> str | None:
    return text if _TOKEN.fullmatch(text) else None
