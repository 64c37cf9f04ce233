"""Slips as pages, programs and paper show them."""

from datetime import datetime
from typing import Any

from app.activities import labels, slip_codes, slips
from app.activities.confirming import Claimed
from app.activities.models import Activity
from app.activities.proof_models import ServiceSlip
from app.activities.slip_codes import SlipCodes
from app.activities.slip_sheets import Printed
from app.activities.ways import Evidence
from app.core.clock import civil_text

STATES = {"waiting": "等答复", "answered": "已答复", "revoked": "已作废", "over": "已过期"}
MISSING = {Evidence.SERVED: "服务对象确认", Evidence.DOCUMENT: "凭证"}
WHO_BRINGS = {
    Evidence.SERVED: "由负责人发服务确认单、服务对象答复",
    Evidence.DOCUMENT: "由负责人上传、另一位工作人员核对",
}


def state_of(slip: ServiceSlip, now: datetime) -> str:
    """How a slip stands for those who issue it: never what was answered."""
    if slip.revoked_at is not None:
        return "revoked"
    if slip.answer is not None:
        return "answered"
    return "waiting" if slips.is_open(slip, now) else "over"


def body_of(slip: ServiceSlip, codes: SlipCodes, *, base: str, now: datetime) -> dict[str, Any]:
    """A slip as its issuer sees it; its code only while it is good for something."""
    state = state_of(slip, now)
    code = codes.of(slip.id) if state == "waiting" else None
    return {
        "id": slip.id,
        "label": slip.label,
        "served": slip.served,
        "state": state,
        "code": code,
        "address": code and f"{base}/{code}",
        "valid_until": slip.valid_until,
    }


def printed(
    slip: ServiceSlip, activity: Activity, codes: SlipCodes, *, base: str, organiser: str, zone: str
) -> Printed:
    """A slip in the words that go on paper."""
    code = codes.of(slip.id)
    return Printed(
        title=activity.title,
        when=labels.when(activity, zone),
        organiser=organiser,
        label=slip.label,
        served=slip.served,
        code=slip_codes.grouped(code),
        address=f"{base}/{code}",
        typed_at=base,
        until=civil_text(slip.valid_until, zone),
    )


def claimed_body(claimed: Claimed, organiser: str) -> dict[str, Any]:
    """What a slip says was done, for whoever was served."""
    activity, slip = claimed.activity, claimed.slip
    return {
        "title": activity.title,
        "organiser": organiser,
        "place": activity.place,
        "starts_at": activity.starts_at,
        "ends_at": activity.ends_at,
        "label": slip.label,
        "served": slip.served,
        "people": claimed.people,
        "minutes": claimed.minutes,
        "names": claimed.names,
        "answered": slip.answer is not None,
    }


def still_missing(awaits: list[str], until: datetime, zone: str) -> str:
    """What an attendance waits for, who brings it, and what becomes of it otherwise."""
    kinds = [Evidence(one) for one in awaits]
    what = "、".join(MISSING[one] for one in kinds)
    who = "；".join(WHO_BRINGS[one] for one in kinds)
    return f"还差{what}，{who}。到 {civil_text(until, zone)} 还没有，就只记服务时长"
