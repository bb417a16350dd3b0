"""The list of metrics names tables that there are."""

import re

from sg_assets.discovery import derived_tables, graph


def test_every_metric_is_in_a_table_that_there_is() -> None:
    (listed,) = (table for table in derived_tables() if table.name == "operations.source_of_truth")
    named = re.findall(r"'([\w.]+)' as table_name", listed.sql)
    assert len(named) > 30
    assert set(named) - set(graph().tables) == set()
