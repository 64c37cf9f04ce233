"""Which device is asking: a word for its kind, and the name it, or its browser, gave itself.

Nothing else of it is kept: neither its address nor what its browser says of itself.
"""

import hashlib
import secrets

from flask import Response, g, request

from app.core import edges
from app.identity.sessions import Device

LASTS = 400 * 24 * 3600  # as long as browsers let a cookie last
LONGEST = 64

# The first word of each list that a browser's own description has in it.
PROGRAMS = {
    "MicroMessenger": "微信",
    "AlipayClient": "支付宝",
    "Edg": "Edge 浏览器",
    "Firefox": "Firefox 浏览器",
    "Chrome": "Chrome 浏览器",
    "Safari": "Safari 浏览器",
}
SYSTEMS = {
    "HarmonyOS": "鸿蒙",
    "OpenHarmony": "鸿蒙",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "安卓",
    "Windows": "Windows",
    "Macintosh": "Mac",
    "Linux": "Linux",
}


def this_device(name: str | None) -> Device:
    """The device of a program that calls the API, by the name it gave itself, if any."""
    return Device(kind=_kind(), digest=_digest("api", name) if name else None)


def this_browser() -> Device:
    """The browser of this request; one that has no name yet is given one with the answer."""
    name = request.cookies.get(_cookie(), "")
    if not name or len(name) > LONGEST:
        name = g.new_browser = secrets.token_urlsafe(16)
    return Device(kind=_kind(), digest=_digest("browser", name))


def name_browser(answer: Response) -> Response:
    """Let a browser that was given a name keep it."""
    if "new_browser" in g:
        answer.set_cookie(
            _cookie(),
            g.new_browser,
            max_age=LASTS,
            httponly=True,
            secure=edges.settings().secure,
            samesite="Lax",
        )
    return answer


def _cookie() -> str:
    return "__Host-device" if edges.settings().secure else "device"


def _kind() -> str:
    said = request.headers.get("User-Agent", "")
    words = [_first(PROGRAMS, said), _first(SYSTEMS, said)]
    return " · ".join(word for word in words if word) or "其他设备"


def _first(words: dict[str, str], said: str) -> str:
    return next((word for sign, word in words.items() if sign in said), "")


def _digest(kind: str, name: str) -> bytes:
    return hashlib.sha256(f"{kind}:{name}".encode()).digest()
