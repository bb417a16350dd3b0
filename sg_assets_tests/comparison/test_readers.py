"""Which columns a query reads of which table, through everything that stands between."""

from __future__ import annotations

from pathlib import Path

import pytest

from sg_assets import discovery
from sg_assets.comparison.readers import of_code, of_query, schema_of
from sg_assets_tests.comparison.made import document, documents

SCHEMA = {"a.b": {"id": "INT64", "name": "STRING", "mail": "STRING"}, "a.c": {"id": "INT64", "tags": "ARRAY<STRING>"}}


def read(sql: str, outputs: set[str] | None = None) -> dict[str, set[str]]:
    return {found.table: set(found.columns) for found in of_query("x.y", "its SQL", sql, SCHEMA, outputs)}


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select name from a.b", {"a.b": {"name"}}),
        ("select count(*) as n from a.b where mail is null", {"a.b": {"mail"}}),
        ("select b.id from a.b join a.c on b.id = c.id", {"a.b": {"id"}, "a.c": {"id"}}),
        ("select * from a.b", {"a.b": {"id", "name", "mail"}}),
        ("with w as (select * from a.b) select name from w", {"a.b": {"name"}}),
        ("with w as (select *, upper(mail) as u from a.b) select id from w where u = 'X'", {"a.b": {"id", "mail"}}),
        ("select id from a.b union all select id from a.c", {"a.b": {"id"}, "a.c": {"id"}}),
        ("select b.id from a.b where exists (select 1 from a.c where c.id = b.id)", {"a.b": {"id"}, "a.c": {"id"}}),
        ("select tag from a.c, unnest(c.tags) as tag", {"a.c": {"tags"}}),
        ("select upper(name) as n from a.b group by n", {"a.b": {"name"}}),
        ("select * except (mail) from a.b", {"a.b": {"id", "name"}}),
    ],
)
def test_a_query_reads(sql: str, expected: dict[str, set[str]]) -> None:
    assert read(sql) == expected


def test_a_star_gives_only_what_is_kept() -> None:
    assert read("select * from a.b", {"id"}) == {"a.b": {"id"}}


def test_a_star_that_cannot_be_followed_reads_everything() -> None:
    assert read("select * from a.b, unnest([struct(1 as one)])") == {"a.b": {"id", "name", "mail"}}


def test_the_code_of_a_pull_reads_what_it_names(tmp_path: Path) -> None:
    package = tmp_path / "sources" / "vendor"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "tables.py").write_text("rows = pull.read('a.b', ('id',))\n")
    (package / "more.py").write_text("by = 'mail'\n")
    (found,) = of_code("raw_vendor.t", ["a.b"], package / "tables.py", SCHEMA)
    assert (found.table, set(found.columns)) == ("a.b", {"id", "mail"})
    module = tmp_path / "sources" / "single.py"
    (tmp_path / "sources" / "__init__.py").touch()
    module.write_text("name = 1\n")
    (found,) = of_code("raw_single.t", ["a.b"], module, SCHEMA)
    assert found.columns == set()


def test_a_schema_has_what_was_there_before_too() -> None:
    now, before = document("a.b", columns=("id", "x")), document("a.b", columns=("id", "y"))
    assert schema_of(documents(now), documents(before, document("a.c"))) == {
        "a.b": {"id": "STRING", "x": "STRING", "y": "STRING"},
        "a.c": {"id": "STRING"},
    }


@pytest.mark.parametrize("name", ["customers.telemetry_status", "pings.feature_usage_day"])
def test_real_tables_read_only_columns_that_there_are(name: str) -> None:
    graph = discovery.graph()
    schema = {table.name: {column.name: column.type for column in table.columns} for table in graph}
    found = of_query(name, "its SQL", graph[name].sql, schema)
    assert {one.table for one in found} == {wanted.table for wanted in graph[name].inputs}
    for one in found:
        assert one.columns
        assert one.columns <= set(schema[one.table])
