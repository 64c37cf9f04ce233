"""The phone of a demo person: asks the stand-in for the code that `wx.login` would give."""

import httpx

from app.wechat.errors import WechatUnreachable

DEMO_PREFIX = "oDemo"
DEMO_KINDS = ("Resident", "Member")  # what follows, and then a number
SECONDS = 2.0


def mint_phone_code(base_url: str, *, openid: str, number: str) -> str:
    """What the phone button gives when one of the demo's people agrees to show this number."""
    return _minted(f"{base_url}/__sim/phone_code", {"openid": openid, "phone": number})


def mint_code(base_url: str, *, openid: str) -> str:
    """A fresh login code for one of the demo's people; `WechatUnreachable` without a stand-in."""
    return _minted(f"{base_url}/__sim/wx_login", {"openid": openid})


def _minted(address: str, asked: dict[str, str]) -> str:
    try:
        answer = httpx.post(address, json=asked, timeout=SECONDS, trust_env=False)
        answer.raise_for_status()
        code: str = answer.json()["code"]
    except (httpx.HTTPError, ValueError, KeyError) as error:
        raise WechatUnreachable("The stand-in does not answer", retry_after=2) from error
    return code
