"""What each route is about. A route that is missing here fails the test that reads the map.

What may be done follows from this table, from the permission that is written on the view, and
from the roles: nothing here knows how a view or a service decides.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.identity.roles import Permission

Body = Callable[["Asked"], dict[str, Any]]


class Relation(StrEnum):
    """Where a thing stands, as seen from whoever asks: a role in a street."""

    OWN = "own"  # their own, or of the place where they live and work
    SAME = "same node"
    CHILD = "child"
    PARENT = "parent"
    SIBLING = "sibling"
    OTHER = "other tenant"
    NONE = "nonexistent"


BELOW = {Relation.OWN, Relation.SAME, Relation.CHILD}
OF_TENANT = BELOW | {Relation.PARENT, Relation.SIBLING}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a body may be made of: the thing the route is about, and what else there is."""

    thing: str
    code: str  # for an activity: what its screen shows
    person_id: str  # somebody in a community below
    place_id: str  # that community
    appid: str


@dataclass(frozen=True, slots=True)
class Route:
    """The kind of thing a route is about, if any, and what it is sent."""

    about: str | None = None
    sent: Body | None = None


# These belong to one person; all others belong to a place.
PERSONAL = {
    "message",
    "session",
    "redeem_code",
    "reservation",
    "voucher",
    "mandate",
    "own_booking",
    "own_registration",
    "web_login",
    "sale_question",
}
# An address with two things in it names each of them.
NAMED = {
    "sign": "station_code",
    "city": "city",
    "slip_code": "slip_code",
    "mandate_id": "mandate",
    "consent_id": "consent",
    "person_id": "person",
    "tenant_id": "tenant",
    "name": "photo_name",
    "question_id": "sale_question",
    "sale_id": "offline_sale",
    "slice_id": "offline_slice",
    "stray_id": "offline_stray",
}
# What of these staff may also see to at the counter, for those who live in their subtree.
AT_THE_COUNTER = {"mandate": Permission.HOUSEHOLD_MANAGE}


def _of(**fields: Any) -> Body:
    return lambda _asked: fields


def _aid(asked: Asked) -> dict[str, Any]:
    return {"person_id": asked.person_id, "reason": "试试"}


def _holder(asked: Asked) -> dict[str, Any]:
    return {"person_id": asked.thing, "reason": "试试"}


def _backfill(asked: Asked) -> dict[str, Any]:
    times = {"came_at": "2026-03-02T03:50:00+00:00", "left_at": "2026-03-02T04:50:00+00:00"}
    return {**_aid(asked), **times}


def _entry(_asked: Asked) -> dict[str, Any]:
    line = {"number": 1, "came_at": "2026-03-02T03:50:00+00:00"}
    return {"reason": "试试", "lines": [line]}


def _order(_asked: Asked) -> dict[str, Any]:
    line = {"item_id": "018f0000-0000-7000-8000-000000000000", "quantity": 1}
    return {"redeem_code": "0000000000", "lines": [line]}


def _wish(_asked: Asked) -> dict[str, Any]:
    return {"lines": _order(_asked)["lines"]}


def _grant(asked: Asked) -> dict[str, Any]:
    return {
        "person_id": asked.person_id,
        "role": "grid_worker",
        "org_unit_id": asked.thing,
        "valid_from": "2026-04-01",
        "valid_to": "2027-04-01",
        "reason": "换届",
    }


def _account(asked: Asked) -> dict[str, Any]:
    return {"username": "new.colleague", "name": "新同事", "org_unit_id": asked.thing}


def _login(asked: Asked) -> dict[str, Any]:
    return {"platform": "wechat", "appid": asked.appid, "code": "0" * 32}


def _subscription(asked: Asked) -> dict[str, Any]:
    choice = {"template": "goods_taken", "answer": "accept"}
    return {"platform": "wechat", "appid": asked.appid, "choices": [choice]}


def _delegate(asked: Asked) -> dict[str, Any]:
    return {"delegate_id": asked.person_id, "acts": ["read"], "daily_limit": 0}


def _new_unit(asked: Asked) -> dict[str, Any]:
    return {"parent_id": asked.thing, "kind": "grid", "name": "新网格"}


def _move(asked: Asked) -> dict[str, Any]:
    return {"parent_id": asked.place_id, "on": "2026-03-02", "reason": "调整"}


def _stationed(asked: Asked) -> dict[str, Any]:
    return {"community_id": asked.thing, "name": "供电所", "nature": "organ"}


DRAFT = {
    "name": "新驿站",
    "kind": "service_hut",
    "level": "community",
    "address": "东街 1 号",
    "services": ["rest"],
}


WISH = {"day": "2026-03-02", "from_minute": 600, "to_minute": 660, "purpose": "读书会"}


def _station(asked: Asked) -> dict[str, Any]:
    return {**DRAFT, "community_id": asked.thing}


def _draft(asked: Asked) -> dict[str, Any]:
    return {
        "community_id": asked.thing,
        "title": "试试",
        "category": "environment",
        "place": "广场",
        "starts_at": "2026-03-09T01:00:00+00:00",
        "ends_at": "2026-03-09T03:00:00+00:00",
        "tasks": [{"name": "志愿者", "minutes": 60, "places": 5}],
    }


def _service_day(asked: Asked) -> dict[str, Any]:
    return {"unit_id": asked.thing, "month": "2026-04", "day": "2026-04-11", "reason": "试试"}


ARRIVED = {"item_id": "018f0000-0000-7000-8000-000000000000", "quantity": 1}


def _book(_asked: Asked) -> dict[str, Any]:
    return {"span": "month", "day": "2026-03-02", "form": "xlsx"}


def _purchase(_asked: Asked) -> dict[str, Any]:
    paid = {"source": "fiscal", "voucher": "1"}
    return {"day": "2026-03-02", "lines": [ARRIVED], **paid}


def _donation(_asked: Asked) -> dict[str, Any]:
    donor = {"donor_kind": "unit", "donor_name": "供电所"}
    return {"day": "2026-03-02", "lines": [ARRIVED], **donor}


def _count(_asked: Asked) -> dict[str, Any]:
    line = {"batch_id": ARRIVED["item_id"], "expected": 1, "counted": 1}
    return {"lines": [line]}


SOMETHING = "018f0000-0000-7000-8000-000000000001"


def _brought(_asked: Asked) -> dict[str, Any]:
    """A sale of a terminal that nobody has signed anything for."""
    at = {"place": "1", "sold_at": "2026-03-02T04:00:00+00:00", "total": "2"}
    what = {"nonce": SOMETHING, "share": SOMETHING, f"qty-{SOMETHING}": "1"}
    return {"slice": "{}", "mac": "0", **what, **at}


REASON = _of(reason="试试")
VENUE: Body = lambda asked: {"code": asked.code}  # noqa: E731 - a body among bodies
CODE: Body = lambda asked: {"code": asked.thing}  # noqa: E731
NUMBER: Body = lambda asked: {"number": asked.thing}  # noqa: E731
TEXT: Body = lambda asked: {"text": asked.thing}  # noqa: E731

ROUTES = {
    # anybody's
    "health.healthz": Route(),
    "health.readyz": Route(),
    "health.show_metrics": Route(),
    "identity.create_session": Route(sent=_login),
    "identity.create_staff_session": Route(sent=_of(username="nobody", password="wrong")),
    "identity_pages.home": Route(),
    "identity_pages.login_demo": Route(),
    "identity_pages.login_second_step": Route(),
    "identity_pages.login_staff": Route(),
    "identity_pages.show_login": Route(),
    "identity_pages.show_second_step": Route(),
    "identity_pages.show_staff_login": Route(),
    "web.show_icon": Route(),
    "web_login_pages.show_qr": Route(),
    "web_login_pages.wait": Route(),
    "web_login_pages.show_entrance": Route(),
    "web_login_pages.enter": Route(),
    # one's own account
    "web_logins.see_web_login": Route("web_login"),
    "web_logins.confirm_web_login": Route("web_login"),
    "web_logins.refuse_web_login": Route("web_login"),
    "web_logins.create_handoff": Route(),
    "web_login_pages.show_proof_qr": Route(),
    "web_login_pages.wait_for_proof": Route(),
    "web_login_pages.show_request": Route("web_login"),
    "web_login_pages.confirm": Route("web_login"),
    "web_login_pages.refuse": Route("web_login"),
    "web_login_pages.show_done": Route(),
    "identity.get_me": Route(),
    "identity.get_current_session": Route(),
    "identity.delete_current_session": Route(),
    "identity.list_sessions": Route(),
    "identity.delete_other_sessions": Route(),
    "identity.delete_session": Route("session"),
    "identity.confirm_session": Route(sent=_of(password="wrong")),
    "identity.begin_second_factor": Route(),
    "identity.confirm_second_factor": Route(sent=_of(otp="000000")),
    "identity_pages.logout": Route(),
    "account_pages.show_devices": Route(),
    "account_pages.end_device": Route("session"),
    "account_pages.end_other_devices": Route(),
    "account_pages.show_confirmation": Route(),
    "account_pages.confirm_staff": Route(),
    "account_pages.confirm_in_demo": Route(),
    "account_pages.show_password": Route(),
    "account_pages.choose_password": Route(),
    "identity.choose_password": Route(sent=_of(password="a password of ones own")),
    "account_pages.show_second_factor": Route(),
    "account_pages.begin_second_factor": Route(),
    "account_pages.confirm_second_factor": Route(),
    # what is kept of oneself; and of somebody else, in full
    "privacy.export_my_data": Route(),
    "privacy.erase_me": Route(),
    "privacy_pages.show_own_data": Route(),
    "privacy_pages.download_own_data": Route(),
    "privacy_pages.show_erasure": Route(),
    "privacy_pages.confirm_erasure": Route(),
    "privacy.list_consents": Route(),
    "privacy.give_consent": Route(sent=_of(purpose="privacy", version="2026-11-27-2")),
    "privacy.withdraw_consent": Route(),
    "privacy_pages.show_consent": Route(),
    "privacy_pages.agree": Route(sent=_of(version="2026-11-27-2")),
    "privacy_pages.disagree": Route(),
    "phones.get_my_phone": Route(),
    "phones.bind_phone": Route(sent=_of(number="13812345678", name="问的人")),
    "phones.withdraw_phone_claim": Route(),
    "phones_pages.show_phone": Route(),
    "phones_pages.type_phone": Route(sent=_of(number="13812345678", name="问的人")),
    "phones_pages.withdraw_phone": Route(),
    "phones_pages.press_in_demo": Route(),
    "phones_pages.list_claims": Route(),
    "phones_pages.show_claim": Route("phone_claim"),
    "phones_pages.decide_claim": Route("phone_claim", sent=_of(decision="refuse", reason="打不通")),
    "phones_pages.end_cooling": Route("cooling", sent=_of(reason="看了身份证")),
    "phones.keep_phone": Route(),
    "phones_pages.keep_phone": Route(),
    "phone_release_pages.show_release": Route("person"),
    "phone_release_pages.ask_release": Route("person", sent=_of(reason="看了开户单")),
    "phone_release_pages.show_open_release": Route("phone_release"),
    "phone_release_pages.decide_release": Route(
        "phone_release", sent=_of(decision="stop", reason="还是他的")
    ),
    "unmasking_pages.show_whereabouts": Route("person"),
    "unmasking_pages.read_whereabouts": Route("person", sent=_of(reason="核对签到")),
    "unmasking_pages.show_masked": Route("person"),
    "unmasking_pages.unmask": Route("person", sent=_of(field="phone", reason="试试")),
    # the desk, roles, accounts, the log
    "identity_pages.show_desk": Route(),
    "administration.list_grants": Route(),
    "administration.grant_role": Route("place", sent=_grant),
    "administration.approve_grant": Route("proposal"),
    "administration.refuse_grant": Route("proposal", sent=REASON),
    "administration.revoke_role": Route("grant", sent=REASON),
    "administration.list_staff_accounts": Route(),
    "administration.reset_password": Route("account"),
    "administration.reset_second_factor": Route("account"),
    "administration.list_audit_entries": Route(),
    "administration_pages.show_grants": Route(),
    "administration_pages.show_new_grant": Route(),
    "administration_pages.propose_grant": Route("place", sent=_grant),
    "administration_pages.approve_grant": Route("proposal"),
    "administration_pages.refuse_grant": Route("proposal", sent=REASON),
    "administration_pages.end_grant": Route("grant", sent=REASON),
    "staff_account_pages.show_accounts": Route(),
    "staff_account_pages.reset_password": Route("account"),
    "staff_account_pages.reset_second_factor": Route("account"),
    "administration.create_staff_account": Route("place", sent=_account),
    "administration_pages.find_grantee": Route(),
    "administration_pages.show_audit": Route(),
    "staff_account_pages.show_new_account": Route(),
    "staff_account_pages.find_colleague": Route(),
    "staff_account_pages.open_account": Route("place", sent=_account),
    # what WeChat tells, and what people are told
    "wechat.check_wechat_address": Route(),
    "wechat.receive_wechat_message": Route(),
    "notices.list_messages": Route(),
    "notices.read_messages": Route("message"),
    "notices.report_subscription": Route(sent=_subscription),
    "notices.list_call_lines": Route(),
    "notices.record_call": Route("call_line", sent=_of(step="phone", outcome="reached")),
    "notices.read_call_number": Route("call_line"),
    "notices_pages.show_messages": Route(),
    "notices_pages.read_messages": Route("message"),
    "notices_pages.show_calls": Route(),
    "notices_pages.record_call": Route("call_line", sent=_of(step="phone", outcome="reached")),
    "notices_pages.show_number": Route("call_line"),
    # the tree, registrations, households
    "organisation.list_org_units": Route(),
    "organisation.create_org_unit": Route("place", sent=_new_unit),
    "organisation.move_org_unit": Route("place", sent=_move),
    "organisation.list_stationed_units": Route(),
    "organisation.create_stationed_unit": Route("community", sent=_stationed),
    "organisation.register_residence": Route(
        "community", sent=lambda asked: {"community_id": asked.thing}
    ),
    "organisation.list_registrations": Route(),
    "organisation.decide_registration": Route("registration", sent=_of(decision="accept")),
    "organisation_pages.show_registration": Route(),
    "organisation_pages.register": Route(
        "community", sent=lambda asked: {"community_id": asked.thing}
    ),
    "organisation_pages.withdraw": Route("own_registration"),
    "organisation_pages.list_registrations": Route(),
    "organisation_pages.decide": Route("registration", sent=_of(decision="accept")),
    "organisation.rename_org_unit": Route("place", sent=_of(name="新名称")),
    "organisation.close_org_unit": Route("place", sent=_of(reason="合并")),
    "organisation.reopen_org_unit": Route("place", sent=_of(reason="恢复")),
    "tree_pages.found": Route("place", sent=_of(kind="grid", name="新网格", on="2026-03-02")),
    "tree_pages.rename": Route("place", sent=_of(name="新名称")),
    "tree_pages.close": Route("place", sent=_of(reason="合并")),
    "tree_pages.reopen": Route("place", sent=_of(reason="恢复")),
    "tree_pages.seat": Route("place"),
    "tree_pages.unseat": Route("place"),
    "tree_pages.label": Route(),
    "tree_pages.show_tops": Route(),
    "tree_pages.show_unit": Route("place"),
    "tree_pages.move": Route("place", sent=_move),
    "tree_pages.station_unit": Route("community", sent=_of(name="供电所")),
    "households.create_delegate": Route(sent=_delegate),
    "households.delete_delegate": Route("mandate"),
    "households_pages.show_household": Route(),
    "households_pages.give": Route(),
    "households_pages.revoke": Route("mandate"),
    # people, their file and the sheets they come in
    "identity.update_me": Route(sent=_of(large_type=False)),
    "identity_pages.choose_type": Route(),
    "roster_pages.show_people": Route(),
    "roster_pages.search": Route(sent=_of(name="居民")),
    "roster_pages.show_file": Route("person"),
    "card_pages.show_finder": Route(),
    "card_pages.find": Route(sent=_of(card_no="K00000000")),
    "card_pages.show_card": Route("person"),
    "card_pages.issue": Route("person"),
    "card_pages.choose_pin": Route("person", sent=_of(pin="2580", again="2580")),
    "person_cards.find_person_card": Route(sent=_of(number="K00000000")),
    "person_cards.get_person_card": Route("person"),
    "person_cards.create_person_card": Route("person"),
    "person_cards.choose_card_pin": Route("person", sent=_of(pin="2580")),
    "roster_pages.move_in": Route(
        "person", sent=lambda asked: {"unit_id": asked.place_id, "door": "1 栋", "on": "2026-03-02"}
    ),
    "roster_pages.move_out": Route("person", sent=_of(on="2026-03-02")),
    "roster_pages.name_head": Route("person"),
    "roster_pages.witness": Route("person"),
    "roster_pages.revoke": Route("person"),
    "roster_pages.consent": Route("person"),
    "roster_pages.withdraw": Route("person"),
    "roster_pages.export": Route(),
    "import_pages.show_import": Route(),
    "roster.import_people": Route(),
    "import_pages.upload": Route(),
    "import_pages.show_batch": Route("batch"),
    "import_pages.take_over": Route("batch"),
    "import_pages.drop": Route("batch"),
    "import_pages.show_progress": Route("batch"),
    # points
    "passbook.get_balances": Route(),
    "passbook.list_passbook": Route(),
    "passbook.choose_expiry": Route(sent=_of(goes_to="love_pool")),
    "ledger_pages.show_me": Route(),
    "ledger_pages.show_numbers": Route(),
    "ledger_pages.show_passbook": Route(),
    "passbook_desk_pages.show_desk": Route(),
    "passbook_desk_pages.find_holder": Route(sent=_of(q="居民")),
    "passbook_desk_pages.open_passbook": Route("person", sent=_holder),
    "ledger_pages.choose_expiry": Route(sent=_of(goes_to="love_pool")),
    # stations
    "stations.list_stations": Route(),
    "stations.search_stations": Route(sent=_of(near={"lat": 23.3, "lng": 112.7, "crs": "gcj02"})),
    "stations.get_station": Route("station"),
    "stations.get_station_code": Route("station"),
    "stations.create_station_visit": Route("station_code", sent=CODE),
    "stations.resolve_scan": Route("station_code", sent=TEXT),
    "stations.get_station_poster": Route("station"),
    "stations.create_station": Route("community", sent=_station),
    "stations.update_station": Route("station", sent=_of(**DRAFT)),
    "stations.list_station_visits": Route(),
    "stations.list_rooms": Route("station"),
    "stations.book_room": Route("room", sent=_of(**WISH)),
    "stations.list_bookings": Route(),
    "stations.cancel_booking": Route("own_booking"),
    "duties.list_shifts": Route("station"),
    "duties.list_my_shifts": Route(),
    "duties.take_shift": Route("shift"),
    "duties.offer_shift": Route("shift", sent=REASON),
    "duties.leave_shift": Route("shift", sent=REASON),
    "duties.begin_shift": Route("shift", sent=_of(code="S0")),
    "duties.end_shift": Route("shift", sent=_of(code="S0")),
    "duties.list_unconfirmed_turns": Route("station"),
    "duties.confirm_turn": Route("turn"),
    "stations_pages.show_stations": Route(),
    "stations_pages.show_near": Route(),
    "stations_pages.show_station": Route("station"),
    "stations_pages.show_photo": Route("station"),
    "stations_pages.show_room": Route("room"),
    "stations_pages.book_room": Route("room"),
    "stations_pages.show_bookings": Route(),
    "stations_pages.cancel_booking": Route("own_booking"),
    "stations_pages.show_duties": Route(),
    "stations_pages.take_turn": Route("shift"),
    "stations_pages.offer_turn": Route("shift", sent=REASON),
    "stations_pages.leave_turn": Route("shift", sent=REASON),
    "stations_pages.begin_turn": Route("shift"),
    "stations_pages.end_turn": Route("shift"),
    "stations_pages.confirm_turn": Route("turn"),
    "stations_pages.show_stations_today": Route(),
    "stations_pages.show_day": Route("station"),
    "stations_pages.count_heads": Route("station"),
    "stations_pages.undo_heads": Route("station"),
    "stations_pages.cancel_for_station": Route("booking", sent=REASON),
    "stations_pages.show_shifts": Route("station"),
    "stations_pages.plan_shifts": Route("station"),
    "stations_pages.assign_turn": Route("shift"),
    "stations_pages.call_off": Route("shift", sent=REASON),
    "stations_pages.show_new": Route(),
    "stations_pages.create_station": Route("community", sent=_station),
    "stations_pages.show_editor": Route("station"),
    "stations_pages.update_station": Route("station"),
    "stations_pages.set_week": Route("station"),
    "stations_pages.set_exception": Route("station"),
    "stations_pages.drop_exception": Route("station"),
    "stations_pages.set_service": Route("station"),
    "stations_pages.set_photo": Route("station"),
    "stations_pages.add_room": Route("station"),
    "stations_pages.close_room": Route("room"),
    "stations_pages.show_figures": Route(),
    "stations_pages.show_labels": Route(),
    "stations_pages.print_labels": Route(),
    "stations_pages.show_poster": Route("station"),
    "stations_pages.print_poster": Route("station"),
    "stations_pages.show_history": Route("station"),
    "stations_pages.replace_code": Route("station"),
    "stations_pages.show_scan": Route(),
    "stations_pages.read_scan": Route("station_code", sent=TEXT),
    "stations_pages.open_code": Route("station_code"),
    "stations_pages.visit": Route("station_code"),
    "stations_pages.show_visit": Route("station_code"),
    "stations_pages.show_guest": Route(),
    "stations_pages.show_photo_to_check": Route(),
    "stations_pages.count_guest": Route(),
    "stations_pages.show_thanks": Route(),
    "stations_pages.show_codes": Route(),
    # activities
    "activities.list_activities": Route(),
    "activities.get_activity": Route("activity"),
    "activities.enrol": Route("activity"),
    "arrivals.check_in": Route("activity", sent=VENUE),
    "arrivals.check_out": Route("activity", sent=VENUE),
    "arrivals.shorten_attendance": Route("activity"),
    "arrivals.list_doubtful_attendances": Route(),
    "feedback.give_feedback": Route("activity", sent=_of(rating=5)),
    "feedback.answer_feedback": Route("feedback", sent=_of(answer="谢谢")),
    "feedback.list_doubtful_feedback": Route(),
    "feedback.decide_feedback": Route("feedback", sent=_of(decision="hide", reason="不合适")),
    "feedback.get_four_arrivals": Route(),
    "feedback.export_activity_register": Route(sent=_of(month="2026-04")),
    "register_pages.show_register": Route(),
    "turnout_pages.show_turnout": Route(),
    "register_pages.export": Route(sent=_of(month="2026-04")),
    "feedback_pages.show_arrivals": Route(),
    "feedback_pages.show_own": Route("activity"),
    "feedback_pages.give": Route("activity", sent=_of(rating="5")),
    "feedback_pages.show_given": Route("activity"),
    "feedback_pages.thank_all": Route("activity"),
    "feedback_pages.show_words": Route(),
    "feedback_pages.decide_words": Route("feedback", sent=_of(decision="hide", reason="不合适")),
    "feedback_pages.answer": Route("feedback", sent=_of(answer="谢谢")),
    "arrivals.confirm_attendance": Route("doubtful"),
    "arrivals.reject_attendance": Route("doubtful", sent=REASON),
    "assisting.staff_check_in": Route("activity", sent=_aid),
    "assisting.staff_enrol": Route("activity", sent=_aid),
    "assisting.staff_check_out": Route("activity", sent=_aid),
    "assisting.bulk_check_out": Route("activity", sent=REASON),
    "assisting.propose_backfill": Route("activity", sent=_backfill),
    "assisting_pages.show_backfill": Route("activity"),
    "assisting_pages.propose_backfill": Route("activity", sent=_of(who="试试", reason="试试")),
    "assisting_pages.show_arrivals": Route("activity"),
    "assisting_pages.find_attendee": Route("activity", sent=_of(q="试试")),
    "assisting_pages.record_arrival": Route("activity", sent=_aid),
    "assisting_pages.check_out_all": Route("activity", sent=REASON),
    "attendance_lists.create_attendance_list": Route("activity"),
    "attendance_lists.get_attendance_list": Route("attendance_list"),
    "attendance_lists.get_attendance_list_paper": Route("attendance_list"),
    "attendance_lists.enter_attendance_list": Route("attendance_list", sent=_entry),
    "list_pages.show_lists": Route("activity"),
    "list_pages.create_list": Route("activity"),
    "list_pages.show_number": Route(),
    "list_pages.open_list": Route("attendance_list", sent=NUMBER),
    "list_pages.show_paper": Route("attendance_list"),
    "list_pages.print_paper": Route("attendance_list"),
    "list_pages.show_entry": Route("attendance_list"),
    "list_pages.enter": Route("attendance_list", sent=REASON),
    "arrival_pages.confirm_attendance": Route("activity"),
    "arrival_pages.list_doubtful": Route(),
    "arrival_pages.decide_doubtful": Route("doubtful", sent=REASON),
    "proofs.issue_service_slips": Route("activity", sent=_of(slips=[{"label": "3栋老人"}])),
    "proofs.list_service_slips": Route("activity"),
    "proofs.revoke_service_slip": Route("slip", sent=REASON),
    "proofs.reissue_service_slip": Route("slip", sent=REASON),
    "proofs.take_service_call": Route("slip", sent=_of(answer="confirmed", reason="没有手机")),
    "proofs.read_service_slip": Route(sent=_of(city="nowhere", code="AAAA2222")),
    "proofs.answer_service_slip": Route(
        sent=_of(city="nowhere", code="AAAA2222", answer="confirmed")
    ),
    "proofs.list_service_denials": Route(),
    "proofs.decide_service_denial": Route("denial", sent=_of(finding="stands", reason="问过")),
    "proofs.attach_document": Route("activity"),
    "proofs.list_documents": Route("activity"),
    "proofs.get_document": Route("document"),
    "proofs.accept_document": Route("document"),
    "proofs.refuse_document": Route("document", sent=REASON),
    "slip_pages.show_slips": Route("activity"),
    "slip_pages.issue_slips": Route("activity", sent=_of(labels="3栋老人")),
    "slip_pages.show_sheet": Route("activity"),
    "slip_pages.print_slips": Route("activity"),
    "slip_pages.change_slip": Route("slip", sent=_of(step="revoke", reason="试试")),
    "slip_pages.list_denials": Route(),
    "slip_pages.decide_denial": Route("denial", sent=_of(finding="stands", reason="问过")),
    "served_pages.show_typing": Route(),
    "served_pages.type_code": Route(sent=_of(code="AAAA2222")),
    "served_pages.show_claim": Route(),
    "served_pages.answer_claim": Route(sent=_of(answer="confirmed")),
    "document_pages.show_documents": Route("activity"),
    "document_pages.attach_document": Route("activity"),
    "document_pages.show_document": Route("document"),
    "document_pages.decide_document": Route("document", sent=_of(decision="accept")),
    "activities.get_venue_code": Route("activity"),
    "activities.cancel_enrolment": Route("activity"),
    "activities.confirm_enrolment": Route("activity"),
    "activities_staff.create_activity": Route("place", sent=_draft),
    "activities_staff.update_activity": Route("activity", sent=_draft),
    "activities_staff.submit_activity": Route("activity"),
    "activities_staff.take_back_activity": Route("activity"),
    "activities_staff.publish_activity": Route("activity"),
    "activities_staff.return_activity": Route("activity", sent=REASON),
    "activities_staff.cancel_activity": Route("activity", sent=REASON),
    "activities_staff.verify_activity": Route("activity"),
    "activities_staff.list_enrolments": Route("activity"),
    "activities_staff.place_enrolment": Route("enrolment"),
    "activities_staff.list_notice_readings": Route("activity"),
    "activities_staff.get_service_day": Route(),
    "activities_staff.override_service_day": Route("place", sent=_service_day),
    "enrolment_pages.show_list": Route(),
    "enrolment_pages.show_calendar": Route(),
    "enrolment_pages.show_mine": Route(),
    "enrolment_pages.give_my_ics": Route(),
    "enrolment_pages.give_ics": Route("activity"),
    "enrolment_pages.enrol": Route("activity"),
    "enrolment_pages.leave": Route("activity"),
    "enrolment_pages.accept": Route("activity"),
    "activities_pages.show_detail": Route("activity"),
    "activities_staff_pages.list_prepared": Route(),
    "activities_staff_pages.show_new": Route(),
    "activities_staff_pages.create": Route("place", sent=_draft),
    "activities_staff_pages.show_prepared": Route("activity"),
    "activities_staff_pages.show_edit": Route("activity"),
    "activities_staff_pages.rewrite": Route("activity"),
    "activities_staff_pages.submit": Route("activity"),
    "activities_staff_pages.take_back": Route("activity"),
    "activities_staff_pages.publish": Route("activity"),
    "activities_staff_pages.give_back": Route("activity", sent=REASON),
    "activities_staff_pages.cancel": Route("activity", sent=REASON),
    "activities_staff_pages.verify": Route("activity"),
    "activities_staff_pages.place": Route("enrolment"),
    "plan_pages.show_plan": Route(),
    "plan_pages.choose_theme": Route("place", sent=_of(number="3", theme="试试")),
    "plan_pages.choose_service_day": Route("place", sent=_of(month="4", day="2026-04-11")),
    "plan_pages.show_new_series": Route(),
    "plan_pages.create_series": Route("place", sent=_draft),
    "plan_pages.show_series": Route("series"),
    "plan_pages.rewrite_series": Route("series"),
    "plan_pages.make_drafts": Route("series"),
    "plan_pages.end_series": Route("series"),
    "arrival_pages.show_arrival": Route("venue_code"),
    "arrival_pages.check_in": Route("activity", sent=VENUE),
    "arrival_pages.show_check_in": Route("activity"),
    "arrival_pages.check_out": Route("activity", sent=VENUE),
    "arrival_pages.show_check_out": Route("activity"),
    "activities_pages.list_venues": Route(),
    "activities_pages.show_venue": Route("activity"),
    "activities_pages.show_venue_code": Route("activity"),
    # the shops
    "stock.create_item": Route("shop", sent=_of(sku="9", name="毛巾", category="daily", points=9)),
    "stock.price_item": Route("item", sent=_of(points=9, valid_from="2026-03-20")),
    "stock.receive_stock": Route("shop", sent=_purchase),
    "stock.record_donation": Route("shop", sent=_donation),
    "stock.list_batches": Route("shop"),
    "stock.write_off_stock": Route("stock_batch", sent=_of(quantity=1, reason="受潮")),
    "stock.count_stock": Route("shop", sent=_count),
    "stock.approve_stock_move": Route("stock_proposal", sent=_of(approved=True)),
    "shop_pages.list_shops": Route(),
    "shop_pages.show_shop": Route("shop"),
    "shop_pages.list_goods": Route("shop"),
    "goods_pages.show_new": Route("shop"),
    "goods_pages.create_item": Route("shop"),
    "goods_pages.show_item": Route("item"),
    "goods_pages.update_item": Route("item"),
    "goods_pages.price_item": Route("item"),
    "goods_pages.set_open": Route("item"),
    "goods_pages.set_photo": Route("item"),
    "goods_pages.show_photo": Route("item"),
    "intake_pages.show_purchase": Route("shop"),
    "intake_pages.receive": Route("shop"),
    "intake_pages.show_donation": Route("shop"),
    "intake_pages.donate": Route("shop"),
    "intake_pages.show_delivery": Route("delivery"),
    "stock_pages.show_write_off": Route("shop"),
    "stock_pages.write_off": Route("shop"),
    "stock_pages.show_count": Route("shop"),
    "stock_pages.count": Route("shop"),
    "stock_pages.show_counted": Route("stock_count"),
    "stock_pages.list_proposals": Route(),
    "stock_pages.decide": Route("stock_proposal", sent=_of(approved="1")),
    "passbook_pages.show_own": Route(),
    "passbook_pages.print_own": Route(),
    "passbook_pages.place_own": Route(),
    "passbook_pages.show_own_page": Route(),
    "passbook_pages.export_own": Route(sent=_of(book="1")),
    "passbook_pages.show_theirs": Route("person"),
    "passbook_pages.print_theirs": Route("person"),
    "passbook_pages.place_theirs": Route("person"),
    "passbook_pages.show_their_page": Route("person"),
    "passbook_pages.export_theirs": Route("person", sent=_of(book="1")),
    "books.export_donation_register": Route("shop", sent=_of(span="month", day="2026-03-02")),
    "books.export_redemption_register": Route("shop", sent=_of(span="month", day="2026-03-02")),
    "book_pages.list_shops": Route(),
    "book_pages.show_outlook": Route("shop"),
    "book_pages.show_donations": Route("shop"),
    "book_pages.show_redemptions": Route("shop"),
    "book_pages.export_donations": Route("shop", sent=_book),
    "book_pages.export_redemptions": Route("shop", sent=_book),
    "stock_papers.print_receipt": Route("delivery"),
    "stock_papers.show_thanks": Route("shop"),
    "stock_papers.print_thanks": Route("shop"),
    "stock_papers.print_labels": Route("shop"),
    "supermarket.list_shops": Route(),
    "supermarket.search_shops": Route(sent=_of(near={"lat": 23.3, "lng": 112.7, "crs": "gcj02"})),
    "supermarket.list_items": Route("shop"),
    "supermarket.redeem": Route("shop", sent=_order),
    "supermarket.create_redeem_code": Route(),
    "supermarket_pages.show_redeem_code": Route(),
    "supermarket_pages.show_fresh_code": Route(),
    "supermarket_pages.show_fate": Route("redeem_code"),
    "supermarket_pages.list_counters": Route(),
    "supermarket_pages.show_counter": Route("shop"),
    "supermarket_pages.redeem": Route("shop", sent=_of(redeem_code="0000000000")),
    "supermarket_pages.show_budgets": Route(),
    "supermarket_pages.look": Route("shop", sent=_of(redeem_code="0000000000")),
    "supermarket_pages.answer_question": Route("sale_question"),
    "questions.list_sale_questions": Route(),
    "questions.confirm_sale": Route("sale_question"),
    "questions.refuse_sale": Route("sale_question"),
    "offline_pages.show_terminal": Route("shop"),
    "offline_pages.show_manifest": Route("shop"),
    "offline_pages.show_worker": Route(),
    "offline_pages.show_state": Route("shop"),
    "offline_pages.grant_slice": Route("shop", sent=_of(terminal=SOMETHING)),
    "offline_pages.return_slice": Route("shop"),
    "offline_pages.bring_sale": Route("shop", sent=_brought),
    "offline_pages.show_waiting": Route("shop"),
    "offline_pages.put_aside": Route("shop", sent=_brought),
    "offline_pages.close_stray": Route("shop", sent=REASON),
    "offline_pages.try_again": Route("shop"),
    "offline_pages.close_sale": Route("shop", sent=REASON),
    "offline_pages.choose_points": Route("shop", sent=_of(points="20")),
    "till_pages.show_question": Route("shop"),
    "till_pages.show_day": Route("shop"),
    "till_pages.hand_over": Route("shop", sent=_of(username="nobody", password="wrong")),
    "till_pages.show_report": Route(),
    "reservations.reserve": Route("shop", sent=_wish),
    "reservations.list_reservations": Route(),
    "reservations.cancel_reservation": Route("reservation"),
    "reservations.pick_up": Route("shop", sent=_of(code="2345")),
    "reservations.reverse_redemption": Route("redemption", sent=_of(reason="受潮")),
    "reservations.donate_points": Route(sent=_of(points=1)),
    "reservations.get_shop_day": Route("shop"),
    "reservation_pages.list_shops": Route(),
    "reservation_pages.show_shop": Route("shop"),
    "reservation_pages.reserve_goods": Route("shop"),
    "reservation_pages.list_orders": Route(),
    "reservation_pages.cancel_order": Route("reservation", sent=_of(idempotency_key="k" * 20)),
    "reservation_pages.show_donating": Route(),
    "reservation_pages.donate": Route(sent=_of(points="1")),
    "pickup_pages.show_queue": Route("shop"),
    "pickup_pages.look_up": Route("shop", sent=_of(code="2345")),
    "pickup_pages.hand_over": Route("shop", sent=_of(code="2345")),
    "goods_pages.show_photo_to_check": Route(),
    "vouchers.list_vouchers": Route(),
    "vouchers.return_voucher": Route("voucher"),
    "vouchers.list_merchants": Route(),
    "vouchers.redeem_voucher": Route("merchant", sent=_of(code="2345")),
    "voucher_pages.list_vouchers": Route(),
    "voucher_pages.return_voucher": Route("voucher"),
    "voucher_pages.list_own_merchants": Route(),
    "voucher_pages.show_merchant": Route("merchant"),
    "voucher_pages.redeem_voucher": Route("merchant", sent=_of(code="2345")),
    "merchant_pages.list_merchants": Route(),
    "merchant_pages.create_merchant": Route(),
    "merchant_pages.close_merchant": Route("merchant"),
    "merchant_pages.show_sheet": Route(),
    "merchant_pages.export_sheet": Route(),
    "return_pages.show_returns": Route("shop"),
    "return_pages.take_back": Route("shop"),
}
