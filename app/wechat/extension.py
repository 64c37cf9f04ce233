"""The super-apps this deployment talks to, ready for whoever signs people in."""

from flask import Flask

from app.wechat.address import check_base_url
from app.wechat.client import WechatClient
from app.wechat.superapp import SuperApp
from config import Settings


def init_app(app: Flask, settings: Settings) -> None:
    check_base_url(settings.wechat_base_url, env=settings.env)
    client: SuperApp = WechatClient(
        settings.wechat_appid, settings.wechat_secret, base_url=settings.wechat_base_url
    )
    app.extensions["super_apps"] = {(client.platform, settings.wechat_appid): client}
