"""Which addresses may be asked in WeChat's place: the secret goes wherever this says yes."""

from app.wechat.errors import WechatAddressRefused
from config.settings import ORIGIN, WECHAT_URL

STANDIN_ENVIRONMENTS = frozenset({"demo", "dev", "test"})


def check_base_url(url: str, *, env: str) -> None:
    """Refuse an address that is not WeChat's, unless `env` is one where a stand-in may answer.

    The comparison is with the whole address: a port, a user name or a path is a way to mislead.
    """
    origin = url.removesuffix("/")
    if env not in STANDIN_ENVIRONMENTS and origin.lower() != WECHAT_URL:
        raise WechatAddressRefused(f"WeChat's address must be {WECHAT_URL} when ENV={env}")
    if not ORIGIN.fullmatch(origin):
        raise WechatAddressRefused("WeChat's address must look like http://127.0.0.1:8001")
