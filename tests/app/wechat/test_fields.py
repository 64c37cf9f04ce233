"""What fits the fields of a subscribe message, and what becomes of the rest."""

import pytest

from app.wechat.fields import FieldUnfit, fit

FITS = {
    "thing1": ["字" * 20, "a", "大米 1 袋，食用油 1 桶"],
    "number2": ["0", "-12", "3.5", "1" * 32],
    "letter3": ["RA", "a" * 32],
    "symbol4": ["!?", "……"],
    "character_string5": ["RA-0042", "a" * 32, "No. 7"],
    "time6": [
        "15:01",
        "2019年10月1日 15:01",
        "9:00~11:30",
        "2019年10月1日 9:00~2019年10月1日 11:30",
    ],
    "date7": ["2019年10月1日", "2019-12-25 09:42", "2019年10月1日~2019年10月7日"],
    "amount8": ["¥12.50", "100元", "1234567890"],
    "phone_number9": ["0086-13800000000", "12345"],
    "car_number10": ["粤H12345", "京A1234领"],
    "name11": ["欧阳秀兰", "a" * 20, "张" * 10],
    "phrase12": ["已完成", "一二三四五"],
    "enum13": ["进行中"],
}
UNFIT = {
    "number2": ["", "一", "1" * 33, "1.", "1e5", "1.5.5"],
    "letter3": ["R2", "a" * 33],
    "symbol4": ["a", "!!!!!!"],
    "character_string5": ["编号1", "a" * 33],
    "time6": ["15点", "25:00", "2019年10月1日"],
    "date7": ["昨天", "15:01"],
    "amount8": ["12345678901", "十元"],
    "phone_number9": ["1" * 18, "电话"],
    "car_number10": ["粤H1234567"],
    "name11": ["a" * 21, "张" * 11, "张a" * 6],
    "phrase12": ["ok", "已领1件", "一二三四五六"],
    "thing1": ["", "  ", "🎉"],
    "colour1": ["红"],
    "thing": ["x"],
    "thing1.DATA": ["x"],
}


@pytest.mark.parametrize(
    ("key", "words"), [(key, one) for key, all_ in FITS.items() for one in all_]
)
def test_what_fits_is_left_as_it_is(key, words):
    assert fit(key, words) == words


@pytest.mark.parametrize(
    ("key", "words"), [(key, one) for key, all_ in UNFIT.items() for one in all_]
)
def test_what_does_not_fit_is_refused_and_not_repeated(key, words):
    with pytest.raises(FieldUnfit) as unfit:
        fit(key, words)

    assert str(unfit.value).startswith(f"{key} ")


@pytest.mark.parametrize(
    ("words", "fitted"),
    [
        ("字" * 21, "字" * 19 + "…"),
        ("  两  行\n文字 ", "两 行 文字"),
        ("谢谢🎉👨‍👩‍👧您", "谢谢您"),
        ("\ufeff开头\u200b的怪字符", "开头的怪字符"),
    ],
)
def test_a_thing_is_cut_and_cleaned(words, fitted):
    assert fit("thing1", words) == fitted
