"""What a terminal sends of a sale it made without a network."""

from datetime import datetime
from uuid import UUID

from flask import request

from app.core.forms import FieldWrong, id_in, whole_in
from app.supermarket.bringing import Brought
from app.supermarket.forms import ITEM_ID, QUANTITY_FIELD, wishes_in
from app.supermarket.slice_texts import Signed
from app.supermarket.strays import Told

LONGEST_SLICE, LONGEST_MAC, LONGEST_WORD, LONGEST_NUMBER = 60_000, 64, 40, 6
MOST_PLACES, MOST_POINTS, MOST_LINES = 100_000, 1_000_000, 150
WORDS = ("sold_at", "total", "name", "share")
CLOCK_YEARS = range(2000, 2101)  # of a device, however wrong


def brought() -> Brought:
    """The sale that is in the form, with the slice it was made from."""
    return Brought(
        signed=_signed(),
        nonce=needed_id("nonce"),
        share_id=needed_id("share"),
        place=max(1, whole_in("place", most=MOST_PLACES)),
        sold_at=_instant("sold_at"),
        wishes=wishes_in(request.form),
        total=max(1, whole_in("total", most=MOST_POINTS)),
    )


def told() -> Told:
    """The same in the terminal's own words, so that what is wrong with them keeps nothing back."""
    pieces = {
        UUID(field.removeprefix(QUANTITY_FIELD)): value[:LONGEST_NUMBER]
        for field, value in request.form.items()
        if field.startswith(QUANTITY_FIELD)
        and ITEM_ID.fullmatch(field.removeprefix(QUANTITY_FIELD))
    }
    return Told(
        signed=_signed(),
        nonce=needed_id("nonce"),
        said={word: request.form.get(word, "")[:LONGEST_WORD] for word in WORDS},
        pieces=dict(list(pieces.items())[:MOST_LINES]),
    )


def needed_id(name: str) -> UUID:
    found = id_in(name)
    if found is None:
        raise FieldWrong("提交的内容不完整，请刷新页面后再试。", errors={name: ["必填"]})
    return found


def instant_of(text: str) -> datetime | None:
    """An instant as a terminal writes it; None where that is none, or no clock can have said it."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant if instant.tzinfo and instant.year in CLOCK_YEARS else None


def _signed() -> Signed:
    """The slice, as the terminal still has it."""
    return Signed(
        request.form.get("slice", "")[:LONGEST_SLICE], request.form.get("mac", "")[:LONGEST_MAC]
    )


def _instant(name: str) -> datetime:
    """When the terminal's clock said that it was."""
    instant = instant_of(request.form.get(name, ""))
    if instant is None:
        raise FieldWrong("设备上的时间不对，请校准设备时间。", errors={name: ["无效"]})
    return instant
