"""The state in BigQuery: written with bound values."""

from __future__ import annotations

from pathlib import Path

from sg_assets.warehouse.bigquery import BigQueryWarehouse
from sg_assets_tests.warehouse.examples import land, raw, row
from sg_assets_tests.warehouse.played_bigquery import Played, parameters


def test_no_value_of_a_row_or_of_the_state_is_in_a_text(
    there: Played, on_bigquery: BigQueryWarehouse, tmp_path: Path
) -> None:
    land(on_bigquery, tmp_path, raw(), [row("Robert'); drop table x")], cursor={"since": "Robert'); drop table x"})
    assert [one for one in there.queries("Robert") if "Robert" in one["query"]["query"]] == []
    (script,) = there.queries("begin transaction")
    assert '{"since": "Robert\'); drop table x"}' in parameters(script).values()
