"""One way to write each value, so that what is the same is found as the same."""

import re
import unicodedata
from datetime import date

MOBILE = re.compile(r"1[3-9][0-9]{9}")
LANDLINE = re.compile(r"0[0-9]{2,3}[2-9][0-9]{6,7}")
ABROAD = re.compile(r"\+(?!86)[1-9][0-9]{6,14}")
BETWEEN_DIGITS = re.compile(r"[\s()（）\-‐-―.·]")
ID_NUMBER = re.compile(r"[1-9][0-9]{16}[0-9X]")
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"
LONGEST_NAME = 40


class NotNormal(ValueError):
    """The value cannot be one of its kind."""


def half_width(text: str) -> str:
    """Full-width digits and letters as everybody else writes them."""
    return unicodedata.normalize("NFKC", text).strip()


def name(text: str) -> str:
    """A person's name in NFC, without what cannot be seen, and with single spaces."""
    seen = "".join(
        " " if mark.isspace() else mark
        for mark in unicodedata.normalize("NFC", text)
        if mark.isspace() or not unicodedata.category(mark).startswith("C")
    )
    normal = " ".join(seen.split())
    if not 1 <= len(normal) <= LONGEST_NAME:
        raise NotNormal
    return normal


def phone(text: str) -> str:
    """A telephone number as E.164 has it: +8613812345678."""
    digits = BETWEEN_DIGITS.sub("", unicodedata.normalize("NFKC", text))
    digits = re.sub(r"^00", "+", digits)
    own = re.sub(r"^(\+?86)(?=1[3-9][0-9]{9}$|0)", "", digits)
    if MOBILE.fullmatch(own):
        return f"+86{own}"
    if LANDLINE.fullmatch(own):
        return f"+86{own[1:]}"
    if ABROAD.fullmatch(digits):
        return digits
    raise NotNormal


def id_number(text: str) -> str:
    """A resident identity number: 18 places, a day that was, and the check digit that follows."""
    number = unicodedata.normalize("NFKC", text).replace(" ", "").upper()
    if not ID_NUMBER.fullmatch(number):
        raise NotNormal
    born_on(number)
    if number[17] != check_digit(number[:17]):
        raise NotNormal
    return number


def check_digit(seventeen: str) -> str:
    """The last place of an identity number, from those before it (ISO 7064, MOD 11-2)."""
    total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, seventeen, strict=True))
    return CHECK_DIGITS[total % 11]


def born_on(number: str) -> date:
    """The day of birth that an identity number has in its middle."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError as error:
        raise NotNormal from error


def last_four(normal: str) -> str:
    """By what people name a number they do not want to say whole."""
    return normal[-4:]
