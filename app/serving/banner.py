"""What a newcomer reads in the terminal when the city is alive."""

import sys

from app.core import qr
from config import Settings

STAFF = "secretary, station, shop, checker, street, auditor"


def show(settings: Settings) -> None:
    lines = demo_lines(settings) if settings.demo else [f"红色账户 ready: {settings.public_url}"]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def demo_lines(settings: Settings) -> list[str]:
    local = f"http://127.0.0.1:{settings.port}"
    return [
        "",
        qr.terminal(f"{settings.public_url}/me"),
        "红色账户 · 演示城市已就绪 — the demo city is alive",
        "",
        f"  居民 (resident)  {settings.public_url}/me   ← 扫上面的码 (scan the code)",
        f"  本机 (here)      {local}/me",
        f"  工作人员 (staff) {local}/staff/login",
        f"                   {STAFF}",
        f"                   密码 (password): {settings.demo_password}",
        f"  接口文档 (API)   {local}/api/docs",
        f"  微信替身 (WeChat stand-in) {settings.wechat_base_url}",
        "",
        "  Ctrl-C 结束一切 (ends everything)",
        "",
    ]
