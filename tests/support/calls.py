"""A job that counts as a call to WeChat does, for a worker that is a process of its own."""

from app.core.metrics import WECHAT


def call() -> None:
    WECHAT.labels("/cgi-bin/message/subscribe/send", "0").inc()
