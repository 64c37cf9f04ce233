"""Who may be told the secret."""

import pytest

from app.wechat.address import check_base_url
from app.wechat.errors import WechatAddressRefused


@pytest.mark.parametrize("env", ["production", "prod", "staging", ""])
@pytest.mark.parametrize(
    "url",
    [
        "http://api.weixin.qq.com",
        "https://127.0.0.1:8001",
        "https://api.weixin.qq.com.evil.example",
        "https://api.weixin.qq.com@evil.example",
        "https://api.weixin.qq.com:8443",
        "https://api.weixin.qq.com/elsewhere",
        "https://evil.example/?https://api.weixin.qq.com",
        "",
    ],
)
def test_where_it_counts_only_wechat_itself_is_asked(url, env):
    with pytest.raises(WechatAddressRefused, match=r"must be https://api\.weixin\.qq\.com"):
        check_base_url(url, env=env)


@pytest.mark.parametrize("env", ["production", "demo", "dev", "test"])
@pytest.mark.parametrize("url", ["https://api.weixin.qq.com", "https://api.weixin.qq.com/"])
def test_wechat_itself_may_always_be_asked(url, env):
    check_base_url(url, env=env)


@pytest.mark.parametrize("env", ["demo", "dev", "test"])
def test_a_stand_in_may_be_asked_in_a_demo(env):
    check_base_url("http://127.0.0.1:8001", env=env)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "127.0.0.1:8001",
        "ftp://x",
        "http://",
        "http://x/?a=b",
        "http://x/path",
        "http://user@x",
        "http://x:port",
        "http://[",
        "http://x y",
    ],
)
def test_an_address_must_look_like_one(url):
    with pytest.raises(WechatAddressRefused, match="must look like"):
        check_base_url(url, env="demo")
