"""PromQL's text: what is understood, and what is refused with its place."""

from __future__ import annotations

import pytest

from sg_assets.sandbox.promql import Aggregation, Arithmetic, Call, Matcher, Number, ParseError, Selector, parse

UP = Selector((Matcher("__name__", "=", "up"),))


def test_selectors() -> None:
    assert parse("up") == UP
    assert parse('up{a="b", c!~"d|e",}') == Selector((*UP.matchers, Matcher("a", "=", "b"), Matcher("c", "!~", "d|e")))
    assert parse('{__name__=~"x\\"y"}[1h30m]') == Selector((Matcher("__name__", "=~", 'x"y'),), 5400.0)
    assert parse("job:up:sum[250ms]") == Selector((Matcher("__name__", "=", "job:up:sum"),), 0.25)


def test_products_come_before_sums_and_parentheses_before_both() -> None:
    assert parse("up + up * 2") == Arithmetic("+", UP, Arithmetic("*", UP, Number(2)))
    assert parse("(up - up) / 100") == Arithmetic("/", Arithmetic("-", UP, UP), Number(100))


def test_labels_of_an_aggregation_stand_before_or_after() -> None:
    assert parse("sum by (a, b) (up)") == parse("sum(up) by (a, b)") == Aggregation("sum", ("a", "b"), False, UP)  # noqa: FBT003
    assert parse("max without (a) (up)") == Aggregation("max", ("a",), True, UP)  # noqa: FBT003
    assert parse("count(up)") == Aggregation("count", (), False, UP)  # noqa: FBT003


def test_calls_have_arguments() -> None:
    assert parse("histogram_quantile(0.9, rate(up[5m]))") == Call(
        "histogram_quantile", (Number(0.9), Call("rate", (Selector(UP.matchers, 300.0),)))
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "1:1: parse error: no expression found in input"),
        ("up(", "unexpected end of input"),
        ("up up", 'unexpected "up"'),
        ("up ?", "unexpected character: '?'"),
        ("sum by (a) up", 'unexpected "up"'),
        ('up{a="b"', "unexpected end of input"),
        ("up{a=b}", 'unexpected "b"'),
        ("up{a+1}", 'unexpected "1"'),
        ("up[5]", 'unexpected "5"'),
        ("*", 'unexpected "\\*"'),
    ],
)
def test_what_is_none_is_refused(text: str, words: str) -> None:
    with pytest.raises(ParseError, match=words):
        parse(text)


@pytest.mark.parametrize(
    ("mark", "text", "holds"),
    [
        ("=", "x", True),
        ("!=", "x", False),
        ("=~", "x|y", True),
        ("=~", "", False),
        ("!~", "xx", True),
        ("=", "", False),
    ],
)
def test_matchers(mark: str, text: str, *, holds: bool) -> None:
    assert Matcher("a", mark, text).holds({"a": "x"}) is holds


def test_a_label_that_is_not_there_is_empty() -> None:
    assert Matcher("b", "=", "").holds({"a": "x"})
    assert not Matcher("b", "!=", "").holds({"a": "x"})
