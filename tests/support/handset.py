"""What WeChat on a phone does: it logs in, and its owner presses the phone button."""

from dataclasses import dataclass

import httpx


@dataclass(frozen=True, slots=True)
class Handset:
    """Everybody's phone, at a stand-in of the test's own."""

    sim: httpx.Client

    def __call__(self, openid: str) -> str:
        """The code that `wx.login` gives."""
        return self._code("wx_login", openid=openid)

    def press(self, openid: str, number: str) -> str:
        """The code that the phone button gives when its owner agrees to show this number."""
        return self._code("phone_code", openid=openid, phone=number)

    def fault(self, api: str, **fault: object) -> None:
        """Let the next call of an API go wrong."""
        self.sim.post("/__sim/faults", json={"api": api, "times": 1, **fault}).raise_for_status()

    def _code(self, what: str, **asked: str) -> str:
        return str(self.sim.post(f"/__sim/{what}", json=asked).json()["code"])
