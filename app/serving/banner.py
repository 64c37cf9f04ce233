"""What a newcomer reads in the terminal when the city is alive."""

import contextlib
from collections.abc import Sequence
from typing import TextIO

from app.core import qr
from app.serving import network
from config import Settings


def show(settings: Settings, staff: Sequence[str], out: TextIO) -> None:
    """Say that everything runs; a terminal that takes no words is no reason not to."""
    lines = [f"红色账户 ready: {settings.public_url}"]
    if settings.demo:
        lines = demo_lines(settings, staff, _code(settings, out.encoding))
    with contextlib.suppress(OSError):
        out.write("\n".join(lines) + "\n")
        out.flush()


def demo_lines(settings: Settings, staff: Sequence[str], code: str) -> list[str]:
    local = network.own_url(settings)
    hint = "   ← 扫上面的码 (scan the code)" if code else ""
    return [
        "",
        *([code] if code else []),
        "红色账户 · 演示城市已就绪 — the demo city is alive",
        "",
        f"  居民 (resident)  {settings.public_url}/me{hint}",
        f"  本机 (here)      {local}/me",
        f"  工作人员 (staff) {local}/staff/login",
        f"                   {', '.join(staff)}",
        f"                   密码 (password): {settings.demo_password}",
        f"  接口文档 (API)   {local}/api/docs",
        f"  微信替身 (WeChat stand-in) {settings.wechat_base_url}",
        "",
        "  Ctrl-C 结束一切 (ends everything)",
        "",
    ]


def _code(settings: Settings, encoding: str | None) -> str:
    """The address as a picture, where phones can ask for it and the terminal can draw it."""
    if not network.is_for_phones(settings.public_url):
        return ""
    code = qr.terminal(f"{settings.public_url}/me")
    try:
        code.encode(encoding or "utf-8")
    except UnicodeEncodeError:
        return ""
    return code
