"""Reading the functions of dates and times: their parts, intervals and templates are decided here, not by DuckDB.

BigQuery: https://cloud.google.com/bigquery/docs/reference/standard-sql/timestamp_functions and its neighbours.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlglot import exp

from sg_assets.warehouse.dialect import formats
from sg_assets.warehouse.dialect.nodes import call, duck, exact_cast, text_of
from sg_assets.warehouse.dialect.refusals import DialectError

Build = Callable[[list[exp.Expr]], exp.Expr]

TYPES = ("date", "datetime", "timestamp")
_DAYS_OF_WEEK = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
_MICROSECONDS = {
    "MICROSECOND": 1,
    "MILLISECOND": 1000,
    "SECOND": 10**6,
    "MINUTE": 60 * 10**6,
    "HOUR": 3600 * 10**6,
    "DAY": 86400 * 10**6,
}
_DATE_PARTS = ("DAY", "MONTH", "QUARTER", "YEAR")
_TO_ADD = {
    "date": (*_DATE_PARTS, "WEEK"),
    "datetime": (*_DATE_PARTS, "WEEK", *_MICROSECONDS),
    "timestamp": tuple(_MICROSECONDS),
}


def week_of(part: str) -> int | None:
    """The ISO weekday (7 is Sunday) with which the weeks of a date part begin; None where the part is no week."""
    if part in ("WEEK", "ISOWEEK"):
        return 7 if part == "WEEK" else 1
    match = re.fullmatch(r"WEEK\((\w+)\)", part)
    return _DAYS_OF_WEEK.index(match[1]) + 1 if match and match[1] in _DAYS_OF_WEEK else None


def typed(node: exp.Expr, type_: str) -> exp.Expr:
    """A literal text that BigQuery would take for a date or a time, as one."""
    return call(f"to_{type_}", node) if isinstance(node, exp.Literal) and node.is_string else node


def truncating(type_: str) -> Build:
    """DATE_TRUNC, DATETIME_TRUNC, TIMESTAMP_TRUNC (with a zone, its midnights)."""

    def build(args: list[exp.Expr]) -> exp.Expr:
        value, part, zone = typed(args[0], type_), _part(args[1]), args[2] if args[2:] else None
        if zone is not None and part in _MICROSECONDS and part != "DAY":
            return call("trunc_within", value, part.lower(), zone)
        if zone is not None:
            value = exp.AtTimeZone(this=value, zone=zone)
        weekday = week_of(part)
        if weekday is not None:
            truncated = call("trunc_week", value, weekday)
        elif part in (*_DATE_PARTS, "ISOYEAR", *_MICROSECONDS):
            truncated = call("trunc_to", value, part.lower())
        else:
            raise _no_part(part, f"{type_.upper()}_TRUNC")
        return truncated if zone is None else exp.AtTimeZone(this=truncated, zone=zone.copy())

    return build


def difference(type_: str) -> Build:
    """DATE_DIFF and DATETIME_DIFF, which count boundaries, and TIMESTAMP_DIFF, which counts whole units."""

    def build(args: list[exp.Expr]) -> exp.Expr:
        a, b, part = typed(args[0], type_), typed(args[1], type_), _part(args[2])
        weekday = week_of(part)
        if type_ == "timestamp" and part in _MICROSECONDS:
            return call("elapsed", a, b, _MICROSECONDS[part])
        if type_ != "timestamp" and weekday is not None:
            return call("days_of_weeks", a, b, weekday)
        counted = {"date": (*_DATE_PARTS, "ISOYEAR"), "datetime": (*_DATE_PARTS, "ISOYEAR", *_MICROSECONDS)}
        if part in counted.get(type_, ()):
            return call(f"{type_}_diff", a, b, part.lower())
        raise _no_part(part, f"{type_.upper()}_DIFF")

    return build


def shifting(type_: str, node: type[exp.Add | exp.Sub]) -> Build:
    """DATE_ADD, DATE_SUB and their like; a date stays a date, which DuckDB would turn into a timestamp."""

    def build(args: list[exp.Expr]) -> exp.Expr:
        value, interval = typed(args[0], type_), args[1]
        if not isinstance(interval, exp.Interval) or interval.unit is None:
            msg = f"{type_.upper()}_ADD and _SUB take INTERVAL <number> <part>, not {interval.sql('bigquery')}"
            raise DialectError(msg)
        if interval.unit.name.upper() not in _TO_ADD[type_]:
            raise _no_part(interval.unit.name.upper(), f"{type_.upper()}_ADD and _SUB")
        shifted = node(this=value, expression=interval)
        return duck("cast_to_type", shifted, value.copy()) if type_ == "date" else shifted

    return build


def last_day(args: list[exp.Expr]) -> exp.Expr:
    """LAST_DAY of a month, quarter, year or week."""
    value, part = typed(args[0], "date"), _part(args[1]) if args[1:] else "MONTH"
    weekday = week_of(part)
    if weekday is not None:
        return exp.Add(this=call("week_start", value, weekday), expression=exp.Literal.number(6))
    if part not in ("MONTH", "QUARTER", "YEAR"):
        raise _no_part(part, "LAST_DAY")
    later = exp.Add(this=value, expression=exp.Interval(this=exp.Literal.string("1"), unit=exp.var(part)))
    first_of_next = exact_cast(duck("date_trunc", part.lower(), later), "date")
    return exp.Sub(this=first_of_next, expression=exp.Literal.number(1))


def formatting(type_: str) -> Build:
    """FORMAT_DATE, FORMAT_DATETIME, FORMAT_TIMESTAMP (in UTC, or a zone)."""

    def build(args: list[exp.Expr]) -> exp.Expr:
        template = text_of(args[0], f"the template of FORMAT_{type_.upper()}")
        value = typed(args[1], type_)
        if type_ == "timestamp":
            value = exp.AtTimeZone(this=value, zone=args[2] if args[2:] else exp.Literal.string("UTC"))
        return duck("strftime", value, formats.strftime(template, type_, has_zone=bool(args[2:])))

    return build


def parsing(type_: str) -> Build:
    """PARSE_DATE, PARSE_DATETIME, PARSE_TIMESTAMP; a part that the template does not name is that of 1970-01-01."""

    def build(args: list[exp.Expr]) -> exp.Expr:
        templates = formats.strptime(text_of(args[0], f"the template of PARSE_{type_.upper()}"), type_)
        value = args[1]
        if not formats.names_the_year(templates[0]):  # DuckDB's year would be 1900
            value = exp.DPipe(this=exp.Literal.string("1970 "), expression=value)
            templates = [f"%Y {template}" for template in templates]
        parsed = duck("strptime", value, exp.Array(expressions=[exp.Literal.string(text) for text in templates]))
        if type_ == "date":
            return exact_cast(parsed, "date")
        if type_ == "datetime" or "%z" in templates[0]:
            return parsed
        return exp.AtTimeZone(this=parsed, zone=args[2] if args[2:] else exp.Literal.string("UTC"))

    return build


def _part(node: exp.Expr) -> str:
    return node.sql("bigquery").upper().strip("'")


def _no_part(part: str, function: str) -> DialectError:
    return DialectError(f"{function} with {part} is not carried over to DuckDB")
