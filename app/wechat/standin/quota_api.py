"""How much of a day's calls is left, and beginning to count afresh."""

from flask import Response

from app.wechat.standin.asked import bearing, text
from app.wechat.standin.replies import Refused, reply
from app.wechat.standin.views import OK, Views
from app.wechat.standin.world import World


class QuotaApi:
    """One method for each API."""

    def __init__(self, world: World) -> None:
        self._world = world

    @property
    def views(self) -> Views:
        return {"/cgi-bin/openapi/quota/get": self.get, "/cgi-bin/clear_quota": self.clear}

    def get(self) -> Response:
        """The day's count of one API."""
        body = bearing(self._world)
        quota = self._world.quotas.of(text(body, "cgi_path"), self._world.clock())
        return reply({**OK, "quota": quota})

    def clear(self) -> Response:
        """Count afresh, ten times a month."""
        body = bearing(self._world)
        if text(body, "appid") != self._world.app.appid:
            raise Refused(40013)
        self._world.quotas.clear(self._world.clock())
        return reply(OK)
