"""The super-apps this deployment talks to, ready for whoever signs people in."""

from flask import Flask, current_app

from app.core.vault import Vault
from app.wechat import crypto, templates
from app.wechat.address import check_base_url
from app.wechat.client import WechatClient
from app.wechat.links import LinkRule
from app.wechat.outfit import Outfit
from app.wechat.superapp import SuperApp, SuperApps
from app.wechat.token_store import DatabaseTokens
from app.wechat.tokens import MemoryTokens, TokenStore
from config import Settings, SettingsInvalid


def init_app(app: Flask, settings: Settings) -> None:
    check_base_url(settings.wechat_base_url, env=settings.env)
    outfit = Outfit(
        tokens=_token_store(app),
        templates=templates.read(settings.wechat_templates),
        links=LinkRule(f"{settings.public_url}/q/"),
        push_token=settings.wechat_push_token,
        push_aes_key=_checked_key(settings.wechat_push_aes_key),
    )
    client: SuperApp = WechatClient(
        settings.wechat_appid,
        settings.wechat_secret,
        base_url=settings.wechat_base_url,
        outfit=outfit,
    )
    app.extensions["super_apps"] = {(client.platform, settings.wechat_appid): client}


def super_apps() -> SuperApps:
    """The super-apps at hand, by platform and mini-program."""
    found: SuperApps = current_app.extensions["super_apps"]
    return found


def _token_store(app: Flask) -> TokenStore:
    """The database, for all processes; a process without keys to seal with keeps its own."""
    vault: Vault | None = app.extensions.get("vault")
    return MemoryTokens() if vault is None else DatabaseTokens(vault)


def _checked_key(aes_key: str) -> str:
    """The key of WeChat's console, if it is one; without it, events come in clear."""
    try:
        if aes_key:
            crypto.message_key(aes_key)
    except crypto.SealBroken:
        message = "WECHAT_PUSH_AES_KEY must be the 43 letters and digits of WeChat's console"
        raise SettingsInvalid(message) from None
    return aes_key
