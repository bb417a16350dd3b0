"""The nodes that we write ourselves."""

from __future__ import annotations

import pytest
from sqlglot import exp

from sg_assets.warehouse.dialect import DialectError
from sg_assets.warehouse.dialect.nodes import call, duck, exact_cast, is_exact, text_of


def test_calls_take_nodes_texts_and_numbers() -> None:
    assert call("trunc_to", exp.column("d"), "month").sql("duckdb") == "BQ_TRUNC_TO(d, 'month')"
    assert duck("list_slice", exp.column("a"), 1, 2).sql("duckdb") == "LIST_SLICE(a, 1, 2)"


def test_a_cast_of_ours_is_told_from_one_that_was_written() -> None:
    cast = exact_cast(exp.column("x"), "date")
    assert cast.sql("duckdb") == "CAST(x AS DATE)"
    assert is_exact(cast)
    assert not is_exact(exp.cast(exp.column("x"), "date"))


def test_what_decides_the_translation_must_be_a_literal() -> None:
    assert text_of(exp.Literal.string("%Y"), "the template") == "%Y"
    with pytest.raises(DialectError, match="the template must be written as a literal, it is x"):
        text_of(exp.column("x"), "the template")
