"""A sale that waits for the member's own phone: what it asks, and what comes of the answer."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.errors import DomainError
from app.core.keys import Keyring
from app.identity.roles import Principal
from app.supermarket import queries, services, till_queries
from app.supermarket.errors import Declined, QuestionOver, QuestionUnknown
from app.supermarket.kinds import QuestionState, Way
from app.supermarket.models import Redemption, SaleQuestion
from app.supermarket.orders import Order, Receipt, Wish
from app.supermarket.vouching import Proof

NO_QUESTION = "没有找到要确认的兑换，请看店员屏幕上的说明。"
OVER = "这笔兑换已经回答过，或者等太久了；积分没有再动，需要的话请店员重新扫码。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What has become of a question: the sale, or why there is none."""

    question: SaleQuestion
    redemption: Redemption | None

    def waits(self, now: datetime) -> bool:
        return self.question.state == QuestionState.WAITING.value and now < self.question.ends_at


def answer(
    session: Session,
    question_id: UUID,
    *,
    me: Principal,
    yes: bool,
    keyring: Keyring,
    now: datetime,
) -> Receipt | None:
    """Sell what is asked about, or do not; None where the member said no.

    Whoever answers second, or too late, is told so: the first answer counts. After a yes the
    goods may be gone, or cost something else than was said yes to; that is refused as at the
    counter, and the question is over.
    """
    question = till_queries.question(session, question_id, lock=True)
    if question is None or question.person_id != me.subject_id:
        raise QuestionUnknown(NO_QUESTION)
    if not Fate(question=question, redemption=None).waits(now):
        raise QuestionOver(OVER)
    question.state = (QuestionState.YES if yes else QuestionState.NO).value
    question.decided_at = now
    session.flush()
    order = _order(question, me=me, keyring=keyring, now=now)
    if not yes:
        proof = Proof(way=Way.CODE, person_id=question.person_id, code_id=question.code_id)
        refusal: DomainError = Declined("居民在手机上选了“不兑换”，积分没有动。")
        services.record_refusal(session, order, proof=proof, refusal=refusal)
        return None
    sold = services.resume(session, order, question)
    assert isinstance(sold, Receipt)  # it is not asked about twice
    return sold


def fate(session: Session, question_id: UUID, *, shop_id: UUID) -> Fate:
    """What has become of a question of this shop."""
    question = till_queries.question(session, question_id)
    if question is None or question.shop_id != shop_id:
        raise QuestionUnknown(NO_QUESTION)
    redemption = queries.get_redemption_of(session, code_id=question.code_id)
    return Fate(question=question, redemption=redemption)


def _order(question: SaleQuestion, *, me: Principal, keyring: Keyring, now: datetime) -> Order:
    """What the manager asked for, whose sale it stays."""
    manager = replace(me, person_id=question.manager_id, on_behalf_of=None, grants=())
    wishes = (
        Wish(item_id=UUID(line["item_id"]), quantity=line["quantity"]) for line in question.lines
    )
    return Order(
        me=manager,
        shop_id=question.shop_id,
        shown="",
        wishes=tuple(wishes),
        keyring=keyring,
        now=now,
        total=question.cost,
        asking=False,
    )
