"""A `.sql` file becomes a table, and the text that builds some of its days."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from sg_assets.columns import Column
from sg_assets.promise import DAILY
from sg_assets.sql_file import compile_sql, narrow, read_all, read_sql_file
from sg_assets.sql_header import SqlFileError
from sg_assets.table import Input, Table
from sg_assets_tests.analyzer import GoogleSql

HEADER = """
description: |
  One row per day and site.
owner: team:analytics
promise: {cron: "20 * * * *", warn: 4h, fail: 8h}
key: [day_on, site]
columns:
  day_on: {type: DATE, description: The UTC day.}
  site: {type: STRING, description: The site.}
  hits: {type: INT64, description: How many.}
"""
QUERY = """
with hit as (select * from raw_web.hit)
select date(hit.at) as day_on, site.name as site, count(*) as hits
from hit
join `crm.site` as site on hit.site_id = site.id
group by day_on, site
"""
Write = Callable[..., Table]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes and reads a file; arguments are the query, more header fields, and the path."""

    def written(query: str = QUERY, more: str = "", path: str = "web/site_day.sql") -> Table:
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"/*{HEADER}{more}*/\n{query}")
        return read_sql_file(file, tmp_path)

    return written


def raw(name: str, event_column: str | None, type_: str = "TIMESTAMP") -> Table:
    columns = (
        Column("id", "STRING", "Key."),
        Column("name", "STRING", "Name."),
        Column("site_id", "STRING", "Site."),
        *((Column(event_column, type_, "When."),) if event_column else ()),
    )
    return Table(name, "Rows.", "team:analytics", columns, ("id",), DAILY, Path("web.py"), event_column=event_column)


GRAPH = {"raw_web.hit": raw("raw_web.hit", "at"), "crm.site": raw("crm.site", None)}


def test_the_path_is_the_name_and_the_query_says_what_it_reads(write: Write, tmp_path: Path) -> None:
    table = write()
    assert (table.name, table.dataset, table.is_raw) == ("web.site_day", "web", False)
    assert table.file == tmp_path / "web/site_day.sql"
    assert {wanted.table for wanted in table.inputs} == {"raw_web.hit", "crm.site"}
    assert table.sql == QUERY.strip()
    assert table.key == ("day_on", "site")
    assert (table.is_partitioned, table.event_column, table.may_be_empty) == (False, None, True)
    assert not table.reads_current_date


def test_what_the_header_says_of_inputs_is_said_of_them(write: Write) -> None:
    more = "partition: day_on\nlookup: [crm.site]\noptional: [crm.site]\ndays: {raw_web.hit: -2..0}\n"
    inputs = {wanted.table: wanted for wanted in write(more=more).inputs}
    assert inputs["crm.site"] == Input("crm.site", is_lookup=True, is_optional=True)
    assert inputs["raw_web.hit"] == Input("raw_web.hit", days=(-2, 0))


def test_a_partitioned_table_has_its_partition_as_event_column(write: Write) -> None:
    table = write(more="partition: day_on\nnot_empty: true\n")
    assert (table.partition, table.event_column, table.may_be_empty) == ("day_on", "day_on", False)


def test_the_day_of_the_run_is_an_input(write: Write) -> None:
    assert write(query="select current_date() as day_on, 'x' as site, 1 as hits").reads_current_date


@pytest.mark.parametrize(
    ("query", "more", "complaint"),
    [
        (QUERY, "lookup: [crm.account]\n", "lookup names crm.account; the query reads"),
        (QUERY, "optional: [crm.account]\n", "optional names crm.account"),
        (QUERY, "partition: day_on\ndays: {hit: 0..0}\n", "days names hit"),
        (QUERY, "days: {raw_web.hit: -1..0}\n", "days is for partitioned tables"),
        (QUERY, "partition: day_on\nlookup: [crm.site]\ndays: {crm.site: -1..0}\n", "is a lookup, which is read whole"),
        ("select * from site", "", "reads site; write dataset.table"),
        ("select * from other-project.web.site", "", "write dataset.table, without a project"),
        ("select * from web.site_day", "", "reads itself"),
        ("select current_date() as day_on", "partition: day_on\n", "a table of days cannot read CURRENT_DATE()"),
        ("select any_value(id) as id from raw_web.hit", "", "line 12: ANY_VALUE gives no certain answer"),
        ("select a; select b", "", "must be one SELECT"),
        ("select a\nfrom x.y\nwhere and", "", "line 14"),
        ("select current_date('Asia/Tokyo') as day_on", "", "in no other zone"),
    ],
)
def test_complains_and_names_the_file(write: Write, query: str, more: str, complaint: str) -> None:
    with pytest.raises(SqlFileError) as caught:
        write(query=query, more=more)
    assert "web/site_day.sql: " in str(caught.value)
    assert complaint in str(caught.value)


@pytest.mark.parametrize(
    "path", ["site_day.sql", "web/day/site.sql", "Web/site.sql", "raw_web/site.sql", "sg_ops/x.sql"]
)
def test_only_a_dataset_and_a_table_make_a_name(write: Write, path: str) -> None:
    with pytest.raises(SqlFileError, match=r"must be <dataset>/<table>|is not for derived tables"):
        write(path=path)


def test_all_files_below_a_folder_are_read_by_name(write: Write, tmp_path: Path) -> None:
    write(path="web/b.sql")
    write(path="web/a.sql")
    write(path="app/c.sql")
    assert [table.name for table in read_all(tmp_path)] == ["app.c", "web.a", "web.b"]


def test_the_code_version_is_of_what_decides_the_rows(write: Write) -> None:
    version = write().code_version
    assert write(query=QUERY.replace("\nfrom", "   -- which\n/* table */ from")).code_version == version
    assert write(more="tags: {a: b}\n").code_version == version
    others = [
        write(query=QUERY.replace("count(*)", "count(distinct hit.id)")),
        write(query=QUERY.replace("site.name", "concat(site.name, 'a b')")),
        write(query=QUERY.replace("site.name", "concat(site.name, 'a  b')")),
        write(more="partition: day_on\n"),
        write(more="partition: day_on\nopen_days: 3\n"),
        write(more="partition: day_on\ndays: {raw_web.hit: -1..0}\n"),
    ]
    assert len({version, *(table.code_version for table in others)}) == len(others) + 1


def test_narrowing_reads_the_needed_days_and_keeps_the_wanted_ones(write: Write) -> None:
    table = write(more="partition: day_on\nlookup: [crm.site]\ndays: {raw_web.hit: -2..1}\n")
    text = narrow(table, GRAPH, [date(2026, 1, 9), date(2026, 1, 10)])
    assert (
        "(select * from raw_web.hit where `at` >= timestamp '2026-01-07 00:00:00+00' "
        "and `at` < timestamp '2026-01-12 00:00:00+00') as `hit`" in text
    )
    assert "join `crm.site` as site on" in text  # a lookup is read whole
    assert text.endswith("where built.`day_on` between date '2026-01-09' and date '2026-01-10'")
    assert GoogleSql(GRAPH.values()).columns(text) == [("day_on", "DATE"), ("site", "STRING"), ("hits", "INT64")]


def test_days_need_not_follow_one_another(write: Write) -> None:
    table = write(more="partition: day_on\ndays: {raw_web.hit: -1..0}\n")
    graph = GRAPH | {"raw_web.hit": raw("raw_web.hit", "at", "DATE")}
    text = narrow(table, graph, [date(2026, 1, 20), date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 4)])
    read = (
        "(`at` between date '2025-12-31' and date '2026-01-04') or "
        "(`at` between date '2026-01-19' and date '2026-01-20')"
    )
    kept = (
        "(built.`day_on` between date '2026-01-01' and date '2026-01-02') or "
        "(built.`day_on` between date '2026-01-04' and date '2026-01-04') or "
        "(built.`day_on` between date '2026-01-20' and date '2026-01-20')"
    )
    assert f"({read})" in text
    assert text.endswith(f"where ({kept})")


def test_a_table_named_twice_is_narrowed_twice_and_one_in_a_comment_not(write: Write) -> None:
    query = """
        -- raw_web.hit
        select date(a.at) as day_on, a.site_id as site, count(b.id) as hits
        from raw_web.hit as a left join raw_web.hit as b on a.id = b.id
        group by day_on, site
    """
    text = narrow(write(query=query, more="partition: day_on\n"), GRAPH, [date(2026, 1, 1)])
    assert text.count("from raw_web.hit where") == 2
    assert "-- raw_web.hit\n" in text


def test_no_days_give_no_rows(write: Write) -> None:
    assert narrow(write(more="partition: day_on\n"), GRAPH, []).endswith("where false")


def test_an_unpartitioned_table_is_not_narrowed(write: Write) -> None:
    assert narrow(write(), GRAPH, [date(2026, 1, 1)]) == QUERY.strip()


def test_only_days_and_instants_can_be_narrowed(write: Write) -> None:
    table = write(more="partition: day_on\n")
    with pytest.raises(ValueError, match="only a DATE or a TIMESTAMP has days"):
        narrow(table, GRAPH | {"raw_web.hit": raw("raw_web.hit", "at", "STRING")}, [date(2026, 1, 1)])


def test_compiled_text_is_for_people(write: Write) -> None:
    table = write(more="partition: day_on\ndays: {raw_web.hit: -2..0}\n")
    assert compile_sql(table, GRAPH, "bigquery").splitlines()[:2] == [
        "-- web.site_day",
        "-- a day reads days -2 to 0 of raw_web.hit.at",
    ]
    assert compile_sql(table, GRAPH, "bigquery").endswith(QUERY.strip())
    assert 'JOIN "crm"."site" AS site' in compile_sql(table, GRAPH, "duckdb")
    unpinned = replace(table, sql="select current_date() as day_on", inputs=(), partition=None)
    assert "current_date()" in compile_sql(unpinned, GRAPH, "bigquery")
    assert "BQ_CURRENT_DATE()" in compile_sql(unpinned, GRAPH, "duckdb")
