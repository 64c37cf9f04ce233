"""代办: both are written down, within the whitelist and the day's limit, and revoked at once."""

import pytest
import sqlalchemy as sa

from app.core.errors import DomainError
from app.households import delegations
from app.households.delegations import Mandate
from app.households.kinds import Act, Consent
from tests.app.households.test_households import principal
from tests.support.browser import Browser
from tests.support.client import NOWHERE
from tests.support.crowd import outcomes
from tests.support.refusals import refusal


def audited(world, action):
    query = """
        SELECT actor_id, on_behalf_of, subject_id FROM audit_entry
        WHERE action = :action ORDER BY seq
    """
    with world.own() as session:
        return [tuple(row) for row in session.execute(sa.text(query), {"action": action})]


def test_a_son_reads_his_mothers_passbook(world, api, elder, son, give):
    given = give(elder, son).json["delegate"]

    balances = api.get("/me/balances", as_=son, on_behalf_of=str(elder.id)).json
    lines = api.get("/me/passbook", as_=son, on_behalf_of=str(elder.id)).json["items"]

    assert (given["relation"], given["acts"]) == ("family", ["read", "redeem"])
    assert balances["points"]["available"] == 60
    assert {line["unit"] for line in lines} == {"points", "score"}
    assert api.get("/me/balances", as_=son).json["points"]["available"] == 0
    assert audited(world, "delegate.read") == [(son.id, elder.id, elder.id)] * 2


def test_a_son_fetches_rice_for_his_mother(world, elder, son, give, fetch):
    give(elder, son)

    answer = fetch(elder, son)

    assert answer.status_code == 201
    assert answer.json["redemption"]["balance_after"] == 44
    assert audited(world, "delegate.redeem") == [(son.id, elder.id, elder.id)]
    assert world.points_of(elder) == 44
    assert world.violations() == []


def test_her_passbook_says_who_fetched(api, elder, son, give, fetch):
    give(elder, son)
    fetch(elder, son)

    spent = api.get("/me/passbook", as_=elder).json["items"][0]

    assert "欧*明 代领" in spent["reason"]


def test_the_days_limit_holds_until_the_next_day(world, hands, elder, son, give, fetch):
    give(elder, son, daily_limit=32)
    assert fetch(elder, son, quantity=2).status_code == 201

    with world.changes() as changed:
        over = fetch(elder, son)

    assert refusal(over) == (409, "mandate_exceeded")
    assert changed.keys() == {
        "audit_entry",
        "audit_head",
        "idempotency",
        "redeem_code",
        "redemption",
    }
    assert world.points_of(elder) == 28
    hands.move(days=1)
    assert fetch(elder, son).status_code == 201


def test_the_sixth_errand_of_a_day_is_refused(world, elder, son, give, fetch, counter):
    world.give(elder, 100)
    give(elder, son, daily_limit=1000)

    answers = [fetch(elder, son) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [201] * 5 + [409]
    assert refusal(answers[5]) == (409, "mandate_exceeded")


def test_at_two_counters_at_once_the_limit_is_one(world, crowd, counter, elder, son, give, fetch):
    give(elder, son, daily_limit=16)
    crowd.sign_in(son, counter.manager)

    answers = crowd.at_once([lambda client: fetch(elder, son, client=client)] * 2)

    assert outcomes(answers) == {"created": 1, "mandate_exceeded": 1}
    assert world.points_of(elder) == 44


@pytest.mark.parametrize("acts", [["read"], ["redeem"]])
def test_what_was_not_allowed_is_not_done(world, api, elder, son, give, acts):
    give(elder, son, acts=acts)
    api.get("/me", as_=son)

    with world.changes() as changed:
        answer = (
            api.post("/me/redeem-codes", as_=son, on_behalf_of=str(elder.id))
            if acts == ["read"]
            else api.get("/me/balances", as_=son, on_behalf_of=str(elder.id))
        )

    assert refusal(answer) == (404, "mandate_unknown")
    assert changed == {}


def test_a_delegate_chooses_nothing_for_her(api, elder, son, give):
    give(elder, son)

    answer = api.put("/me/expiry-choice", as_=son, goes_to="love_pool", on_behalf_of=str(elder.id))

    assert refusal(answer) == (422, "invalid")


def test_without_a_mandate_somebody_is_nobody(world, api, elder):
    api.request_id = "the-same-request"
    stranger = world.person("路人")

    known = api.get("/me/balances", as_=stranger, on_behalf_of=str(elder.id))
    unknown = api.get("/me/balances", as_=stranger, on_behalf_of=NOWHERE)

    assert refusal(known) == (404, "mandate_unknown")
    assert known.data == unknown.data


@pytest.mark.parametrize("who", ["elder", "son", "clerk"])
def test_a_mandate_is_taken_back_at_once(world, api, elder, son, give, fetch, who):
    given = give(elder, son).json["delegate"]["id"]
    code = api.post("/me/redeem-codes", as_=son, on_behalf_of=str(elder.id)).json["code"]
    by = {"elder": elder, "son": son}.get(who) or world.staff("community_clerk")

    assert api.delete(f"/delegates/{given}", as_=by).status_code == 204

    answer = api.get("/me/balances", as_=son, on_behalf_of=str(elder.id))
    assert refusal(answer) == (404, "mandate_unknown")
    assert audited(world, "delegate.revoke")[0][0] == by.id
    assert code


def test_a_code_from_before_the_revocation_fetches_nothing(world, api, counter, elder, son, give):
    given = give(elder, son).json["delegate"]["id"]
    code = api.post("/me/redeem-codes", as_=son, on_behalf_of=str(elder.id)).json["code"]
    api.delete(f"/delegates/{given}", as_=elder)

    assert refusal(counter.redeem(code)) == (409, "mandate_over")
    assert world.points_of(elder) == 60


def test_strangers_take_no_mandate_back(world, api, elder, son, give):
    given = give(elder, son).json["delegate"]["id"]
    api.request_id = "the-same-request"
    world.unit("community", "Wenhua", under="East Street")
    stranger, foreign = world.person(), world.staff("community_clerk", at="Wenhua")

    answers = [
        api.delete(f"/delegates/{given}", as_=stranger),
        api.delete(f"/delegates/{NOWHERE}", as_=stranger),
        api.delete(f"/delegates/{given}", as_=foreign),
    ]

    assert {refusal(answer) for answer in answers} == {(404, "mandate_unknown")}
    assert len({answer.data for answer in answers}) == 1


def test_a_manager_does_not_redeem_what_she_fetches_herself(world, api, counter, elder, give):
    world.household(elder, counter.manager, door="同住")
    given = give(elder, counter.manager)
    assert given.status_code == 201
    phone = counter.manager
    code = api.post("/me/redeem-codes", as_=phone, on_behalf_of=str(elder.id)).json["code"]

    assert refusal(counter.redeem(code)) == (409, "self_redemption")


@pytest.mark.parametrize(
    ("who", "code"),
    [("herself", (403, "delegate_self")), ("a neighbour", (404, "delegate_unknown"))],
)
def test_only_family_and_ones_grid_worker_are_delegates(world, api, elder, give, who, code):
    other = elder if who == "herself" else world.person("邻居")

    with world.changes() as changed:
        answer = give(elder, other)

    assert refusal(answer) == code
    assert changed == {}


def test_nobody_is_a_delegate_twice(world, elder, son, give):
    give(elder, son)

    with world.changes() as changed:
        again = give(elder, son, daily_limit=999)

    assert refusal(again) == (409, "delegate_twice")
    assert changed == {}


def test_a_mandate_that_ran_out_is_given_anew(world, api, hands, elder, son, give):
    until = (world.now().date()).isoformat()
    hands.move(days=-1)
    give(elder, son, to_day=until)
    hands.move(days=1)

    assert refusal(api.get("/me/balances", as_=son, on_behalf_of=str(elder.id)))[0] == 404
    assert give(elder, son).status_code == 201


def test_the_grid_worker_of_her_grid_acts_and_another_does_not(world, elder, give):
    for name in ("Grid 1", "Grid 2"):
        world.unit("grid", name, under="Mingde")
    world.household(elder, under="Grid 1")
    here, there = (world.staff("grid_worker", at=name) for name in ("Grid 1", "Grid 2"))

    assert give(elder, here).json["delegate"]["relation"] == "grid_worker"
    assert refusal(give(elder, there)) == (404, "delegate_unknown")


def mandate_of(elder, son, **more):
    acts = frozenset({Act.READ})
    return Mandate(
        person_id=elder.id,
        delegate_id=son.id,
        acts=acts,
        daily_limit=0,
        consent=Consent.PAPER,
        **more,
    )


def test_at_the_counter_her_consent_is_entered_with_who_witnessed_it(world, elder, son):
    clerk = world.staff("community_clerk")

    with world.work() as session:
        given = delegations.witness(
            session, mandate_of(elder, son), me=principal(world, clerk), now=world.now()
        )

    assert (given.consent, given.witnessed_by) == ("paper", clerk.id)
    assert audited(world, "delegate.give") == [(clerk.id, None, given.id)]


def test_nobody_witnesses_their_own_mandate(world, elder):
    world.unit("grid", "Grid 1", under="Mingde")
    worker = world.staff("grid_worker", at="Mingde")

    with pytest.raises(DomainError) as refused, world.work() as session:
        delegations.witness(
            session, mandate_of(elder, worker), me=principal(world, worker), now=world.now()
        )

    assert refused.value.code == "witness_is_delegate"


def test_on_the_page_she_gives_and_takes_back(world, api, elder, son):
    hers, his = Browser(world, api, elder), Browser(world, api, son)

    given = hers.submit(
        "/household/delegates",
        shown_on="/household",
        delegate_id=str(son.id),
        acts=["read", "redeem"],
        daily_limit="50",
    )

    assert given.status_code == 303
    assert "收回授权" in hers.get("/household").text
    book = his.get("/passbook", **{"for": str(elder.id)})
    assert "您在代 欧阳秀兰 查看存折" in book.text
    code = his.get("/redeem-code", **{"for": str(elder.id)})
    assert "代 <b>欧阳秀兰</b> 领取" in code.text
    offered = his.get("/household").text
    assert all(f"{path}?for={elder.id}" in offered for path in ("/shops", "/orders"))


def test_on_the_page_nothing_ticked_is_said(world, api, elder, son):
    hers = Browser(world, api, elder)

    page = hers.submit(
        "/household/delegates", shown_on="/household", delegate_id=str(son.id), daily_limit="50"
    )

    assert page.status_code == 422
    assert "请至少勾选一项" in page.text
