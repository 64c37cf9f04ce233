"""What is asked of the counter, and what comes of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.core.keys import Keyring
from app.identity.cards import PinKeys
from app.identity.passwords import Passwords
from app.identity.roles import Principal
from app.supermarket import labels
from app.supermarket.errors import NO_QUANTITY, PriceChanged, QuantityWrong, ReasonMissing
from app.supermarket.kinds import Way
from app.supermarket.models import Redemption, RedemptionLine

MOST_OF_ONE = 99


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """So many of one item."""

    item_id: UUID
    quantity: int

    def __post_init__(self) -> None:
        if not 1 <= self.quantity <= MOST_OF_ONE:
            raise QuantityWrong(NO_QUANTITY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A member's printed card, and what stands in for their phone.

    The PIN is theirs or, with `fetcher`, that of the card of whom they let fetch. Without one
    they sign the receipt. `reason` says why there is no phone, where that is asked.
    """

    number: str
    pin: str = ""
    fetcher: str = ""
    reason: str = ""

    def check(self) -> None:
        """Refuse what stands in for a phone without saying why."""
        if self.way is not Way.CARD_PIN and not self.reason:
            say = "请本人输入取物密码；签字或代领的，请写明原因，例如“行动不便”。"
            raise ReasonMissing(say, errors={"reason": ["必填"]})

    @property
    def way(self) -> Way:
        if self.fetcher:
            return Way.ERRAND
        return Way.CARD_PIN if self.pin else Way.PAPER


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a manager asks the counter to do: whose code or card, which goods.

    `total` is what the manager was shown that it costs, or what the member's phone said yes to.
    `asking`: whether their phone is asked about a large sale; not again where it has answered.
    """

    me: Principal
    shop_id: UUID
    shown: str
    wishes: tuple[Wish, ...]
    keyring: Keyring
    now: datetime
    card: Card | None = None
    total: int | None = None
    passwords: Passwords | None = None  # what PINs are digested with, where there may be one
    asking: bool = True

    @property
    def pin_keys(self) -> PinKeys:
        assert self.passwords is not None  # an edge that takes cards brings it
        return PinKeys(passwords=self.passwords, keyring=self.keyring)

    @property
    def text(self) -> str:
        """What was shown, without the spaces in which digits are grouped."""
        return "".join(self.shown.split())

    def check_total(self, cost: int) -> None:
        """What the manager and the member saw is what it costs, or they look again."""
        if self.total is None or cost == self.total:
            return
        if not self.asking:
            raise PriceChanged(
                f"价格有变动，现在共 {cost} 分（您确认的是 {self.total} 分），这笔没有办，"
                "积分没有动。需要的话请店员重新扫码。"
            )
        raise PriceChanged(
            f"价格有变动，现在共 {cost} 分（刚才显示 {self.total} 分）。"
            "请和居民说清楚后再按一次“确认兑换”；兑换码没有用掉。"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OnPaper:
    """A service voucher as a receipt carries it. Whoever holds its code has the voucher."""

    name: str
    code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A completed redemption, as printed; with the vouchers that go onto its paper."""

    redemption: Redemption
    lines: Sequence[RedemptionLine]
    member_name: str
    vouchers: Sequence[OnPaper] = ()

    @property
    def number(self) -> str:
        return labels.number(self.redemption.id)
