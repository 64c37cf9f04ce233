"""A WeChat server of our own, in memory, for demos and tests: it keeps WeChat's rules by a clock.

It calls nobody but the address that events are pushed to, and listens on this machine only.
"""

from app.wechat.standin.application import create_standin
from app.wechat.standin.registry import (
    DEMO_PUSH_AES_KEY,
    DEMO_PUSH_TOKEN,
    DEMO_SECRET,
    DEMO_TEMPLATES,
    PushTo,
    RegisteredApp,
)
from config.settings import DEMO_APPID

__all__ = [
    "DEMO_APPID",
    "DEMO_PUSH_AES_KEY",
    "DEMO_PUSH_TOKEN",
    "DEMO_SECRET",
    "DEMO_TEMPLATES",
    "PushTo",
    "RegisteredApp",
    "create_standin",
]
