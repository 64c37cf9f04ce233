"""Whether the service lives, and whether it can work. For supervisors, not for people."""

import hmac
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, current_app, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import NotFound

from app.core import clock, edges, metrics, tenancy
from app.core.db import transaction
from app.core.doors import public
from app.core.metrics import Figure

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@public
def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@bp.get("/metrics")
@public
def show_metrics() -> Response:
    """What is counted, for whoever has the token; for all others there is no such page."""
    token = edges.settings().metrics_token
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if not token or scheme != "Bearer" or not hmac.compare_digest(given.encode(), token.encode()):
        raise NotFound
    return Response(metrics.text(_figures()), content_type="text/plain; version=0.0.4")


def _figures() -> Iterator[Figure]:
    """What the worker has counted, and what stands in the database, tenant by tenant."""
    now = clock.now()
    yield from current_app.extensions["tally"].figures()
    with transaction(None) as session:
        tenants = tenancy.list_tenants(session)
    for tenant in tenants:
        with transaction(tenant.id) as session:
            for figures in current_app.extensions["figures"]:
                yield from figures(session, now)


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
