"""One way to write each value: what people write differently is found as the same."""

from datetime import date

import pytest

from app.core.vault import normal
from app.core.vault.normal import NotNormal


@pytest.mark.parametrize(
    "written",
    [
        "13812345678",
        "138 1234 5678",
        "138-1234-5678",
        "+86 138 1234 5678",
        "+8613812345678",
        "8613812345678",
        "0086 13812345678",
        "(+86)138.1234.5678",
        "１３８１２３４５６７８",
    ],
)
def test_a_mobile_number_is_the_same_however_it_is_written(written):
    assert normal.phone(written) == "+8613812345678"


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("0512-65123456", "+8651265123456"),
        ("010 6512 3456", "+861065123456"),
        ("+86 0512 65123456", "+8651265123456"),
        ("+852 2345 6789", "+85223456789"),
        ("0044 20 7946 0958", "+442079460958"),
    ],
)
def test_other_numbers_too(written, same):
    assert normal.phone(written) == same


@pytest.mark.parametrize(
    "text", ["", "1381234567", "138123456789", "12345678901", "+86123", "a13812345678", "+8612"]
)
def test_what_is_no_telephone_number_is_refused(text):
    with pytest.raises(NotNormal):
        normal.phone(text)


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("张三", "张三"),
        ("  张三\u200b ", "张三"),
        ("阿依古丽·买买提", "阿依古丽·买买提"),
        ("Zoe\u0308  Li", "Zo\u00eb Li"),
        ("\u202e张三\n", "张三"),
    ],
)
def test_a_name_is_without_what_cannot_be_seen(written, same):
    assert normal.name(written) == same


@pytest.mark.parametrize("text", ["", " \u200b ", "长" * 41])
def test_a_name_has_something_to_be_seen_and_an_end(text):
    with pytest.raises(NotNormal):
        normal.name(text)


@pytest.mark.parametrize(
    "written", ["11010519491231002X", "11010519491231002x", " 110105 19491231 002x"]
)
def test_an_identity_number_is_in_capitals(written):
    assert normal.id_number(written) == "11010519491231002X"
    assert normal.born_on("11010519491231002X") == date(1949, 12, 31)


def test_the_check_digit_is_the_one_of_the_standard():
    assert normal.check_digit("11010519491231002") == "X"  # the example of GB 11643-1999
    assert normal.check_digit("44052418800101001") == "4"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "110105491231002",  # of fifteen places: there are none any more
        "110105194912310021",  # another check digit
        "11010519490231002X",  # no such day
        "01010519491231002X",
        "1101051949123100２X1",
    ],
)
def test_what_is_no_identity_number_is_refused(text):
    with pytest.raises(NotNormal):
        normal.id_number(text)


def test_every_single_wrong_digit_is_noticed():
    right = "11010519491231002X"
    for place in range(17):
        for digit in "0123456789":
            wrong = right[:place] + digit + right[place + 1 :]
            if wrong != right:
                with pytest.raises(NotNormal):
                    normal.id_number(wrong)
