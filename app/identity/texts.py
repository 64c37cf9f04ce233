"""What people write or show to others is looked at: by the platform, or by a person."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from flask import current_app

from app.core.patience import within
from app.identity.elsewhere import Known
from app.wechat.extension import super_apps
from app.wechat.superapp import Scene, SuperApp, Verdict

T = TypeVar("T")

SECONDS = 2.0


def verdict_on(text: str, accounts: Sequence[Known], *, scene: Scene) -> Verdict:
    """Whether a text may be shown to others at once, asked before it is written.

    `accounts` are its writer's, read in a unit of work that is over: the network is asked while
    no connection is held. What nobody could be asked about in two seconds is `REVIEW`, never
    `PASS`: whoever keeps the text keeps the verdict with it, shows nothing but a `PASS`, and lets
    staff decide the rest.
    """
    if not text.strip():
        return Verdict.PASS
    known = _known(accounts)
    if known is None:
        return Verdict.REVIEW
    super_app, subject = known
    try:
        return _within(lambda: super_app.check_text(subject, scene, text))
    except TimeoutError:
        return Verdict.REVIEW


def ask_about(url: str, accounts: Sequence[Known], *, scene: Scene) -> str | None:
    """Have the picture at a public address looked at: under which name the verdict will come.

    None where nobody could be asked in two seconds: whoever keeps the picture takes that for
    `REVIEW`. `accounts` are those of whoever shows it, as above.
    """
    known = _known(accounts)
    if known is None:
        return None
    super_app, subject = known
    try:
        return _within(lambda: super_app.check_media(subject, scene, url))
    except TimeoutError:
        return None


def _within(ask: Callable[[], T]) -> T:
    """Ask in a thread of its own, which reaches the database for the platform's token."""
    context = current_app.app_context()

    def work() -> T:
        with context:
            return ask()

    return within(SECONDS, work)


def _known(accounts: Sequence[Known]) -> tuple[SuperApp, str] | None:
    """The first of these by which a super-app at hand knows somebody."""
    apps = super_apps()
    return next(((apps[key], one.subject) for one in accounts if (key := _key(one)) in apps), None)


def _key(account: Known) -> tuple[str, str]:
    return account.platform, account.appid
