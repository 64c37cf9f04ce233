"""What those who run a shop take in: what was bought, by whose money, and what was given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.core import masking
from app.core.clock import civil_day
from app.core.db import tenant_of
from app.core.ids import new_id
from app.core.vault import Vault
from app.identity import queries as identity
from app.identity.roles import Permission, Principal
from app.organisation import queries as organisation
from app.supermarket import queries, receiving, shops
from app.supermarket.errors import DeliveryInvalid, DonorUnknown
from app.supermarket.kinds import DeliveryKind, DonorKind, FundSource
from app.supermarket.models import Delivery
from app.supermarket.receiving import Arrived, Bought, Given, Intake
from app.supermarket.shops import Deed, Hand


@dataclass(frozen=True, slots=True, kw_only=True)
class Donor:
    """Who gave; `named` where they want to be thanked by name. A person may be one of ours."""

    kind: DonorKind
    name: str
    named: bool = False
    person_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """What came to a shop, on which civil day; a reference that comes twice is one delivery."""

    shop_id: UUID
    reference: str
    day: date
    lines: Sequence[Arrived]


def receive_stock(
    session: Session, came: Came, *, bought: Bought, me: Principal, now: datetime
) -> Delivery:
    """Take in what was bought. The same reference again is the delivery it was."""
    intake = Intake(
        shop_id=came.shop_id,
        kind=DeliveryKind.PURCHASE,
        reference=came.reference,
        day=came.day,
        at=now,
        lines=came.lines,
        entered_by=me.person_id,
        bought=bought,
    )
    return _take_in(session, intake, action="stock.purchase", me=me)


def record_donation(
    session: Session, vault: Vault, came: Came, *, donor: Donor, me: Principal, now: datetime
) -> Delivery:
    """Take in what somebody gave; its number is that of the receipt. A person's name is sealed."""
    _check_donor(session, donor, me=me)
    id_ = new_id()
    person = donor.kind is DonorKind.PERSON
    given = Given(
        kind=donor.kind,
        name=masking.name(donor.name) if person else donor.name,
        sealed=vault.seal(donor.name, receiving.place_in(tenant_of(session), id_))
        if person
        else None,
        person_id=donor.person_id,
        named=donor.named,
    )
    intake = Intake(
        id=id_,
        shop_id=came.shop_id,
        kind=DeliveryKind.DONATION,
        reference=came.reference,
        day=came.day,
        at=now,
        lines=came.lines,
        entered_by=me.person_id,
        given=given,
    )
    return _take_in(session, intake, action="stock.donation", me=me)


def donor_name(vault: Vault, delivery: Delivery) -> str:
    """Who gave, in full, for a receipt."""
    if delivery.donor_sealed is None:
        return delivery.donor_name or ""
    return vault.unseal(delivery.donor_sealed, receiving.place_of_donor(delivery))


def bought_by(source: str, voucher: str) -> Bought:
    """Whose money it was; refused where it is nobody's."""
    if source not in [*FundSource]:
        say = "请选择资金来源：市级财政、党费或社会资金。"
        raise DeliveryInvalid(say, errors={"source": [say]})
    return Bought(source=FundSource(source), voucher=voucher)


def _take_in(session: Session, intake: Intake, *, action: str, me: Principal) -> Delivery:
    hand = Hand(me=me, to=Permission.STOCK_MANAGE, now=intake.at)
    shop = shops.managed(session, hand, intake.shop_id)
    if intake.day > civil_day(intake.at, me.zone):
        say = "到货日期不能在今天以后，请核对。"
        raise DeliveryInvalid(say, errors={"day": [say]})
    delivery = receiving.receive(session, intake)
    if delivery is None:
        return queries.get_delivery_of(session, shop.id, reference=intake.reference)
    deed = Deed(action=action, subject=("delivery", delivery.id))
    shops.note(session, deed, shop=shop, hand=hand)
    return delivery


def _check_donor(session: Session, donor: Donor, *, me: Principal) -> None:
    """One of ours is somebody within reach; whoever is not is nobody."""
    if donor.person_id is None:
        return
    person = identity.get_person(session, donor.person_id)
    path = organisation.path_of(session, person.community_id) if person else ()
    if donor.kind is not DonorKind.PERSON or not me.may(Permission.STOCK_MANAGE, path):
        raise DonorUnknown("没有找到这位居民，请核对，或只写姓名。")
