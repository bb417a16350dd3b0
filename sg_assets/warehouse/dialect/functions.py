"""The functions that mended SQL calls, installed into a DuckDB connection.

Most are macros, in `functions.sql` and `conversions.sql` (`macros.py` has them found). Here are those that SQL cannot
say, in Python, one value at a time; NULL gives NULL.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from functools import cache, wraps
from pathlib import Path
from typing import TYPE_CHECKING

from sg_assets.warehouse.dialect import macros

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from publicsuffixlist import PublicSuffixList

_Value = str | int | float | None


def prepare(connection: DuckDBPyConnection, folder: Path = macros.CACHE) -> None:
    """Give a connection the functions that SQL made by `to_duckdb` calls, and set the time zone to UTC.

    They live beside the file that it has open and never in it, so a warehouse opened for reading can have them. Each
    connection needs this once; so does each of its cursors, and who said `use` needs it again, when it takes no time.
    External access must still be allowed, and no transaction be open; `folder` is where what takes time is kept.
    """
    import duckdb  # noqa: PLC0415 (whoever has a connection has it already)

    connection.execute("set TimeZone = 'UTC'")
    # A connection, or one beside it, that was prepared before has them all; asking DuckDB's catalog first takes longer.
    with suppress(duckdb.NotImplementedException, duckdb.CatalogException):
        _install(connection)
        macros.attach(connection, _install, folder)
    macros.search(connection)


def _install(connection: DuckDBPyConnection) -> None:
    from duckdb.func import SPECIAL  # noqa: PLC0415 (as in `prepare`)

    for name, (function, parameters, result) in _FUNCTIONS.items():
        connection.create_function(name, _or_null(function), [*parameters], result, null_handling=SPECIAL)


def _or_null(function: Callable[..., _Value]) -> Callable[..., _Value]:
    """The function, giving None where an argument is None; DuckDB's own way lets it give None nowhere else."""

    @wraps(function)  # DuckDB counts the parameters
    def called(*arguments: object) -> _Value:
        return None if None in arguments else function(*arguments)

    return called


def _round_at(x: float, digits: int) -> float:
    """ROUND to a number of digits: the double's exact value, halves away from zero."""
    return _to_digits(x, digits, ROUND_HALF_UP)


def _trunc_at(x: float, digits: int) -> float:
    return _to_digits(x, digits, ROUND_DOWN)


def _to_digits(x: float, digits: int, how: str) -> float:
    exact = Decimal(x)
    if not exact.is_finite() or -exact.as_tuple().exponent <= digits:  # pyrefly: ignore[unsupported-operation]  # finite: a number
        return x
    return float(exact.quantize(Decimal(1).scaleb(-digits), rounding=how))


def _instr_at(text: str, wanted: str, position: int, occurrence: int) -> int:
    """Where the n-th `wanted` is, from 1; 0: nowhere. A negative position searches backwards from the end.

    Raises:
        ValueError: the position is 0, or the occurrence is not positive.
    """
    if position == 0 or occurrence < 1:
        msg = "INSTR: the position cannot be 0, the occurrence must be positive"
        raise ValueError(msg)
    if abs(position) > len(text):
        return 0
    found = position - 2 if position > 0 else len(text) + position + 1
    for _ in range(occurrence):
        if position > 0:
            found = text.find(wanted, found + 1)
        else:
            found = text.rfind(wanted, 0, found - 1 + len(wanted)) if found > 0 else -1
        if found < 0:
            return 0
    return found + 1


def _fingerprint(data: bytes) -> int:
    import farmhash  # noqa: PLC0415 (compiled, needed by few queries)

    unsigned: int = farmhash.fingerprint64(data)
    return unsigned - (1 << 64) if unsigned >> 63 else unsigned


_HOST = re.compile(r"(?:(?:[a-zA-Z0-9+.-]*:)?//)?(?:[^/?#\\]*@)?\.*((?:\[[^\]/?#]*\]?)?[^:/?#\\]*)")
_LAST_DOTS = re.compile(r"\.+$")


def _host(url: str) -> str | None:
    """NET.HOST: what stands between scheme and user, and port and path, as it is written; None where there is none."""
    found = _HOST.match(url.strip())
    return _LAST_DOTS.sub(".", found[1]) or None if found else None


def _public_suffix(url: str) -> str | None:
    """NET.PUBLIC_SUFFIX: the longest suffix of the host that is in the public list; private domains do not count."""
    return _part(url, lambda domains, host: domains.publicsuffix(host, accept_unknown=False))


def _reg_domain(url: str) -> str | None:
    """NET.REG_DOMAIN: the public suffix and the label before it."""
    return _part(url, lambda domains, host: domains.privatesuffix(host, accept_unknown=False))


def _part(url: str, part: Callable[[PublicSuffixList, str], str | None]) -> str | None:
    host = _host(url)
    if host is None:
        return None
    suffix = part(_domains(), host.rstrip(".").lower())
    return None if suffix is None else host.rstrip(".")[-len(suffix) :]


@cache
def _domains() -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList  # noqa: PLC0415 (reads its list, needed by few queries)

    return PublicSuffixList(only_icann=True)


_STEP = re.compile(r'\."([^"]*)"|\[(\d+)\]')


def _json_number(text: str, path: str) -> str | None:
    """A number in a JSON text, as it is written there; `path`, `$."key"[0]…`, is known to lead to one."""
    at: object = json.loads(text, parse_float=str, parse_int=str)
    for key, index in _STEP.findall(path):
        at = at[int(index)] if isinstance(at, list) else at[key]  # pyrefly: ignore[bad-index]
    return str(at)


def _json_double(text: str) -> str:
    """A JSON number with a fraction as BigQuery's JSON type writes it."""
    return repr(float(text))


def _canonical_json(text: str) -> str:
    """JSON as BigQuery writes it: keys in order, no white space."""
    return json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _reversed(text: str) -> str:
    """A text from its end."""
    return text[::-1]


_FUNCTIONS: Mapping[str, tuple[Callable[..., _Value], tuple[str, ...], str]] = {
    "bq_round_at": (_round_at, ("DOUBLE", "BIGINT"), "DOUBLE"),
    "bq_trunc_at": (_trunc_at, ("DOUBLE", "BIGINT"), "DOUBLE"),
    "bq_lower_unicode": (str.lower, ("VARCHAR",), "VARCHAR"),
    "bq_upper_unicode": (str.upper, ("VARCHAR",), "VARCHAR"),
    "bq_reverse_unicode": (_reversed, ("VARCHAR",), "VARCHAR"),
    "bq_instr_at": (_instr_at, ("VARCHAR", "VARCHAR", "BIGINT", "BIGINT"), "BIGINT"),
    "bq_farm_fingerprint64": (_fingerprint, ("BLOB",), "BIGINT"),
    "bq_host": (_host, ("VARCHAR",), "VARCHAR"),
    "bq_public_suffix": (_public_suffix, ("VARCHAR",), "VARCHAR"),
    "bq_reg_domain": (_reg_domain, ("VARCHAR",), "VARCHAR"),
    "bq_json_number": (_json_number, ("VARCHAR", "VARCHAR"), "VARCHAR"),
    "bq_json_double": (_json_double, ("VARCHAR",), "VARCHAR"),
    "bq_canonical_json": (_canonical_json, ("VARCHAR",), "VARCHAR"),
}
