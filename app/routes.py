"""The map: every feature the service offers, and where it answers."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from flask import Blueprint, Flask

from app.activities import api as activities
from app.activities import invariants as activities_invariants
from app.activities import pages as activities_pages
from app.activities import scans as activities_scans
from app.core import health, idempotency
from app.core.http import Api, ApiBlueprint
from app.core.scans import Resolver
from app.identity import api as identity
from app.identity import pages as identity_pages
from app.identity.roles import Duty
from app.ledger import api as ledger
from app.ledger import pages as ledger_pages
from app.stations import api as stations
from app.stations import invariants as stations_invariants
from app.stations import pages as stations_pages
from app.stations import scans as stations_scans
from app.supermarket import api as supermarket
from app.supermarket import invariants as supermarket_invariants
from app.supermarket import jobs as supermarket_jobs
from app.supermarket import pages as supermarket_pages
from app.supermarket import scans as supermarket_scans
from points_engine.postgres import INVARIANTS as ENGINE_INVARIANTS
from points_engine.postgres import Invariant

API = "/api/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """What a feature brings: operations below `API`, pages, and its part in what all share."""

    pages: Blueprint
    operations: ApiBlueprint | None = None
    scan: Resolver | None = None  # what a scanned code of its own opens
    duties: tuple[Duty, ...] = ()  # what staff do on its pages
    invariants: tuple[Invariant, ...] = ()  # what must always be true of its rows
    tidy: Callable[[Iterable[int]], None] | None = None  # lets go of old rows


FEATURES = (
    Feature(pages=health.bp, tidy=idempotency.tidy),
    Feature(pages=identity_pages.bp, operations=identity.bp),
    Feature(pages=ledger_pages.bp, operations=ledger.bp, invariants=ENGINE_INVARIANTS),
    Feature(
        pages=stations_pages.bp,
        operations=stations.bp,
        scan=stations_scans.resolve,
        duties=stations_pages.DUTIES,
        invariants=stations_invariants.INVARIANTS,
    ),
    Feature(
        pages=activities_pages.bp,
        operations=activities.bp,
        scan=activities_scans.resolve,
        duties=activities_pages.DUTIES,
        invariants=activities_invariants.INVARIANTS,
    ),
    Feature(
        pages=supermarket_pages.bp,
        operations=supermarket.bp,
        scan=supermarket_scans.resolve,
        duties=supermarket_pages.DUTIES,
        invariants=supermarket_invariants.INVARIANTS,
        tidy=supermarket_jobs.forget_dead_codes,
    ),
)


def init_app(app: Flask, api: Api) -> None:
    for feature in FEATURES:
        app.register_blueprint(feature.pages)
        if feature.operations is not None:
            api.register_blueprint(feature.operations, url_prefix=API)
    app.extensions["scan_resolvers"] = tuple(one.scan for one in FEATURES if one.scan)
    app.extensions["duties"] = tuple(duty for one in FEATURES for duty in one.duties)
    app.extensions["invariants"] = tuple(always for one in FEATURES for always in one.invariants)
    app.extensions["tidying"] = tuple(one.tidy for one in FEATURES if one.tidy)
