"""Which ordinary links open the mini-program: the table of WeChat's documentation."""

import pytest

from app.wechat.links import LinkRule


@pytest.mark.parametrize(
    ("rule", "link", "opens"),
    [
        ("http://h/a/b", "https://h/a/b", False),
        ("https://h/a/b", "https://h/a/b", True),
        ("https://h/a/b?id=123", "https://h/a/b?id=132", False),
        ("https://h/a/b?id=123", "https://h/a/b?id=123", True),
        ("https://h/a/b?id=123", "https://h/a/b?id=1234&x=y", True),
        ("https://h/a/b", "https://h/a/bc", False),
        ("https://h/a/b", "https://h/a/b/123", False),
        ("https://h/a/", "https://h/a/123", True),
        ("https://h/a/", "https://h/a", False),
        ("https://h/a/", "https://h/b/123", False),
        ("https://h/a/", "https://h.evil/a/123", False),
        ("https://h/a/", "https://h:8443/a/123", False),
        ("https://h/a/", "https://H/a/123", True),
        ("https://h/a/", "https://[/a/", False),
    ],
)
def test_a_rule_opens_what_it_is_the_prefix_of(rule, link, opens):
    assert LinkRule(rule).opens(link) is opens
