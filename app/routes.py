"""The map: every feature the service offers, and where it answers."""

from flask import Flask

from app.activities import api as activities
from app.activities import arrival_api as arrivals
from app.activities import arrival_pages, assisting_pages
from app.activities import assisting_api as activities_assisting
from app.activities import document_pages as activities_documents
from app.activities import enrolment_pages as activities_enrolling
from app.activities import feedback_api as activities_feedback
from app.activities import feedback_pages as activities_answering
from app.activities import invariants as activities_invariants
from app.activities import jobs as activities_jobs
from app.activities import keeping as activities_keeping
from app.activities import list_api as activities_on_paper
from app.activities import list_pages as activities_lists
from app.activities import pages as activities_pages
from app.activities import plan_pages as activities_plan
from app.activities import proof_api as activities_proofs
from app.activities import register_pages as activities_registers
from app.activities import scans as activities_scans
from app.activities import served_pages as activities_served
from app.activities import slip_pages as activities_slips
from app.activities import staff_api as activities_staff
from app.activities import staff_pages as activities_followed
from app.activities import turnout_pages as activities_turnout
from app.administration import account_pages as administration_account_pages
from app.administration import api as administration
from app.administration import pages as administration_pages
from app.core import audit, health, idempotency, misses
from app.core.http import Api
from app.feature import Feature
from app.households import acting
from app.households import api as households
from app.households import keeping as households_keeping
from app.households import pages as households_pages
from app.identity import (
    account_pages,
    elsewhere,
    factors,
    personal,
    privacy,
    unmasking,
    web_api,
    web_pages,
    whereabouts,
)
from app.identity import api as identity
from app.identity import jobs as identity_jobs
from app.identity import keeping as identity_keeping
from app.identity import pages as identity_pages
from app.identity import scans as identity_scans
from app.ledger import api as ledger
from app.ledger import desk_pages as passbook_desk
from app.ledger import figures as ledger_figures
from app.ledger import keeping as ledger_keeping
from app.ledger import pages as ledger_pages
from app.ledger import passbook_pages as ledger_paper
from app.notices import api as notices
from app.notices import figures as notices_figures
from app.notices import jobs as notices_jobs
from app.notices import keeping as notices_keeping
from app.notices import pages as notices_pages
from app.organisation import api as organisation
from app.organisation import invariants as organisation_invariants
from app.organisation import keeping as organisation_keeping
from app.organisation import pages as organisation_pages
from app.organisation import tree_pages as organisation_tree_pages
from app.phones import api as phones
from app.phones import jobs as phones_jobs
from app.phones import keeping as phones_keeping
from app.phones import pages as phones_pages
from app.phones import release_pages
from app.phones import services as phones_services
from app.roster import api as roster
from app.roster import card_api as person_cards
from app.roster import card_pages as roster_cards
from app.roster import import_pages as roster_import_pages
from app.roster import importing as roster_importing
from app.roster import jobs as roster_jobs
from app.roster import pages as roster_pages
from app.stations import api as stations
from app.stations import duty_api as duties
from app.stations import invariants as stations_invariants
from app.stations import jobs as stations_jobs
from app.stations import keeping as stations_keeping
from app.stations import pages as stations_pages
from app.stations import scans as stations_scans
from app.supermarket import api as supermarket
from app.supermarket import book_api, offline_pages, question_api, reservation_pages, voucher_pages
from app.supermarket import book_pages as books
from app.supermarket import goods_pages as supermarket_goods
from app.supermarket import intake_pages as supermarket_intake
from app.supermarket import invariants as supermarket_invariants
from app.supermarket import jobs as supermarket_jobs
from app.supermarket import keeping as supermarket_keeping
from app.supermarket import merchant_pages as supermarket_merchants
from app.supermarket import pages as supermarket_pages
from app.supermarket import pickup_pages as supermarket_pickups
from app.supermarket import receiving as supermarket_receiving
from app.supermarket import reservation_api as reservations
from app.supermarket import return_pages as supermarket_returns
from app.supermarket import scans as supermarket_scans
from app.supermarket import shop_pages as supermarket_shops
from app.supermarket import stock_api as stock
from app.supermarket import stock_pages as supermarket_stockroom
from app.supermarket import stock_papers as supermarket_papers
from app.supermarket import till_pages as tills
from app.supermarket import voucher_api as vouchers
from app.wechat import api as wechat
from app.wechat import jobs as wechat_jobs
from app.wechat import token_store as wechat_tokens
from points_engine.postgres import INVARIANTS as ENGINE_INVARIANTS

API = "/api/v1"


FEATURES = (
    Feature(pages=health.bp, invariants=audit.INVARIANTS),
    Feature(tidy=idempotency.tidy, sealed=idempotency.SEALED),
    Feature(tidy=misses.tidy),
    Feature(
        operations=wechat.bp,
        sealed=wechat_tokens.SEALED,
        tidy=wechat_jobs.forget_events,
        sweep=wechat_jobs.work_off_events,
    ),
    Feature(
        pages=identity_pages.bp,
        operations=identity.bp,
        scan=identity_scans.resolve,
        keeps=identity_keeping.KEEPINGS,
        occupied=identity_keeping.occupied,
        sealed=(*personal.SEALED, *factors.SEALED, *elsewhere.SEALED, *whereabouts.SEALED),
        tidy=identity_jobs.forget,
    ),
    Feature(pages=privacy.pages, operations=privacy.bp),
    Feature(pages=unmasking.bp),
    Feature(pages=web_pages.bp, operations=web_api.bp),
    Feature(
        pages=organisation_pages.bp,
        operations=organisation.bp,
        duties=organisation_pages.DUTIES,
        invariants=organisation_invariants.INVARIANTS,
        keeps=organisation_keeping.KEEPINGS,
        occupied=organisation_keeping.occupied,
    ),
    Feature(pages=organisation_tree_pages.bp, duties=organisation_tree_pages.DUTIES),
    Feature(
        pages=households_pages.bp,
        operations=households.bp,
        keeps=households_keeping.KEEPINGS,
        occupied=households_keeping.occupied,
    ),
    Feature(pages=account_pages.bp),
    Feature(
        pages=administration_pages.bp,
        operations=administration.bp,
        duties=administration_pages.DUTIES,
    ),
    Feature(
        pages=phones_pages.bp,
        operations=phones.bp,
        duties=phones_pages.DUTIES,
        keeps=phones_keeping.KEEPINGS,
        sealed=phones_services.SEALED,
        tidy=phones_jobs.let_lapse,
    ),
    Feature(pages=release_pages.bp),
    Feature(pages=administration_account_pages.bp),
    Feature(
        pages=roster_pages.bp,
        operations=roster.bp,
        duties=roster_pages.DUTIES,
        tidy=roster_jobs.forget_unwanted,
    ),
    Feature(
        pages=roster_import_pages.bp,
        duties=roster_import_pages.DUTIES,
        sealed=roster_importing.SEALED,
    ),
    Feature(pages=roster_cards.bp, operations=person_cards.bp, duties=roster_cards.DUTIES),
    Feature(
        pages=notices_pages.bp,
        operations=notices.bp,
        duties=notices_pages.DUTIES,
        sweep=notices_jobs.send_waiting,
        tidy=notices_jobs.forget_old,
        figures=notices_figures.figures,
        keeps=notices_keeping.KEEPINGS,
    ),
    Feature(
        pages=ledger_pages.bp,
        operations=ledger.bp,
        invariants=ENGINE_INVARIANTS,
        figures=ledger_figures.figures,
        keeps=ledger_keeping.KEEPINGS,
    ),
    Feature(pages=passbook_desk.bp, duties=passbook_desk.DUTIES),
    Feature(pages=ledger_paper.bp),
    Feature(
        pages=stations_pages.bp,
        operations=stations.bp,
        scan=stations_scans.resolve,
        duties=stations_pages.DUTIES,
        invariants=stations_invariants.INVARIANTS,
        keeps=stations_keeping.KEEPINGS,
        occupied=stations_keeping.occupied,
        tidy=stations_jobs.forget_marks,
        sweep=stations_jobs.check_photos,
    ),
    Feature(operations=duties.bp),
    Feature(
        pages=activities_pages.bp,
        operations=activities.bp,
        scan=activities_scans.resolve,
        duties=activities_pages.DUTIES,
        sweep=activities_jobs.go_on,
        invariants=activities_invariants.INVARIANTS,
        keeps=activities_keeping.KEEPINGS,
        occupied=activities_keeping.occupied,
    ),
    Feature(pages=activities_enrolling.bp, operations=activities_staff.bp),
    Feature(pages=activities_followed.bp, duties=activities_followed.DUTIES),
    Feature(
        pages=activities_answering.bp,
        operations=activities_feedback.bp,
        duties=activities_answering.DUTIES,
    ),
    Feature(pages=activities_registers.bp, duties=activities_registers.DUTIES),
    Feature(pages=activities_turnout.bp, duties=activities_turnout.DUTIES),
    Feature(pages=activities_plan.bp, duties=activities_plan.DUTIES),
    Feature(
        pages=arrival_pages.bp,
        operations=arrivals.bp,
        duties=arrival_pages.DUTIES,
        tidy=activities_jobs.forget_refused,
    ),
    Feature(pages=assisting_pages.bp, operations=activities_assisting.bp),
    Feature(
        pages=activities_lists.bp,
        operations=activities_on_paper.bp,
        duties=activities_lists.DUTIES,
    ),
    Feature(
        pages=activities_slips.bp,
        operations=activities_proofs.bp,
        duties=activities_slips.DUTIES,
        tidy=activities_jobs.forget_proofs,
    ),
    Feature(pages=activities_served.bp),
    Feature(pages=activities_documents.bp),
    Feature(
        pages=supermarket_pages.bp,
        operations=supermarket.bp,
        scan=supermarket_scans.resolve,
        duties=supermarket_pages.DUTIES,
        invariants=supermarket_invariants.INVARIANTS,
        keeps=supermarket_keeping.KEEPINGS,
        sealed=supermarket_receiving.SEALED,
        occupied=supermarket_keeping.occupied,
        tidy=supermarket_jobs.forget_dead_codes,
        sweep=supermarket_jobs.look_after_reservations,
    ),
    Feature(pages=tills.bp, operations=question_api.bp, duties=tills.DUTIES),
    Feature(pages=offline_pages.bp, tidy=supermarket_jobs.forget_strays),
    Feature(pages=supermarket_shops.bp, operations=stock.bp, duties=supermarket_shops.DUTIES),
    Feature(pages=supermarket_goods.bp, sweep=supermarket_jobs.check_photos),
    Feature(pages=supermarket_intake.bp),
    Feature(pages=supermarket_stockroom.bp, duties=supermarket_stockroom.DUTIES),
    Feature(pages=supermarket_papers.bp),
    Feature(pages=reservation_pages.bp, operations=reservations.bp),
    Feature(pages=supermarket_pickups.bp),
    Feature(pages=supermarket_returns.bp),
    Feature(pages=books.bp, operations=book_api.bp, duties=books.DUTIES),
    Feature(pages=voucher_pages.bp, operations=vouchers.bp, duties=voucher_pages.DUTIES),
    Feature(pages=supermarket_merchants.bp, duties=supermarket_merchants.DUTIES),
)


def init_app(app: Flask, api: Api) -> None:
    for feature in FEATURES:
        if feature.pages is not None:
            app.register_blueprint(feature.pages)
        if feature.operations is not None:
            api.register_blueprint(feature.operations, url_prefix=API)
    app.extensions["scan_resolvers"] = tuple(one.scan for one in FEATURES if one.scan)
    app.extensions["duties"] = tuple(duty for one in FEATURES for duty in one.duties)
    app.extensions["invariants"] = tuple(always for one in FEATURES for always in one.invariants)
    app.extensions["keepings"] = tuple(kept for one in FEATURES for kept in one.keeps)
    app.extensions["occupied"] = tuple(one.occupied for one in FEATURES if one.occupied)
    app.extensions["errands"] = acting
    app.extensions["sealed"] = tuple(column for one in FEATURES for column in one.sealed)
    app.extensions["sweeping"] = tuple(one.sweep for one in FEATURES if one.sweep)
    app.extensions["figures"] = tuple(one.figures for one in FEATURES if one.figures)
    app.extensions["tidying"] = tuple(one.tidy for one in FEATURES if one.tidy)
