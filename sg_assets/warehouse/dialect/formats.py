"""Templates of FORMAT, FORMAT_DATE, PARSE_DATE and their like, in DuckDB's elements; elements that differ are refused.

BigQuery: https://cloud.google.com/bigquery/docs/reference/standard-sql/format-elements
"""

from __future__ import annotations

import re

from sg_assets.warehouse.dialect.refusals import DialectError

_ELEMENT = re.compile(r"%(E4Y|E\*S|E[0-9]S|Ez|.)", re.DOTALL)
_PRINTF = re.compile(r"%([-+ 0]*\d*(?:\.\d+)?[dsf]|%)")

_OF_DATES = {
    "%": "%%",
    "A": "%A",
    "B": "%B",
    "D": "%m/%d/%y",
    "E4Y": "%Y",
    "F": "%Y-%m-%d",
    "G": "%G",
    "U": "%U",
    "V": "%V",
    "W": "%W",
    "Y": "%Y",
    "a": "%a",
    "b": "%b",
    "d": "%d",
    "h": "%b",
    "j": "%j",
    "m": "%m",
    "u": "%u",
    "w": "%w",
    "x": "%m/%d/%y",
    "y": "%y",
}
_OF_TIMES = {
    "E3S": "%S.%g",
    "E6S": "%S.%f",
    "H": "%H",
    "I": "%I",
    "M": "%M",
    "R": "%H:%M",
    "S": "%S",
    "T": "%H:%M:%S",
    "X": "%H:%M:%S",
    "p": "%p",
}
_OF_UTC = {"Ez": "+00:00", "Z": "UTC", "z": "+0000"}
_TO_PARSE = ("%", "B", "D", "E4Y", "F", "Y", "b", "d", "h", "j", "m", "x", "y")
_TIMES_TO_PARSE = ("H", "I", "M", "R", "S", "T", "X", "p")


def printf(template: str) -> str:
    """The template of FORMAT for DuckDB's printf, which knows %d, %s and %f with flags, width and precision alike."""
    rest = _PRINTF.sub("", template)
    if "%" in rest:
        msg = f"FORMAT {template!r}: only %d, %s and %f are carried over"
        raise DialectError(msg)
    return template


def strftime(template: str, type_: str, *, has_zone: bool) -> str:
    """The template of FORMAT_DATE, FORMAT_DATETIME or FORMAT_TIMESTAMP."""
    known = _OF_DATES if type_ == "date" else _OF_DATES | _OF_TIMES
    if type_ == "timestamp" and not has_zone:
        known = known | _OF_UTC
    return _translate(template, known)


def strptime(template: str, type_: str) -> list[str]:
    """The templates, one after the other to be tried, of PARSE_DATE, PARSE_DATETIME or PARSE_TIMESTAMP."""
    known = {element: _OF_DATES[element] for element in _TO_PARSE}
    if type_ != "date":
        known |= {element: _OF_TIMES[element] for element in _TIMES_TO_PARSE}
    if type_ == "timestamp":
        known |= {"Ez": "%z", "z": "%z"}
    if type_ == "date" or "%E*S" not in template:
        return [_translate(template, known)]
    return [_translate(template, known | {"E*S": seconds}) for seconds in ("%S.%f", "%S")]


def names_the_year(template: str) -> bool:
    """Whether a DuckDB template has a year; BigQuery's year is 1970 where there is none, DuckDB's 1900."""
    return "%Y" in template or "%y" in template


def _translate(template: str, known: dict[str, str]) -> str:
    def element(match: re.Match[str]) -> str:
        if match[1] not in known:
            msg = (
                f"%{match[1]} in {template!r} is not carried over; known are {', '.join(f'%{name}' for name in known)}"
            )
            raise DialectError(msg)
        return known[match[1]]

    return _ELEMENT.sub(element, template)
