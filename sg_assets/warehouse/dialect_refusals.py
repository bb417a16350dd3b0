"""What is refused of BigQuery's SQL, and what to write instead."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp
from sqlglot.tokenizer_core import Token


class DialectError(ValueError):
    """SQL that cannot be carried over faithfully, or whose result would not be a function of its inputs."""


def refuse(tree: exp.Query) -> None:
    """Refuse what makes a result depend on more than its inputs."""


def refuse_unfaithful(tree: exp.Query, tokens: Sequence[Token]) -> None:
    """Refuse what would mean something else on DuckDB."""
