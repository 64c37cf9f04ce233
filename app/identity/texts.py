"""What residents write for others to read is looked at first: by the platform, or by a person."""

from collections.abc import Sequence

from app.core.patience import within
from app.identity.elsewhere import Known
from app.wechat.extension import super_apps
from app.wechat.superapp import Scene, Verdict

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
    apps = super_apps()
    known = [(apps[key], one.subject) for one in accounts if (key := _key(one)) in apps]
    if not known:
        return Verdict.REVIEW
    super_app, subject = known[0]
    try:
        return within(SECONDS, lambda: super_app.check_text(subject, scene, text))
    except TimeoutError:
        return Verdict.REVIEW


def _key(account: Known) -> tuple[str, str]:
    return account.platform, account.appid
