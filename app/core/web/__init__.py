"""The common layer of all pages: layout, assets, and what every answer carries."""

from app.core.web.edge import init_app

__all__ = ["init_app"]
