"""Regular expressions: both engines are RE2, but they tell a group that took no part in a match in different ways."""

from __future__ import annotations

import re

from sqlglot import exp

from sg_assets.warehouse.dialect.nodes import call, text_of
from sg_assets.warehouse.dialect.refusals import DialectError

_NOT_SYNTAX = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]])*\]")  # escaped characters and classes, where ( is itself
_GROUP = re.compile(r"\((?!\?)|\(\?P<")
_OPTIONAL = re.compile(r"\?|\*|\{0")
_WHOLE = -1  # among the places where groups open: the pattern itself


def regexp_extract(args: list[exp.Expr]) -> exp.Expr:
    """REGEXP_EXTRACT: the group where there is one, else the match; NULL where nothing matches.

    Raises:
        DialectError: the pattern is no literal, or its group may be left out of a match.
    """
    if args[2:]:
        msg = "REGEXP_EXTRACT with a position is not carried over: cut the text with SUBSTR first"
        raise DialectError(msg)
    pattern = _NOT_SYNTAX.sub("", text_of(args[1], "the pattern of REGEXP_EXTRACT"))
    group = _GROUP.search(pattern)
    if group and _may_be_left_out(pattern, group.start()):
        msg = "REGEXP_EXTRACT: a group left out of a match is NULL in BigQuery, '' in DuckDB: write (x?) for (x)?"
        raise DialectError(msg)
    return call("regexp_extract", *args, 1 if group else 0)


def _may_be_left_out(pattern: str, group: int) -> bool:
    """Whether a match need not pass through the group that opens there.

    It need not where the group, or one around it, is optional or one of several ways.
    """
    around = {_WHOLE, *_opened_before(pattern, group)}
    opened = [_WHOLE]
    for place, sign in enumerate(pattern):
        if sign == "(":
            opened.append(place)
        elif sign == ")":
            if opened.pop() in around | {group} and _OPTIONAL.match(pattern, place + 1):
                return True
        elif sign == "|" and opened[-1] in around:
            return True
    return False


def _opened_before(pattern: str, place: int) -> list[int]:
    """The groups that are open at a place."""
    opened: list[int] = []
    for at, sign in enumerate(pattern[:place]):
        if sign == "(":
            opened.append(at)
        elif sign == ")":
            opened.pop()
    return opened
