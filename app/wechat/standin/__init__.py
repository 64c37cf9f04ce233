"""A WeChat server of our own, in memory, for demos and tests: it keeps WeChat's rules by a clock.

It calls nobody, and listens on this machine only.
"""

from app.wechat.standin.application import create_standin
from app.wechat.standin.registry import DEMO_SECRET
from config.settings import DEMO_APPID

__all__ = ["DEMO_APPID", "DEMO_SECRET", "create_standin"]
