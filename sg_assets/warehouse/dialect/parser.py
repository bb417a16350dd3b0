"""Reading BigQuery SQL so that each function keeps BigQuery's meaning.

sqlglot reads a function into a node of its own idea of it, which DuckDB's writer then turns into a namesake. Here the
functions that DuckDB does not have, or has with another meaning, are read straight into calls of our macros (`bq_…`,
see `functions.sql`). What needs more than that is mended in the tree, in `mends.py`.
"""

from __future__ import annotations

import re
from typing import ClassVar

from sqlglot import exp
from sqlglot.dialects.bigquery import BigQuery
from sqlglot.parsers.bigquery import BigQueryParser

from sg_assets.warehouse.dialect import formats
from sg_assets.warehouse.dialect.dates import (
    TYPES,
    Build,
    difference,
    formatting,
    last_day,
    parsing,
    shifting,
    truncating,
    typed,
)
from sg_assets.warehouse.dialect.nodes import call, duck, exact_cast, text_of
from sg_assets.warehouse.dialect.refusals import DialectError
from sg_assets.warehouse.dialect.regexps import regexp_extract

# These take their arguments as they are, and the macro has the function's name.
_SAME_NAME = """
    ARRAY_FIRST ARRAY_LAST ARRAY_LENGTH ARRAY_REVERSE ARRAY_TO_STRING ASCII BIT_COUNT BOOL BYTE_LENGTH
    DATE_FROM_UNIX_DATE DIV EXP FARM_FINGERPRINT FLOAT64 FROM_BASE64 FROM_HEX GENERATE_ARRAY
    GENERATE_TIMESTAMP_ARRAY IEEE_DIVIDE INSTR INT64 JSON_TYPE LEFT LENGTH LN LOG LOG10 LOWER LPAD LTRIM MD5
    PARSE_JSON POW RANGE_BUCKET REPEAT REVERSE RIGHT ROUND RPAD RTRIM SAFE_ADD SAFE_DIVIDE SAFE_MULTIPLY
    SAFE_NEGATE SAFE_SUBTRACT SHA1 SHA256 SIGN SPLIT SQRT STRING SUBSTR TIMESTAMP TIMESTAMP_MICROS
    TIMESTAMP_MILLIS TIMESTAMP_SECONDS TO_BASE64 TO_HEX TO_JSON_STRING TRIM TRUNC UNICODE UNIX_MICROS UNIX_MILLIS
    UNIX_SECONDS UPPER
"""
_OTHER_NAME = {
    "CHARACTER_LENGTH": "length",
    "CHAR_LENGTH": "length",
    "OCTET_LENGTH": "byte_length",
    "POWER": "pow",
    "SUBSTRING": "substr",
}
_JSON_FUNCTIONS = {
    "JSON_EXTRACT_ARRAY": "json_query_array",
    "JSON_EXTRACT_SCALAR": "json_value",
    "JSON_QUERY": "json_query",
    "JSON_QUERY_ARRAY": "json_query_array",
    "JSON_VALUE": "json_value",
    "JSON_VALUE_ARRAY": "json_value_array",
}
_JSON_PATH = re.compile(r'\$(?:\.[A-Za-z0-9_]+|\."[^"*?\[\]]+"|\[\d+\])*')
_PLAIN_KEY = re.compile(r"\.([A-Za-z0-9_]+)(?=[.\[]|$)")


def _same(macro: str) -> Build:
    return lambda args: call(macro, *args)


def _first_typed(type_: str, macro: str) -> Build:
    return lambda args: call(macro, typed(args[0], type_), *args[1:])


def _json(macro: str) -> Build:
    def build(args: list[exp.Expr]) -> exp.Expr:
        path = text_of(args[1], "a JSON path") if args[1:] else "$"
        if not _JSON_PATH.fullmatch(path):
            msg = f'JSON path {path!r} is not carried over: write $.key, $."a key" and [0] only'
            raise DialectError(msg)
        value = exact_cast(args[0], "text") if isinstance(args[0], exp.Literal) else args[0]
        return call(macro, value, _PLAIN_KEY.sub(r'."\1"', path))

    return build


def _array_concat(args: list[exp.Expr]) -> exp.Expr:
    joined = args[0]
    for argument in args[1:]:
        joined = call("array_concat_2", joined, argument)
    return joined


def _format(args: list[exp.Expr]) -> exp.Expr:
    return duck("printf", formats.printf(text_of(args[0], "the template of FORMAT")), *args[1:])


_BUILD: dict[str, Build] = {
    **{name: _same(name.lower()) for name in _SAME_NAME.split()},
    **{name: _same(macro) for name, macro in _OTHER_NAME.items()},
    **{name: _json(macro) for name, macro in _JSON_FUNCTIONS.items()},
    **{f"{type_.upper()}_TRUNC": truncating(type_) for type_ in TYPES},
    **{f"{type_.upper()}_DIFF": difference(type_) for type_ in TYPES},
    **{f"{type_.upper()}_ADD": shifting(type_, exp.Add) for type_ in TYPES},
    **{f"{type_.upper()}_SUB": shifting(type_, exp.Sub) for type_ in TYPES},
    **{f"FORMAT_{type_.upper()}": formatting(type_) for type_ in TYPES},
    **{f"PARSE_{type_.upper()}": parsing(type_) for type_ in TYPES},
    "ARRAY_CONCAT": _array_concat,
    "DATE": _first_typed("date", "date"),
    "DATETIME": _first_typed("datetime", "datetime"),
    "FORMAT": _format,
    "LAST_DAY": last_day,
    "REGEXP_EXTRACT": regexp_extract,
    "UNIX_DATE": _first_typed("date", "unix_date"),
}
CARRIED = frozenset(_BUILD)
"""The functions that are read in a way of ours."""


class GoogleSql(BigQuery):
    """BigQuery's dialect, with the functions above read into macros."""

    class Parser(BigQueryParser):  # pyrefly: ignore[bad-override]  # sqlglot finds a nested class by its name
        """BigQuery's parser; functions for which it has a way of its own are read like any other here."""

        FUNCTIONS: ClassVar = {**BigQueryParser.FUNCTIONS, **_BUILD}
        FUNCTION_PARSERS: ClassVar = {
            name: parse for name, parse in BigQueryParser.FUNCTION_PARSERS.items() if name not in _BUILD
        }
