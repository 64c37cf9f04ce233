"""What a client of WeChat works with, besides its own name and secret."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from app.core import clock
from app.wechat.budget import Budget
from app.wechat.links import LinkRule
from app.wechat.templates import Templates
from app.wechat.tokens import MemoryTokens, TokenStore
from app.wechat.wire import USUAL_BUDGET

NO_LINKS = LinkRule("https://nowhere.invalid/")


def _now() -> datetime:
    return clock.now()  # asked anew each time, so that there is one place to turn the hands


@dataclass(frozen=True, slots=True, kw_only=True)
class Outfit:
    """Clocks, patience, where the token stands, and what an operator has agreed with WeChat."""

    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = _now
    budget: Budget = USUAL_BUDGET
    tokens: TokenStore = field(default_factory=MemoryTokens)
    templates: Templates = field(default_factory=dict)
    links: LinkRule = NO_LINKS
    push_token: str = field(default="", repr=False)
    push_aes_key: str = field(default="", repr=False)
