"""Asking WeChat whether texts and pictures may be shown. What fails is looked at by a person."""

from collections.abc import Callable
from dataclasses import dataclass

from app.wechat.answers import Answer
from app.wechat.errors import WechatRefusal
from app.wechat.superapp import Scene, Verdict
from app.wechat.telling import tell
from app.wechat.wire import Call

LONGEST_TEXT = 2500
VERSION, IMAGE = 2, 2

_SEVERITY = (Verdict.PASS, Verdict.REVIEW, Verdict.RISKY)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextCheck:
    """A check of what one person wrote for one scene."""

    ask: Callable[[Call], Answer]
    subject_id: str
    scene: Scene

    def verdict(self, text: str) -> Verdict:
        """The worst that is said of any part of the text."""
        said = text.encode(errors="ignore").decode()  # half a character cannot be sent
        parts = [said[at : at + LONGEST_TEXT] for at in range(0, len(said), LONGEST_TEXT)]
        found = [self._of_part(part) for part in parts]
        return max(found, key=_SEVERITY.index, default=Verdict.PASS)

    def _of_part(self, part: str) -> Verdict:
        body = {
            "content": part,
            "version": VERSION,
            "scene": int(self.scene),
            "openid": self.subject_id,
        }
        try:
            return verdict_of(self.ask(Call(path="/wxa/msg_sec_check", body=body)).get("result"))
        except WechatRefusal as refusal:
            tell("a text could not be checked", refusal)
            return Verdict.REVIEW


def verdict_of(result: object) -> Verdict:
    """What a result says; a word nobody knows is no permission."""
    said = result.get("suggest") if isinstance(result, dict) else None
    return Verdict(str(said)) if said in set(Verdict) else Verdict.REVIEW


def media_call(subject_id: str, scene: Scene, url: str) -> Call:
    body = {
        "media_url": url,
        "media_type": IMAGE,
        "version": VERSION,
        "scene": int(scene),
        "openid": subject_id,
    }
    return Call(path="/wxa/media_check_async", body=body)


def trace_id_in(answer: Answer) -> str | None:
    found = answer.get("trace_id")
    return found if isinstance(found, str) and 0 < len(found) <= 64 else None
