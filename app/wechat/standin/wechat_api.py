"""The part of WeChat's server API that the stand-in speaks."""

from flask import Flask

from app.wechat.standin.code_api import CodeApi
from app.wechat.standin.login_api import LoginApi
from app.wechat.standin.message_api import MessageApi
from app.wechat.standin.quota_api import QuotaApi
from app.wechat.standin.views import Views
from app.wechat.standin.world import World

METHODS = ("GET", "POST", "PUT", "DELETE")  # a wrong one is answered with an errcode, not with 405


def views_of(world: World) -> Views:
    """Every API, by its address."""
    groups = (LoginApi(world), CodeApi(world), MessageApi(world), QuotaApi(world))
    return {path: view for group in groups for path, view in group.views.items()}


def register(flask_app: Flask, views: Views) -> None:
    """Put every API at its address."""
    for path, view in views.items():
        flask_app.add_url_rule(path, endpoint=path, view_func=view, methods=METHODS)
