"""What sqlglot gets wrong of BigQuery's SQL on DuckDB, set right in the tree."""

from __future__ import annotations

from sqlglot import exp
from sqlglot.dialects.bigquery import BigQuery


class GoogleSql(BigQuery):
    """BigQuery's dialect."""


def mend(tree: exp.Query) -> exp.Query:
    """The tree as DuckDB must read it."""
    return tree
