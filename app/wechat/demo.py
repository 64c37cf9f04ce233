"""The phone of a demo person: asks the stand-in for the code that `wx.login` would give."""

import httpx

from app.wechat.errors import WechatUnreachable

DEMO_PREFIX = "oDemo"
SECONDS = 2.0


def mint_code(base_url: str, *, openid: str) -> str:
    """A fresh login code for one of the demo's people; `WechatUnreachable` without a stand-in."""
    try:
        answer = httpx.post(
            f"{base_url}/__sim/wx_login", json={"openid": openid}, timeout=SECONDS, trust_env=False
        )
        answer.raise_for_status()
        code: str = answer.json()["code"]
    except (httpx.HTTPError, ValueError, KeyError) as error:
        raise WechatUnreachable("The stand-in does not answer", retry_after=2) from error
    return code
