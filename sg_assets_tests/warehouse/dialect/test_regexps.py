"""Regular expressions: NULL where nothing matches, the group where there is one, and a group left out refused."""

from __future__ import annotations

import pytest

from sg_assets_tests.warehouse.dialect.both import Both, check_refused, check_value, each

VALUES = {
    r"regexp_extract('foo123bar', r'(\d+)')": "123",
    r"regexp_extract('foo123bar', r'\d+')": "123",
    r"regexp_extract('abc', r'\d+')": None,
    "regexp_extract('abc', 'x?')": "",
    "regexp_extract(cast(null as string), 'a')": None,
    "regexp_extract('xay', '(?:a|b)(y)')": "y",
    r"regexp_extract('a(b', r'\((b)')": "b",
    "regexp_extract('a|b', '[|(](b)')": "b",
    "regexp_extract('key=val', '(?P<name>v.l)')": "val",
    "regexp_extract('ab', 'a(x?)b')": "",
    r"regexp_extract('a\nb', 'a.b')": None,
    r"regexp_extract_all('a1b2', r'([a-z])\d')": ["a", "b"],
    r"regexp_extract_all('zz', r'\d')": [],
    r"regexp_replace('abc123', r'(\d+)', r'<\1>')": "abc<123>",
    "regexp_replace('aaa', 'a', 'b')": "bbb",
    "regexp_contains('abc', '^b')": False,
}
REFUSED = {
    "select regexp_extract(a, r'(x)?b') from x.y": "a group left out of a match",
    "select regexp_extract(a, r'(x)*b') from x.y": "a group left out of a match",
    "select regexp_extract(a, r'(x){0,2}b') from x.y": "a group left out of a match",
    "select regexp_extract(a, r'(x)|b') from x.y": "a group left out of a match",
    "select regexp_extract(a, r'(?:a(x))?b') from x.y": "a group left out of a match",
    "select regexp_extract(a, r'(?:(x)|y)b') from x.y": "a group left out of a match",
    "select regexp_extract(a, b) from x.y": "must be written as a literal",
    "select regexp_extract(a, 'b', 2) from x.y": "cut the text with SUBSTR first",
}


@pytest.mark.parametrize(("expression", "expected"), each(VALUES))
def test_value(both: Both, expression: str, expected: object) -> None:
    check_value(both.duck, expression, expected)


@pytest.mark.parametrize(("expression", "expected"), each(VALUES))
def test_value_is_googles(both: Both, expression: str, expected: object) -> None:
    check_value(both.google, expression, expected)


@pytest.mark.parametrize(("sql", "complaint"), each(REFUSED))
def test_is_refused(sql: str, complaint: str) -> None:
    check_refused(sql, complaint)
