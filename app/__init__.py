"""The service. `create_app` reads as its table of contents."""

from flask import Flask

from app import commands, custody, founding, routes, trying, upkeep
from app.core import db, http, problems, queue, web
from app.core.vault import extension as vault
from app.identity import login
from app.wechat import extension as wechat
from config import Settings, logging


def create_app(settings: Settings) -> Flask:
    """The application for these settings; making it connects to nothing."""
    logging.configure()
    app = Flask(__name__, static_folder=None)
    app.config["SETTINGS"] = settings
    app.config["TRUSTED_HOSTS"] = settings.hosts

    db.init_app(app, url=settings.database_url or "", role="app", pool_size=settings.web_threads)
    vault.init_app(app, settings)
    queue.init_app(app, redis_url=settings.redis_url or "")
    web.init_app(
        app,
        secret_key=settings.secret_key,
        secure=settings.secure,
        proxies=settings.trusted_proxies,
    )
    problems.init_app(app)
    wechat.init_app(app, settings)
    login.init_app(app)
    routes.init_app(app, http.init_app(app))
    commands.init_app(app)
    upkeep.init_app(app)
    custody.init_app(app)
    founding.init_app(app)
    trying.init_app(app)
    return app
