"""The map: every feature the service offers, and where it answers."""

from flask import Flask

from app.activities import scans as activity_scans
from app.activities.api import bp as activities
from app.activities.pages import bp as activities_pages
from app.core import health
from app.core.http import Api
from app.identity.api import bp as identity
from app.identity.pages import bp as identity_pages
from app.ledger.api import bp as passbook
from app.ledger.pages import bp as ledger_pages
from app.stations import scans as station_scans
from app.stations.api import bp as stations
from app.stations.pages import bp as stations_pages
from app.supermarket import scans as supermarket_scans
from app.supermarket.api import bp as supermarket
from app.supermarket.invariants import INVARIANTS as SUPERMARKET_INVARIANTS
from app.supermarket.pages import bp as supermarket_pages

API = "/api/v1"
OPERATIONS = (identity, stations, activities, passbook, supermarket)
PAGES = (identity_pages, ledger_pages, stations_pages, activities_pages, supermarket_pages)
SCANS = (station_scans.resolve, activity_scans.resolve, supermarket_scans.resolve)
INVARIANTS = SUPERMARKET_INVARIANTS


def init_app(app: Flask, api: Api) -> None:
    for operations in OPERATIONS:
        api.register_blueprint(operations, url_prefix=API)
    for pages in (*PAGES, health.bp):
        app.register_blueprint(pages)
    app.extensions["scan_resolvers"] = SCANS
    app.extensions["invariants"] = INVARIANTS
