"""Making words fit the fields of a subscribe message: each type has its own rule and length.

Only `thing` is free text, and is cut. Of everything else a part would say something else: half a
number is another number. What does not fit there is refused.
"""

import re
import unicodedata

LONGEST_THING = 20
MORE = "…"

_CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_CLOCK = r"(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?"
# Year, month, day and yuan by their numbers: between the marks of a pattern they confuse readers.
_DAY = r"\d{4}(?:\u5e74\d{1,2}\u6708\d{1,2}\u65e5|-\d{1,2}-\d{1,2})"
_DATE = rf"{_DAY}(?: {_CLOCK})?"
_TIME = rf"(?:{_DAY} )?{_CLOCK}"
_SYMBOL = r"[!-/:-@\[-`{-~，。！？、；：“”‘’（）《》【】…·￥]"

_RULES = {
    "number": re.compile(r"-?(?=(?:\D*\d){1,32}\D*$)\d+(?:\.\d+)?"),
    "letter": re.compile(r"[A-Za-z]{1,32}"),
    "symbol": re.compile(rf"{_SYMBOL}{{1,5}}"),
    "character_string": re.compile(r"[ -~]{1,32}"),
    "time": re.compile(rf"{_TIME}(?:~{_TIME})?"),
    "date": re.compile(rf"{_DATE}(?:~{_DATE})?"),
    "amount": re.compile(r"[¥￥$€£]?\d{1,10}(?:\.\d{1,2})?\u5143?"),
    "phone_number": re.compile(r"[0-9+\-() ]{1,17}"),
    "car_number": re.compile(rf"[A-Z0-9{_CJK}]?[A-Z0-9]{{1,6}}[A-Z0-9{_CJK}]?"),
    "name": re.compile(rf"[^{_CJK}]{{1,20}}|[\s\S]{{1,10}}"),
    "phrase": re.compile(rf"[{_CJK}]{{1,5}}"),
    "enum": re.compile(r"[\s\S]{1,20}"),
}
_KEY = re.compile(r"(thing|" + "|".join(_RULES) + r")[0-9]{1,3}")


class FieldUnfit(ValueError):
    """The words do not fit the field; the message names the field and not the words."""


def kind_of(key: str) -> str:
    """The type in a field's name: `thing1` is a `thing`."""
    found = _KEY.fullmatch(key)
    if found is None:
        raise FieldUnfit(f"{key} is no field of a subscribe message")
    return found.group(1)


def fit(key: str, text: str) -> str:
    """The words as the field `key` takes them; `FieldUnfit` where it does not."""
    kind, words = kind_of(key), _plain(text)
    if kind == "thing":
        words = _cut(words)
    elif not _RULES[kind].fullmatch(words):
        raise FieldUnfit(f"{key} does not take these words")
    if not words:
        raise FieldUnfit(f"{key} has no words")
    return words


def _cut(words: str) -> str:
    return words if len(words) <= LONGEST_THING else words[: LONGEST_THING - 1] + MORE


def _plain(text: str) -> str:
    """On one line, without emoji and marks nobody sees: how WeChat counts those is not known."""
    seen = "".join(one for one in " ".join(text.split()) if not _is_odd(one))
    return " ".join(seen.split())


def _is_odd(character: str) -> bool:
    odd = unicodedata.category(character) in {"Cc", "Cf", "Cn", "Co", "Cs", "Mn", "So"}
    return odd or (ord(character) >= 0x1F000 and unicodedata.category(character) != "Lo")
