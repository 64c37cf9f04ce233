"""Our side of WeChat's server API, for one mini-program."""

import re
from collections.abc import Mapping

import httpx

from app.wechat import answers, links, pushes
from app.wechat.answers import CODE_INVALID, TOKEN_REFUSED, Answer, read_answer
from app.wechat.checking import TextCheck, media_call, trace_id_in
from app.wechat.errors import (
    LoginCodeInvalid,
    PhoneCodeInvalid,
    WechatDeclined,
    WechatRefusal,
)
from app.wechat.outfit import Outfit
from app.wechat.pushes import PushSecrets
from app.wechat.sending import Sending, delivery_of
from app.wechat.superapp import (
    Agreement,
    Delivery,
    Identity,
    Message,
    Phone,
    Received,
    Scene,
    Told,
    Verdict,
)
from app.wechat.telling import tell
from app.wechat.tokens import Tokens
from app.wechat.wire import LARGEST_IMAGE, Call, Read, T, Wire

_CODE = re.compile(r"[A-Za-z0-9_-]{1,128}")
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
_DIGITS = re.compile(r"[0-9]{5,15}")
_COUNTRY = re.compile(r"[0-9]{1,4}")


class WechatClient:
    """One mini-program's calls to WeChat. It is a `SuperApp`, and may be shared by threads."""

    platform = "wechat"

    def __init__(
        self,
        appid: str,
        secret: str,
        *,
        base_url: str,
        transport: httpx.BaseTransport | None = None,
        outfit: Outfit | None = None,
    ) -> None:
        outfit = outfit or Outfit()
        self._appid = appid
        self._secret = secret
        self._outfit = outfit
        self._wire = Wire(
            base_url,
            transport=transport,
            monotonic=outfit.monotonic,
            now=outfit.now,
            budget=outfit.budget,
        )
        self._tokens = Tokens(self._wire, outfit.tokens, appid=appid, secret=secret, now=outfit.now)
        self._push = PushSecrets(appid=appid, token=outfit.push_token, aes_key=outfit.push_aes_key)

    @property
    def tells_answers(self) -> bool:
        """Whether WeChat pushes what people answer to the popup."""
        return bool(self._push.token)

    def login(self, code: str) -> Identity:
        """Exchange a login code for who the person is; a code works once."""
        if not _CODE.fullmatch(code):
            raise LoginCodeInvalid("This is not a login code")
        query = {
            "appid": self._appid,
            "secret": self._secret,
            "js_code": code,
            "grant_type": "authorization_code",
        }
        outcome = self._wire.send(Call(path="/sns/jscode2session", query=query), answers.read_login)
        if isinstance(outcome, WechatRefusal):
            raise outcome  # raised here, where no exception that holds the address is at hand
        return outcome

    def phone(self, subject_id: str, proof: Mapping[str, str]) -> Phone:
        """The number behind the code of the phone button; WeChat checks that it is this person's.

        The number is that of a person who is signed in to our mini-program and no other's.
        """
        code = proof.get("code", "")
        if not _CODE.fullmatch(code):
            raise PhoneCodeInvalid("This is not a code of the phone button")
        body = {"code": code, "openid": subject_id}
        try:
            answer = self._answer(Call(path="/wxa/business/getuserphonenumber", body=body))
        except WechatDeclined as refusal:
            if refusal.errcode not in CODE_INVALID:
                raise
            message = "WeChat does not accept this phone code: press the button again"
            raise PhoneCodeInvalid(
                message, errcode=refusal.errcode, trace_id=refusal.trace_id
            ) from None
        found = _phone(answer, appid=self._appid)
        if found is None:
            raise answers.malformed()
        return found

    def code_image(self, page: str, token: str, *, env: str = "release") -> bytes:
        """The round code that opens a page with our token; it is good for ever."""
        body = {
            "scene": links.fit_scene(token),
            "page": links.fit_page(page),
            "check_path": env == "release",
            "env_version": env,
        }
        call = Call(path="/wxa/getwxacodeunlimit", body=body, largest=LARGEST_IMAGE)
        return self._ask(call, _read_picture)

    def link(self, page: str, query: str, *, days: int = 30) -> str:
        """An address that opens the mini-program from outside WeChat, for so many days."""
        body = {
            "path": links.fit_page(page),
            "query": links.fit_query(query),
            "expire_type": 1,
            "expire_interval": days,
        }
        found = self._answer(Call(path="/wxa/generate_urllink", body=body)).get("url_link")
        if not isinstance(found, str) or not found.startswith("https://"):
            raise answers.malformed()
        return found

    def parse_scan(self, payload: Mapping[str, str]) -> str | None:
        """Our token in what was scanned, from our mini-program's codes and ordinary links."""
        return links.token_in(payload, self._outfit.links)

    def agreement(self, template: str) -> Agreement | None:
        """The subscribe message that this notice of ours is, if the console has one for it."""
        found = self._outfit.templates.get(template)
        return None if found is None else Agreement(found.id, lasting=found.lasting)

    def notify(self, subject_id: str, message: Message) -> Delivery:
        """Send a subscribe message. It is never sent twice: a lost answer is `UNKNOWN`."""
        sending = Sending.of(message, self._outfit.templates)
        if sending is None:
            return Delivery.BAD
        delivery = delivery_of(lambda: self._answer(sending.call(subject_id)))
        if delivery is None:  # the page is not released: the message itself may still be read
            call = sending.without_page().call(subject_id)
            delivery = delivery_of(lambda: self._answer(call))
        return delivery or Delivery.BAD

    def check_text(self, subject_id: str, scene: Scene, text: str) -> Verdict:
        """Whether a text may be shown; whatever WeChat could not say, a person has to look at."""
        return TextCheck(ask=self._answer, subject_id=subject_id, scene=scene).verdict(text)

    def check_media(self, subject_id: str, scene: Scene, url: str) -> str | None:
        """Have a picture looked at; the verdict comes as an event with this name."""
        try:
            return trace_id_in(self._answer(media_call(subject_id, scene, url)))
        except WechatRefusal as refusal:
            tell("a picture could not be checked", refusal)
            return None

    def parse_callback(self, received: Received) -> Told:
        """What WeChat tells us at the callback address."""
        return pushes.read(received, self._push)

    def close(self) -> None:
        """Let go of idle connections."""
        self._wire.close()

    def _answer(self, call: Call) -> Answer:
        return self._ask(call, read_answer)

    def _ask(self, call: Call, read: Read[T]) -> T:
        """The answer to a call that needs a token. A token is renewed once, never in a loop."""
        token = self._tokens.current()
        outcome = self._wire.send(call.bearing(token), read)
        if isinstance(outcome, WechatRefusal) and outcome.errcode in TOKEN_REFUSED:
            outcome = self._wire.send(call.bearing(self._tokens.instead_of(token)), read)
        if isinstance(outcome, WechatRefusal):
            raise outcome
        return outcome


def _phone(answer: Answer, *, appid: str) -> Phone | None:
    """The number, unless it was made out to another mini-program."""
    info = answer.get("phone_info")
    if not isinstance(info, dict) or not isinstance(info.get("watermark"), dict):
        return None
    number, country = str(info.get("purePhoneNumber")), str(info.get("countryCode"))
    if info["watermark"].get("appid") != appid:
        return None
    if not _DIGITS.fullmatch(number) or not _COUNTRY.fullmatch(country):
        return None
    return Phone(number=number, country=country)


def _read_picture(status: int, body: bytes) -> bytes | WechatRefusal:
    """Bytes on success, JSON on failure: told apart by how they begin."""
    if status == 200 and body.startswith(_PICTURES):
        return body
    answer = read_answer(status, body)
    return answer if isinstance(answer, WechatRefusal) else answers.malformed()
