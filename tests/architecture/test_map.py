"""The map of addresses: who may open each, how it is called, and what it takes."""

import inspect
import re

import pytest

from app.core.doors import PUBLIC
from app.identity.roles import RESIDENT, ROLES, Permission
from tests.support.refusals import refusal

# What anybody may open. It is short, and stays so.
OPEN_TO_ALL = {
    "goods_pages.show_photo_to_check",
    "health.healthz",
    "health.readyz",
    "health.show_metrics",
    "identity.create_session",
    "identity.create_staff_session",
    "identity_pages.choose_type",
    "identity_pages.home",
    "identity_pages.login_demo",
    "identity_pages.login_second_step",
    "identity_pages.login_staff",
    "identity_pages.show_login",
    "identity_pages.show_second_step",
    "identity_pages.show_staff_login",
    "proofs.answer_service_slip",
    "proofs.read_service_slip",
    "served_pages.answer_claim",
    "served_pages.show_claim",
    "served_pages.show_typing",
    "served_pages.type_code",
    "stations_pages.count_guest",
    "stations_pages.show_guest",
    "stations_pages.show_photo_to_check",
    "stations_pages.show_thanks",
    "web.show_icon",
    "web_login_pages.enter",
    "web_login_pages.show_entrance",
    "web_login_pages.show_qr",
    "web_login_pages.wait",
    "wechat.check_wechat_address",
    "wechat.receive_wechat_message",
}
OF_LIBRARIES = {"web.static", "api-docs.openapi_json", "api-docs.openapi_swagger_ui"}

# The names of the contract. An operation is built under one of them, and never renamed.
NAMES = """
    listDoubtfulAttendances
    createSession getCurrentSession deleteCurrentSession listSessions deleteSession
    createStaffSession getMe updateMe bindPhone getMyPhone withdrawPhoneClaim keepPhone
    listConsents giveConsent withdrawConsent registerResidence listRegistrations
    decideRegistration grantRole revokeRole createDelegate deleteDelegate createPersonCard
    findPersonCard getPersonCard chooseCardPin
    exportMyData eraseMe
    listOrgUnits createOrgUnit moveOrgUnit listStationedUnits createStationedUnit importPeople
    listStations searchStations getStation createStation updateStation getStationCode
    getStationPoster listRooms bookRoom cancelBooking listBookings
    createStationVisit listStationVisits resolveScan
    listShifts listMyShifts takeShift offerShift leaveShift beginShift endShift
    listUnconfirmedTurns confirmTurn
    listActivities getActivity createActivity publishActivity cancelActivity enrol
    cancelEnrolment getVenueCode checkIn checkOut staffCheckIn staffCheckOut staffEnrol bulkCheckOut
    confirmAttendance rejectAttendance shortenAttendance giveFeedback answerFeedback
    createAttendanceList getAttendanceList getAttendanceListPaper enterAttendanceList
    proposeBackfill decideBackfill getFourArrivals getServiceDay overrideServiceDay
    exportActivityRegister updateActivity submitActivity takeBackActivity returnActivity
    verifyActivity confirmEnrolment listEnrolments placeEnrolment listNoticeReadings
    getBalances listPassbook getPassbookProof printPassbook createRedeemCode donatePoints
    expectPoints chooseExpiry
    listShops searchShops listItems createItem priceItem recordDonation receiveStock writeOffStock
    countStock approveStockMove listBatches
    reserve cancelReservation pickUp redeem reverseRedemption
    listSaleQuestions confirmSale refuseSale
    listVouchers returnVoucher redeemVoucher listMerchants
    exportDonationRegister exportRedemptionRegister getShopDay
    listPolicies draftPolicy replayPolicy publishPolicy getQuarter publicizeQuarter
    getPublicity raiseObjection decideObjection closeQuarter adjustPoints decideAdjustment
    recordHouseholdDeed recordGridWork likeGridWorker getStarLevel getAnnualFeedback
    signAnnualFeedback verifyLedger
    receiveWechatMessage checkWechatAddress reportSubscription
    listMessages readMessages listCallLines readCallNumber recordCall
    deleteOtherSessions confirmSession beginSecondFactor confirmSecondFactor
    listGrants approveGrant refuseGrant listStaffAccounts resetPassword resetSecondFactor
    listDoubtfulFeedback decideFeedback listReservations
    listAuditEntries createStaffAccount renameOrgUnit closeOrgUnit reopenOrgUnit choosePassword
    seeWebLogin confirmWebLogin refuseWebLogin createHandoff
    issueServiceSlips listServiceSlips revokeServiceSlip reissueServiceSlip takeServiceCall
    readServiceSlip answerServiceSlip listServiceDenials decideServiceDenial
    attachDocument listDocuments getDocument acceptDocument refuseDocument
"""
CONTRACT = set(NAMES.split())
# What moves value is asked for under a key: the counter insists, the others understand one.
KEYED = {
    **dict.fromkeys(("createStationVisit", "checkIn", "checkOut", "enterAttendanceList"), False),
    **dict.fromkeys(("endShift", "confirmTurn"), False),
    **dict.fromkeys(("redeem", "reserve", "cancelReservation", "pickUp"), True),
    **dict.fromkeys(("reverseRedemption", "donatePoints"), True),
    **dict.fromkeys(("returnVoucher", "redeemVoucher"), True),
    **dict.fromkeys(("confirmSale", "refuseSale"), True),
    **dict.fromkeys(("createPersonCard", "chooseCardPin"), True),
    **dict.fromkeys(("receiveStock", "recordDonation", "writeOffStock", "countStock"), True),
}
METHODS = {"get", "post", "put", "delete"}


@pytest.fixture(scope="session")
def document(app):
    return app.test_client().get("/api/openapi.json").json


@pytest.fixture(scope="session")
def operations(document):
    """Every operation by its name."""
    return {
        operation["operationId"]: {**operation, "method": method, "path": path}
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    }


def permission_of(view):
    """What is written on a view, under however many decorators."""
    while not hasattr(view, "permission") and hasattr(view, "__wrapped__"):
        view = view.__wrapped__
    return getattr(view, "permission", None)


def views(app):
    return {
        rule.endpoint: app.view_functions[rule.endpoint]
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in OF_LIBRARIES
    }


def address(rule):
    """An address of the rule that leads to nothing."""
    path = re.sub(r"<uuid:[a-z_]+>", "018f0000-0000-7000-8000-000000000000", rule.rule)
    return re.sub(r"<[a-z_:]+>", "nothing", path)


def guarded(app, *, api):
    """The rules behind a permission, with a method of each."""
    return [
        (rule, method, permission_of(app.view_functions[rule.endpoint]))
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in OF_LIBRARIES | OPEN_TO_ALL and rule.rule.startswith("/api/") is api
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"})
    ]


def test_every_view_says_who_may_open_it(app):
    written = {endpoint: permission_of(view) for endpoint, view in views(app).items()}

    assert {endpoint for endpoint, one in written.items() if one == PUBLIC} == OPEN_TO_ALL
    assert {one for one in written.values() if one != PUBLIC} <= set(Permission)


def test_every_view_is_described(app):
    assert [name for name, view in views(app).items() if not inspect.getdoc(view)] == []


def test_every_permission_is_held_by_somebody():
    held = RESIDENT.union(*ROLES.values())

    assert set(Permission) == held


def test_nobody_comes_in_through_the_api_without_signing_in(app):
    client = app.test_client()

    for rule, method, _permission in guarded(app, api=True):
        assert refusal(client.open(address(rule), method=method)) == (401, "sign_in_first"), rule


def test_nobody_comes_in_through_the_pages_without_signing_in(app):
    client = app.test_client()

    for rule, method, _permission in guarded(app, api=False):
        if method == "GET":
            answer = client.get(address(rule))
            assert answer.status_code == 302, rule
            assert "login" in answer.location, rule


def test_no_form_is_taken_from_another_site(app):
    client = app.test_client()

    for rule in app.url_map.iter_rules():
        if "POST" in rule.methods and not rule.rule.startswith("/api/"):
            answer = client.post(address(rule), data={"text": "x"})
            assert answer.status_code == 400, rule


def test_residents_open_what_residents_may_and_nothing_else(app, api, world):
    lin = world.person()

    for rule, method, permission in guarded(app, api=True):
        if rule.endpoint == "identity.delete_current_session":
            continue
        answer = api.bearing(api.token(lin), address(rule), method=method)
        shut = answer.status_code == 403
        assert shut is (permission not in RESIDENT), (rule, answer.text)


@pytest.mark.parametrize("role", ROLES)
def test_each_role_opens_what_it_holds_and_nothing_else(app, api, world, role):
    holder = world.staff(role)
    token = api.token(holder, staff=True)

    for rule, method, permission in guarded(app, api=True):
        if rule.endpoint == "identity.delete_current_session":
            continue
        answer = api.bearing(token, address(rule), method=method)
        shut = answer.status_code == 403
        assert shut is (permission not in RESIDENT | ROLES[role]), (rule, answer.text)


def test_whoever_came_in_with_a_given_password_chooses_their_own_and_opens_nothing_else(
    app, api, world
):
    word = "a password somebody gave"
    name = world.employ(world.staff("community_secretary"), password=word, given=True)
    token = api.post("/staff-sessions", username=name, password=word).json["token"]
    browser = app.test_client()
    browser.set_cookie("session", token)

    let_in = {
        rule.endpoint
        for rule, method, _permission in guarded(app, api=True)
        if rule.endpoint != "identity.delete_current_session"
        and refusal(api.bearing(token, address(rule), method=method)) != (403, "password_first")
    }
    opened = {
        rule.endpoint
        for rule, method, _permission in guarded(app, api=False)
        if method == "GET" and browser.get(address(rule)).location != "/staff/password"
    }

    assert let_in == {"identity.choose_password", "identity.confirm_session"}
    assert opened == {"account_pages.show_confirmation", "account_pages.show_password"}
    assert api.bearing(token, "/sessions/current", method="DELETE").status_code == 204


def test_every_operation_has_a_name_of_the_contract(operations, app):
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/v1")]

    assert operations.keys() <= CONTRACT
    assert len(operations) == len(rules)


def test_every_operation_says_in_words_what_it_does(operations):
    assert [name for name, one in operations.items() if not one.get("summary")] == []


def test_phones_can_send_every_method(operations, app):
    sent = {operation["method"] for operation in operations.values()}

    assert sent <= METHODS
    assert not any("PATCH" in rule.methods for rule in app.url_map.iter_rules())


def test_what_moves_value_is_asked_for_under_a_key(operations):
    keyed = {
        name: parameter["required"]
        for name, operation in operations.items()
        for parameter in operation.get("parameters", [])
        if parameter.get("name") == "Idempotency-Key"
    }

    assert keyed == KEYED


def test_every_operation_documents_its_refusals(operations):
    silent = [
        name
        for name, operation in operations.items()
        if not any("Problem" in str(answer) for answer in operation["responses"].values())
    ]

    assert silent == []


def test_no_address_takes_where_somebody_is(operations):
    # Addresses are logged by every server on the way; a body is not.
    places = {"near", "lat", "lng", "latitude", "longitude", "location", "crs", "accuracy_m"}
    found = [
        (name, parameter["name"])
        for name, operation in operations.items()
        for parameter in operation.get("parameters", [])
        if parameter.get("in") in {"query", "path"} and parameter.get("name") in places
    ]

    assert found == []


def test_no_answer_has_room_for_an_openid_or_a_password(document):
    # What a body may hold is one thing, what an answer may hold another.
    words = ("openid", "unionid", "password", "session_key", "subject", "phone")
    answers = {
        name: schema
        for name, schema in document["components"]["schemas"].items()
        if not name.endswith("Request")
    }

    found = [
        (name, field)
        for name, schema in answers.items()
        for field in schema.get("properties", {})
        if any(word in field for word in words)
    ]
    assert found == []
