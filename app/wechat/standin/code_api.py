"""Mini-program codes and links. A code's picture is a QR code that demo scanners can read."""

import re
import string
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from flask import Response

from app.core import qr
from app.wechat.standin.asked import bearing, text, whole
from app.wechat.standin.replies import Refused, reply
from app.wechat.standin.views import OK, Views
from app.wechat.standin.world import World

ENVIRONMENTS = {"release", "trial", "develop"}
WIDEST, NARROWEST, USUAL = 1280, 280, 430
LONGEST_PATH, LONGEST_SQUARE_PATH, LONGEST_QUERY = 1024, 128, 1024
MOST_DAYS = 30
_SCENE = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]+")
_QUERY = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~%]*")
_LETTERS = string.ascii_letters + string.digits


class CodeApi:
    """One method for each API; the checks stand in the order in which WeChat makes them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._lock = Lock()
        self._made = 0

    @property
    def views(self) -> Views:
        return {
            "/wxa/getwxacodeunlimit": self.unlimited_code,
            "/wxa/getwxacode": self.counted_code,
            "/cgi-bin/wxaapp/createwxaqrcode": self.counted_square,
            "/wxa/generate_urllink": self.url_link,
            "/wxa/generatescheme": self.scheme,
        }

    def unlimited_code(self) -> Response:
        """A round code with a scene; there may be any number of them."""
        body = bearing(self._world)
        scene, page = text(body, "scene"), body.get("page", "pages/index/index")
        if not 1 <= len(scene) <= 32:
            raise Refused(40169)
        if not _SCENE.fullmatch(scene):
            raise Refused(40129)
        if not isinstance(page, str) or page.startswith("/") or "?" in page:
            raise Refused(41030)
        if body.get("check_path", True) and page not in self._world.app.pages:
            raise Refused(41030)
        self._check_style(body)
        self._world.quotas.use("/wxa/getwxacodeunlimit", self._world.clock())
        return self._drawn(f"{page}?scene={scene}")

    def counted_code(self) -> Response:
        """A round code with a path; there is an end to how many."""
        body = bearing(self._world)
        return self._counted(body, longest=LONGEST_PATH)

    def counted_square(self) -> Response:
        """A square code with a path; these share their number with the round ones."""
        body = bearing(self._world)
        return self._counted(body, longest=LONGEST_SQUARE_PATH)

    def url_link(self) -> Response:
        """An address that opens the mini-program from a browser."""
        body = bearing(self._world)
        self._check_link(body, text(body, "path"), text(body, "query"))
        self._world.quotas.use("/wxa/generate_urllink", self._world.clock())
        return reply({**OK, "url_link": f"https://wxaurl.cn/{self._random_text(11)}"})

    def scheme(self) -> Response:
        """The same as an address of WeChat's own kind."""
        body = bearing(self._world)
        wanted = body.get("jump_wxa", {})
        if not isinstance(wanted, dict):
            raise Refused(47001)
        self._check_link(body, text(wanted, "path"), text(wanted, "query"))
        self._world.quotas.use("/wxa/generatescheme", self._world.clock())
        return reply({**OK, "openlink": f"weixin://dl/business/?t={self._random_text(12)}"})

    def _counted(self, body: dict[str, Any], *, longest: int) -> Response:
        path = text(body, "path")
        if not 1 <= len(path) <= longest:
            raise Refused(40159)
        self._check_style(body)
        with self._lock:
            if self._made >= self._world.app.many_codes:
                raise Refused(45029)
            self._made += 1
        return self._drawn(path)

    def _check_style(self, body: dict[str, Any]) -> None:
        if body.get("env_version", "release") not in ENVIRONMENTS:
            raise Refused(40097)
        if not NARROWEST <= whole(body, "width", USUAL) <= WIDEST:
            raise Refused(40189)

    def _check_link(self, body: dict[str, Any], path: str, query: str) -> None:
        if not self._world.app.verified:
            raise Refused(40002)
        if path.startswith("/") or "?" in path:
            raise Refused(40165)
        if path and urlsplit(path).path not in self._world.app.pages:
            raise Refused(85079)
        if len(query) > LONGEST_QUERY or not _QUERY.fullmatch(query):
            raise Refused(40097)
        if not 1 <= whole(body, "expire_interval", 1) <= MOST_DAYS:
            raise Refused(40097)

    def _drawn(self, target: str) -> Response:
        picture = qr.png(f"sim-wxacode:{self._world.app.appid}/{target}")
        return Response(picture, content_type="image/png")

    def _random_text(self, length: int) -> str:
        return "".join(self._world.random.choices(_LETTERS, k=length))
