"""Reading BigQuery SQL so that each function keeps BigQuery's meaning.

sqlglot reads a function into a node of its own idea of it, which DuckDB's writer then turns into a namesake. Here the
functions that DuckDB does not have, or has with another meaning, are read straight into calls of our macros (`bq_…`,
see `dialect_functions.sql`). What needs more than that is mended in the tree, in `dialect_mends.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NoReturn

from sqlglot import exp
from sqlglot.dialects.bigquery import BigQuery

from sg_assets.warehouse import dialect_formats
from sg_assets.warehouse.dialect_error import DialectError

Build = Callable[[list[exp.Expr]], exp.Expr]

# These take their arguments as they are. CEILING and the like are other names of the same.
_SAME_ARGUMENTS = {
    name: name.lower()
    for name in (
        "ARRAY_FIRST ARRAY_LAST ARRAY_LENGTH ARRAY_REVERSE ARRAY_TO_STRING BOOL BYTE_LENGTH DATE_FROM_UNIX_DATE DIV"
        " EXP FARM_FINGERPRINT FLOAT64 FROM_BASE64 FROM_HEX GENERATE_ARRAY IEEE_DIVIDE INSTR INT64 JSON_TYPE LEFT"
        " LENGTH LN LOG LOG10 LOWER LPAD LTRIM MD5 PARSE_JSON POW RANGE_BUCKET REPEAT REVERSE RIGHT ROUND RPAD RTRIM"
        " SAFE_ADD SAFE_DIVIDE SAFE_MULTIPLY SAFE_NEGATE SAFE_SUBTRACT SHA1 SHA256 SIGN SPLIT SQRT STRING SUBSTR"
        " TIMESTAMP_MICROS TIMESTAMP_MILLIS TIMESTAMP_SECONDS TO_BASE64 TO_HEX TO_JSON_STRING TRIM TRUNC UNIX_MICROS"
        " UNIX_MILLIS UNIX_SECONDS UPPER"
    ).split()
} | {
    "CHARACTER_LENGTH": "length",
    "CHAR_LENGTH": "length",
    "OCTET_LENGTH": "byte_length",
    "POWER": "pow",
    "SUBSTRING": "substr",
}
_WEEKDAYS = {
    day: number for number, day in enumerate("MONDAY TUESDAY WEDNESDAY THURSDAY FRIDAY SATURDAY SUNDAY".split(), 1)
}
_MICROSECONDS = {
    "MICROSECOND": 1,
    "MILLISECOND": 1000,
    "SECOND": 10**6,
    "MINUTE": 60 * 10**6,
    "HOUR": 3600 * 10**6,
    "DAY": 86400 * 10**6,
}
_DATE_PARTS = ("DAY", "MONTH", "QUARTER", "YEAR", "ISOYEAR")
_JSON_PATH = re.compile(r'\$(?:\.[A-Za-z0-9_]+|\."[^"*?\[\]]+"|\[\d+\])*')


def call(name: str, *arguments: exp.Expr | str | int) -> exp.Anonymous:
    """A call of the macro `bq_<name>`; texts and numbers become literals."""
    return exp.Anonymous(this=f"bq_{name}", expressions=[exp.convert(argument) for argument in arguments])


def exact_cast(node: exp.Expr, type_: str) -> exp.Expr:
    """A cast of ours, between types where DuckDB does as BigQuery does; casts that were written are mended."""
    cast = exp.cast(node, type_)
    cast.meta["is_exact"] = True
    return cast


def text_of(node: exp.Expr, what: str) -> str:
    """The text of a literal, which `what` must be because it decides how the query is carried over.

    Raises:
        DialectError: it is no literal.
    """
    if not (isinstance(node, exp.Literal) and node.is_string) and not isinstance(node, exp.RawString):
        _refuse(f"{what} must be written as a literal, it is {node.sql('bigquery')}")
    return node.name


def week_of(part: str) -> int | None:
    """The ISO weekday (7 is Sunday) with which the weeks of a date part begin; None where the part is no week."""
    if part in ("WEEK", "ISOWEEK"):
        return 7 if part == "WEEK" else 1
    match = re.fullmatch(r"WEEK\((\w+)\)", part)
    return _WEEKDAYS.get(match[1]) if match else None


def _refuse(message: str) -> NoReturn:
    raise DialectError(message)


def _part(node: exp.Expr) -> str:
    return node.sql("bigquery").upper().strip("'")


def _of_type(node: exp.Expr, type_: str) -> exp.Expr:
    """A text that BigQuery would take for a date or a time, as one."""
    return call(f"to_{type_}", node) if isinstance(node, exp.Literal) and node.is_string else node


def _same_arguments(macro: str) -> Build:
    return lambda args: call(macro, *args)


def _truncate(type_: str) -> Build:
    def build(args: list[exp.Expr]) -> exp.Expr:
        value, part = _of_type(args[0], type_), _part(args[1])
        zone = args[2] if len(args) > 2 else None  # noqa: PLR2004 (value, part, zone)
        if zone is not None:
            value = exp.AtTimeZone(this=value, zone=zone)
        weekday = week_of(part)
        if weekday is not None:
            truncated = call("trunc_week", value, weekday)
        elif part in _DATE_PARTS or part in _MICROSECONDS:
            truncated = call("trunc_to", value, part.lower())
        else:
            _refuse(f"{part} is no part to truncate to")
        return exp.AtTimeZone(this=truncated, zone=zone.copy()) if zone is not None else truncated

    return build


def _difference(type_: str) -> Build:
    def build(args: list[exp.Expr]) -> exp.Expr:
        a, b, part = _of_type(args[0], type_), _of_type(args[1], type_), _part(args[2])
        weekday = week_of(part)
        if type_ == "timestamp":
            if part not in _MICROSECONDS:
                _refuse(f"TIMESTAMP_DIFF has no {part}: take DATE_DIFF of the dates")
            return call("elapsed", a, b, _MICROSECONDS[part])
        if weekday is not None:
            return call("days_of_weeks", a, b, weekday)
        if part not in _DATE_PARTS and (type_ == "date" or part not in _MICROSECONDS):
            _refuse(f"{part} is no part to count in {type_.upper()}_DIFF")
        return call(f"{type_}_diff", a, b, part.lower())

    return build


def _shift(type_: str, node: type[exp.Add | exp.Sub]) -> Build:
    def build(args: list[exp.Expr]) -> exp.Expr:
        value, interval = _of_type(args[0], type_), args[1]
        if not isinstance(interval, exp.Interval) or interval.unit is None:
            _refuse(f"{type_.upper()}_ADD and _SUB take INTERVAL <number> <part>, not {interval.sql('bigquery')}")
        part = interval.unit.name.upper()
        allowed = {"date": (*_DATE_PARTS[:-1], "WEEK"), "timestamp": tuple(_MICROSECONDS)}.get(
            type_, (*_DATE_PARTS[:-1], "WEEK", *_MICROSECONDS)
        )
        if part not in allowed:
            _refuse(f"{type_.upper()}_ADD and _SUB have no {part}; they have {', '.join(allowed)}")
        shifted = node(this=value, expression=interval)
        return exp.Anonymous(this="cast_to_type", expressions=[shifted, value.copy()]) if type_ == "date" else shifted

    return build


def _last_day(args: list[exp.Expr]) -> exp.Expr:
    value, part = _of_type(args[0], "date"), _part(args[1]) if len(args) > 1 else "MONTH"
    weekday = week_of(part)
    if weekday is not None:
        return exp.Add(this=call("week_start", value, weekday), expression=exp.Literal.number(6))
    if part not in ("MONTH", "QUARTER", "YEAR"):
        _refuse(f"LAST_DAY of {part} is not carried over")
    next_ = exp.Add(this=value, expression=exp.Interval(this=exp.Literal.string("1"), unit=exp.var(part)))
    first_of_next = exp.Anonymous(this="date_trunc", expressions=[exp.Literal.string(part.lower()), next_])
    return exp.Sub(this=exact_cast(first_of_next, "date"), expression=exp.Literal.number(1))


def _json(macro: str) -> Build:
    def build(args: list[exp.Expr]) -> exp.Expr:
        path = text_of(args[1], "a JSON path") if len(args) > 1 else "$"
        if not _JSON_PATH.fullmatch(path):
            _refuse(f'JSON path {path!r} is not carried over: write $.key, $."a key" and [0] only')
        quoted = re.sub(r"\.([A-Za-z0-9_]+)(?=[.\[]|$)", r'."\1"', path)
        value = exact_cast(args[0], "text") if isinstance(args[0], exp.Literal) else args[0]
        return call(macro, value, quoted)

    return build


def _regexp_extract(args: list[exp.Expr]) -> exp.Expr:
    if len(args) > 2:  # noqa: PLR2004 (text, pattern)
        _refuse("REGEXP_EXTRACT with a position is not carried over: cut the text with SUBSTR first")
    pattern = text_of(args[1], "the pattern of REGEXP_EXTRACT")
    groups = len(re.findall(r"\((?!\?)|\(\?P<", re.sub(r"\\.|\[\^?\]?(?:\\.|[^\]])*\]", "", pattern)))
    return call("regexp_extract", args[0], args[1], min(groups, 1))


def _array_concat(args: list[exp.Expr]) -> exp.Expr:
    joined = args[0]
    for argument in args[1:]:
        joined = call("array_concat_2", joined, argument)
    return joined


def _format(args: list[exp.Expr]) -> exp.Expr:
    template = text_of(args[0], "the template of FORMAT")
    return exp.Anonymous(this="printf", expressions=[exp.Literal.string(dialect_formats.printf(template)), *args[1:]])


def _format_time(type_: str) -> Build:
    def build(args: list[exp.Expr]) -> exp.Expr:
        template = dialect_formats.strftime(
            text_of(args[0], "the template of FORMAT_DATE and the like"), type_, len(args)
        )
        value = _of_type(args[1], type_)
        if type_ == "timestamp":
            value = exp.AtTimeZone(this=value, zone=args[2] if len(args) > 2 else exp.Literal.string("UTC"))  # noqa: PLR2004
        return exp.Anonymous(this="strftime", expressions=[value, exp.Literal.string(template)])

    return build


def _parse_time(type_: str) -> Build:
    def build(args: list[exp.Expr]) -> exp.Expr:
        templates = dialect_formats.strptime(text_of(args[0], "the template of PARSE_DATE and the like"), type_)
        value, literals = args[1], [exp.Literal.string(template) for template in templates]
        if not dialect_formats.names_the_year(templates[0]):
            value = exp.DPipe(this=exp.Literal.string("1970 "), expression=value)
            literals = [exp.Literal.string(f"%Y {template}") for template in templates]
        parsed: exp.Expr = exp.Anonymous(this="strptime", expressions=[value, exp.Array(expressions=literals)])
        if type_ == "timestamp":
            zone = args[2] if len(args) > 2 else exp.Literal.string("UTC")  # noqa: PLR2004
            return parsed if "%z" in templates[0] else exp.AtTimeZone(this=parsed, zone=zone)
        return exact_cast(parsed, "date") if type_ == "date" else parsed

    return build


def _first_literal_of(type_: str, macro: str) -> Build:
    return lambda args: call(macro, _of_type(args[0], type_), *args[1:])


_BUILD: dict[str, Build] = {
    **{name: _same_arguments(macro) for name, macro in _SAME_ARGUMENTS.items()},
    **{
        f"{type_.upper()}_{verb}": build
        for type_ in ("date", "datetime", "timestamp")
        for verb, build in {
            "TRUNC": _truncate(type_),
            "DIFF": _difference(type_),
            "ADD": _shift(type_, exp.Add),
            "SUB": _shift(type_, exp.Sub),
        }.items()
    },
    **{f"FORMAT_{type_.upper()}": _format_time(type_) for type_ in ("date", "datetime", "timestamp")},
    **{f"PARSE_{type_.upper()}": _parse_time(type_) for type_ in ("date", "datetime", "timestamp")},
    **{
        name: _json(name.lower().replace("extract_scalar", "value").replace("extract_array", "query_array"))
        for name in (
            "JSON_VALUE",
            "JSON_QUERY",
            "JSON_VALUE_ARRAY",
            "JSON_QUERY_ARRAY",
            "JSON_EXTRACT_SCALAR",
            "JSON_EXTRACT_ARRAY",
        )
    },
    "ARRAY_CONCAT": _array_concat,
    "DATE": _first_literal_of("date", "date"),
    "DATETIME": _first_literal_of("datetime", "datetime"),
    "FORMAT": _format,
    "GENERATE_TIMESTAMP_ARRAY": _same_arguments("generate_timestamp_array"),
    "LAST_DAY": _last_day,
    "REGEXP_EXTRACT": _regexp_extract,
    "TIMESTAMP": _same_arguments("timestamp"),
    "UNIX_DATE": _first_literal_of("date", "unix_date"),
}
CARRIED = frozenset(_BUILD)
"""The functions that are read into macros."""


class GoogleSql(BigQuery):
    """BigQuery's dialect, with the functions above read into macros."""

    class Parser(BigQuery.Parser):
        """BigQuery's parser; functions that it reads in a way of their own are read like any other here."""

        FUNCTIONS = {**BigQuery.Parser.FUNCTIONS, **_BUILD}
        FUNCTION_PARSERS = {
            name: parse for name, parse in BigQuery.Parser.FUNCTION_PARSERS.items() if name not in _BUILD
        }
