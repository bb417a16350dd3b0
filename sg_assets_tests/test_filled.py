"""What variables make of sources: which tables are watched, under which source, and what cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from sg_assets import discovery
from sg_assets.environment import EnvironmentProblem, load
from sg_assets.filled import CONNECTIONS, filled
from sg_assets.source import Source
from sg_assets.sources.events import events
from sg_assets.sources.hubspot import hubspot
from sg_assets.sources.pings import pings
from sg_assets.sources.salesforce import salesforce
from sg_assets.table import Delivery, Table
from sg_assets.variables import every

PINGS = {"SG_PINGS_TABLE": "some-project.sourcegraph_analytics.update_checks"}
SALESFORCE = {"SG_SALESFORCE_DATASET": "some-project.salesforce"}
FIVETRAN = {"SG_FIVETRAN_API_KEY": "k", "SG_FIVETRAN_API_SECRET": "s"}


def named(sources: list[Source]) -> dict[str, list[str]]:
    return {source.name: sorted(name.partition(".")[2] for name in source.tables) for source in sources}


def table(given: Mapping[str, str], name: str) -> Table:
    return discovery.graph(given)[name]


def test_without_its_variable_a_source_is_as_declared() -> None:
    assert filled([pings, events], {}) == [pings, events]


def test_what_is_filled_stands_beside_what_is_still_fetched() -> None:
    assert named(filled([pings], PINGS)) == {"pings": ["ping_archive"], "pings_dataflow": ["ping"]}
    assert list(named(filled([salesforce], SALESFORCE))) == ["salesforce_fivetran"]
    assert list(named(filled([hubspot], {"SG_HUBSPOT_DATASET": "p.hubspot"}))) == ["hubspot", "hubspot_fivetran"]
    assert pings.tables["raw_pings.ping"].table.delivery is Delivery.FILES


def test_a_variable_says_where_each_table_is() -> None:
    ping = table(PINGS, "raw_pings.ping").origin
    assert ping
    assert [part.table for part in ping.parts] == ["some-project.sourcegraph_analytics.update_checks"]
    account = table(SALESFORCE, "raw_salesforce.account").origin
    assert account
    assert ([part.table for part in account.parts], account.connection) == (
        ["some-project.salesforce.account"],
        "salesforce",
    )
    other = table(SALESFORCE | {"SG_SALESFORCE_CONNECTION": "warm_fox"}, "raw_salesforce.account").origin
    assert other
    assert other.connection == "warm_fox"


def test_the_graph_has_them_with_what_reads_them_as_before() -> None:
    before, after = discovery.graph(), discovery.graph(PINGS | SALESFORCE)
    assert list(before.tables) != []
    assert set(before.tables) == set(after.tables)
    assert before.readers["raw_pings.ping"] == after.readers["raw_pings.ping"]
    assert [i.table for i in after["raw_salesforce.account"].inputs] == [CONNECTIONS]
    assert (
        after["raw_pings.ping"].code_version
        != table({"SG_PINGS_TABLE": "other.update_checks"}, "raw_pings.ping").code_version
    )


@pytest.mark.parametrize("text", ["update_checks", "a.b.c.d", "a.b;drop", "a.`b`", "p.d.t "])
def test_what_names_no_table_is_refused(text: str) -> None:
    with pytest.raises(EnvironmentProblem, match=r"SG_PINGS_TABLE=.*: set it to a table: PROJECT\.DATASET"):
        filled([pings], {"SG_PINGS_TABLE": text})


def test_a_dataset_is_no_table() -> None:
    with pytest.raises(EnvironmentProblem, match="set it to a dataset: PROJECT"):
        filled([events], {"SG_EVENTS_DATASET": "p.d.events"})
    assert named(filled([events], {"SG_EVENTS_DATASET": "dotcom_events"})) == {
        "events_dataflow": ["dotcom_event", "managed_event"]
    }


def check(tmp_path: Path, **variables: str) -> None:
    env = load({"SG_ENV": "production", "SG_HOME": str(tmp_path), "SG_WAREHOUSE": "bigquery:some-project", **variables})
    env.check_sources(discovery.project(env.variables).sources)


def test_fivetran_must_be_reached_where_it_fills_tables(tmp_path: Path) -> None:
    check(tmp_path, **PINGS)
    check(tmp_path, **SALESFORCE, **FIVETRAN)
    with pytest.raises(EnvironmentProblem, match="fivetran: set SG_FIVETRAN_API_KEY, SG_FIVETRAN_API_SECRET too"):
        check(tmp_path, **SALESFORCE)


def test_nobody_fills_a_duckdb_file(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match="a DuckDB file: unset SG_PINGS_TABLE"):
        check(tmp_path, SG_WAREHOUSE="", **PINGS)


def test_what_is_watched_is_connected_without_the_credentials_of_its_source(tmp_path: Path) -> None:
    env = load({"SG_ENV": "production", "SG_HOME": str(tmp_path), "SG_WAREHOUSE": "bigquery:p", **PINGS})
    known = {source.name: env.is_connected(source) for source in discovery.project(env.variables).sources}
    assert (known["pings_dataflow"], known["pings"]) == (True, False)


def test_the_variables_are_among_those_that_are_described() -> None:
    described = {variable.name: variable.description for variable in every(discovery.sources())}
    assert described["SG_PINGS_TABLE"].startswith("PROJECT.DATASET.TABLE that Dataflow fills for pings")
    assert {"SG_EVENTS_DATASET", "SG_SALESFORCE_DATASET", "SG_SALESFORCE_CONNECTION"} <= set(described)
    assert "SG_PINGS_CONNECTION" not in described
