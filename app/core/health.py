"""Whether the service lives, and whether it can work. For supervisors, not for people."""

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, current_app
from sqlalchemy.exc import SQLAlchemyError

from app.core.db import transaction
from app.core.doors import public

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@public
def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@bp.get("/readyz")
@public
def readyz() -> tuple[dict[str, Any], int]:
    """PostgreSQL answers. Redis is reported and does not decide: nothing depends on it."""
    try:
        with transaction(None) as session:
            session.execute(sa.text("SELECT 1"))
        database = "ok"
    except SQLAlchemyError:
        database = "unreachable"
    body = {"database": database, "redis": current_app.extensions["queue"].state()}
    return body, 200 if database == "ok" else 503
