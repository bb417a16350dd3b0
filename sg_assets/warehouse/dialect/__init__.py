"""BigQuery SQL, which all SQL here is written in, turned into DuckDB's: mended where they differ, or refused.

sqlglot reads and writes. What it gets silently wrong is read or mended otherwise (`parser.py`, `mends.py` and what
they call) with functions of ours (`functions.sql`, `conversions.sql`, `functions.py`); what cannot be carried over
faithfully is refused (`refusals.py`, `known.yaml`): a loud error, never a silently different number. Google's own
engine is the judge of that in the tests.
"""

from sg_assets.warehouse.dialect.functions import prepare
from sg_assets.warehouse.dialect.refusals import DialectError
from sg_assets.warehouse.dialect.remembered import places_of, translated
from sg_assets.warehouse.dialect.text import (
    Place,
    parse,
    pin_clock,
    pin_current_date,
    places,
    reads_current_date,
    tables,
    words,
)
from sg_assets.warehouse.dialect.translate import refuse, to_duckdb

__all__ = [
    "DialectError",
    "Place",
    "parse",
    "pin_clock",
    "pin_current_date",
    "places",
    "places_of",
    "prepare",
    "reads_current_date",
    "refuse",
    "tables",
    "to_duckdb",
    "translated",
    "words",
]
