"""Mini-program codes, drawn once: first what is kept, then WeChat, then what is kept again."""

import hashlib
from dataclasses import dataclass

from app.core import clock
from app.core.db import transaction
from app.wechat import queries, services
from app.wechat.superapp import SuperApp


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A code: of which mini-program, for which page, with which token of ours."""

    appid: str
    page: str
    token: str
    env: str = "release"

    @property
    def content_key(self) -> bytes:
        parts = (self.appid, self.env, self.page, self.token)
        return hashlib.sha256("\n".join(parts).encode()).digest()


def draw(tenant_id: int, super_app: SuperApp, wanted: Wanted) -> bytes:
    """The picture of a code. WeChat is asked while no connection is held."""
    with transaction(tenant_id) as session:
        kept = queries.get_image(session, wanted.content_key)
    if kept is not None:
        return kept
    image = super_app.code_image(wanted.page, wanted.token, env=wanted.env)
    with transaction(tenant_id) as session:
        services.keep_image(session, content_key=wanted.content_key, image=image, now=clock.now())
    return image
