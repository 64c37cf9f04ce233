"""A person at a browser of their own, who notices whatever is wrong with a page."""

import re
import shutil
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import segno
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Request

from tests.support.servers import is_complete

NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 15_000
REFUSED = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")
CUT_OFF = re.compile(r"net::ERR_(INTERNET_DISCONNECTED|FAILED)")
STATIC = Path(__file__).parents[2] / "app" / "core" / "web" / "static"
JSQR = STATIC / "vendor" / "jsqr-1.4.0" / "jsQR.js"
READ = """async (png) => {
  const picture = new Image();
  picture.src = `data:image/png;base64,${png}`;
  await picture.decode();
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  const pen = canvas.getContext("2d");
  pen.drawImage(picture, 0, 0);
  const { data, width, height } = pen.getImageData(0, 0, picture.width, picture.height);
  return jsQR(data, width, height).data;
}"""
PRESSED_BY_A_SCANNER = """() => {
  let pressed = performance.now();
  const stamp = (event) => {
    Object.defineProperty(event, "timeStamp", { value: (pressed += 5) });
    if (event.key === "Enter") removeEventListener("keydown", stamp, true);
  };
  addEventListener("keydown", stamp, true);
}"""
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
}
COUNTER = {"viewport": {"width": 1280, "height": 800}}


def find_chromium(playwright: Playwright) -> str | None:
    """The machine's Chromium, or Playwright's own."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    own = playwright.chromium.executable_path
    return found or (own if Path(own).exists() else None)


def may_be_missing() -> bool:
    """Whether a machine without Chromium leaves these tests out; where everything counts, no."""
    return not is_complete()


class Visitor:
    """A browser with cookies of its own, and what its console and its network complained of."""

    def __init__(self, browser: Browser, address: str, **device: Any) -> None:
        self.context = browser.new_context(
            base_url=address, locale="zh-CN", timezone_id="Asia/Shanghai", **device
        )
        self.context.set_default_timeout(PATIENCE_MS)
        self._host = urlsplit(address).netloc
        self.complaints: list[str] = []
        self.context.on("console", self._hear)
        self.context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        self.context.on("request", self._watch)
        self.page: Page = self.context.new_page()
        self.may_be_refused = False
        self.may_be_cut_off = False

    def open(self, path: str) -> Page:
        self.page.goto(path)
        return self.page

    def known_by(self, token: str) -> Self:
        """Signed in already, whichever way: most tests are about something else."""
        self.cookie("session", token)
        return self

    def sign_in(self, name: str) -> Page:
        """Be one of the people the login page of the demo offers; who is asked to agree does."""
        self.open("/login").get_by_role("button", name=name).click()
        self.page.wait_for_url(re.compile(r"/me(/consent\?.*)?$"))
        if "/consent" in self.page.url:
            self.page.get_by_role("button", name="我看过了，同意").click()
        self.page.wait_for_url("**/me")
        return self.page

    def sign_in_as_staff(self, username: str, password: str) -> Page:
        self.open("/staff/login")
        return self.give_password(username, password, to="**/staff")

    def give_password(self, username: str, password: str, *, to: str) -> Page:
        """Fill in the form of the staff's login page, which leads on to where one wanted to go."""
        self.page.get_by_label("用户名").fill(username)
        self.page.get_by_label("密码").fill(password)
        self.page.get_by_role("button", name="登录").click()
        self.page.wait_for_url(to)
        return self.page

    def scan(self, text: str, *, stamped: bool = True) -> None:
        """What a scanner on a cable does: it types the code, and presses Enter.

        Each key says when it was pressed: this machine may be busier than any scanner is slow.
        What is not `stamped` says when it came.
        """
        if stamped:
            self.page.evaluate(PRESSED_BY_A_SCANNER)
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")

    def show(self, picture: bytes) -> None:
        """Give the scan page a picture, as from the phone's camera or album."""
        self.page.locator("input[type=file]").set_input_files(
            {"name": "码.png", "mimeType": "image/png", "buffer": picture}
        )

    @contextmanager
    def cut_off(self) -> Iterator[None]:
        """No network, for a while."""
        self.may_be_cut_off = True
        self.context.set_offline(True)
        try:
            yield
        finally:
            self.context.set_offline(False)

    def cookie(self, name: str, value: str) -> None:
        self.context.add_cookies([{"name": name, "value": value, "url": f"http://{self._host}"}])

    def leave(self) -> None:
        self.context.close()
        assert not self.complaints, self.complaints

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type not in {"error", "warning"}:
            return
        if self.may_be_refused and REFUSED.match(message.text):
            return  # the test is about a refusal, and Chromium notes each one
        if self.may_be_cut_off and CUT_OFF.search(message.text):
            return  # and so it does with what it could not fetch
        self.complaints.append(f"{message.text} ({message.location['url']})")

    def _watch(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme.startswith("http") and parts.netloc != self._host:
            self.complaints.append(f"asked {parts.netloc}")


class Decoder:
    """Reads the QR code in a picture, as a scanner on a cable does before it types."""

    def __init__(self, browser: Browser) -> None:
        self._page = browser.new_page()
        self._page.add_script_tag(path=JSQR)

    def read(self, picture: bytes) -> str:
        text: str = self._page.evaluate(READ, b64encode(picture).decode())
        return text


def drawn(text: str) -> bytes:
    """The text as a QR code, as a picture somebody might send."""
    out = BytesIO()
    segno.make_qr(text, error="m").save(out, kind="png", scale=8, border=4)
    return out.getvalue()
