"""A scheduled query as a file: what its header says, what could not be told, what is refused."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sg_assets.promise import Promise
from sg_assets.scheduled_queries.body import Refused
from sg_assets.scheduled_queries.draft import Draft, Unknown, Wishes, draft, target
from sg_assets.sql_file import read_sql_file
from sg_assets.sql_header import SqlFileError
from sg_assets_tests.scheduled_queries.examples import GRAPH, PROJECT, SERVICE_ACCOUNT, config

SQL = "SELECT team, MAX(email) AS email FROM `p-q.raw_a.person` GROUP BY team"
EVENTS = "select date(at) as day_on, count(*) as n from raw_a.event group by day_on"
HOUR = timedelta(hours=1)


def drafted(said: dict[str, Any], wishes: Wishes | None = None) -> Draft:
    return draft(said, PROJECT, GRAPH, wishes or Wishes(), {"out.other": "Other (o)"})


def test_everything_that_the_configuration_says_is_in_the_header() -> None:
    made = drafted(config(SQL, ownerInfo={"email": "ada@example.com"}))
    table = made.declared
    assert table
    assert (made.table, made.reads, made.missing) == ("out.b", ("raw_a.person",), ())
    assert table.description.startswith("Title of c.\n\nWas a scheduled query of BigQuery, `Title of c`")
    assert "every 24 hours" in table.description
    assert table.owner == "ada@example.com"
    assert table.promise == Promise("37 10 * * *", warn=28 * HOUR, fail=38 * HOUR)
    assert table.key == ("team",)
    assert [(one.name, one.type, str(one.classification)) for one in table.columns] == [
        ("team", "STRING", "none"), ("email", "STRING", "personal")
    ]  # fmt: skip
    assert table.sql == "SELECT team, MAX(email) AS email FROM `raw_a.person` GROUP BY team"
    assert (table.partition, table.tags) == (None, {})


def test_a_day_that_is_provably_a_day_of_its_input_becomes_the_partition() -> None:
    table = drafted(config(EVENTS, partitioning_field="day_on")).declared
    assert table
    assert (table.partition, table.event_column) == ("day_on", "day_on")
    other = drafted(config(SQL, partitioning_field="team"))
    assert other.declared
    assert other.declared.partition is None
    assert "was partitioned by team; here it is built whole, since team is a STRING" in " ".join(other.remarks)


def test_wishes_go_first() -> None:
    made = drafted(
        config("select email from raw_a.person", schedule="first monday of month 09:00"),
        Wishes(table="people.address", cron="5 6 * * *", key=("email",), owner="team:people"),
    )
    assert made.declared
    assert (made.table, made.declared.owner, made.declared.key) == ("people.address", "team:people", ("email",))
    assert made.text.count('cron: "5 6 * * *"') == 1


def test_a_service_account_reads_no_alerts_so_a_team_owns_the_table() -> None:
    made = drafted(config(SQL))
    assert made.declared
    assert made.declared.owner == "team:analytics"
    assert f"{SERVICE_ACCOUNT} owned it: team:analytics does now" in " ".join(made.remarks)


def test_what_is_not_told_stands_in_the_file_and_stops_its_load_by_name(tmp_path: Path) -> None:
    made = drafted(config("select email, net.ip_from_string(email) as ip from raw_a.person"))
    assert made.declared is None
    assert made.missing == ("key: the columns by which rows are unique (--key)", "type of the column ip")
    assert "cannot be built on DuckDB" in " ".join(made.remarks)
    file = tmp_path / "out" / "b.sql"
    file.parent.mkdir()
    file.write_text(made.text)
    with pytest.raises(SqlFileError, match=r"b\.sql: column ip: .*NOT_TOLD"):
        read_sql_file(file, tmp_path)
    file.write_text(made.text.replace("type: NOT_TOLD", "type: STRING"))
    with pytest.raises(SqlFileError, match=r"b\.sql: key: 'NOT_TOLD' is not among the columns"):
        read_sql_file(file, tmp_path)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (config(SQL, write_disposition="WRITE_APPEND"), "adds rows to out.b.*snapshot: day"),
        (config(SQL, table="b${run_date}"), r"writes out\.b by \$\{run_date\}: each run writes one day"),
        (config(SQL, table='b_{run_time|"%Y%m%d"}'), r"writes out\.b by \{run_time"),
        (config(SQL, table="B"), "writes out.B; a table is dataset.table in lower case"),
        (config(SQL, destinationDatasetId="raw_a"), "neither raw_"),
        (config(SQL, table=""), "writes no table: say which one with --as"),
        (config("insert into out.b select 1", table=""), "writes by itself"),
        (config("select 1 as x from out.b"), "reads out.b, the table that it writes"),
        (config("select nobody from raw_a.person"), "nobody"),
        (config("select count(*) from raw_a.person"), "need a name of their own in lower case"),
        (config("select max(team) as Last, id from raw_a.person group by id"), "Last need a name"),
        (config(SQL, schedule="1st monday of month 09:00"), "choose one with --cron"),
        (config("select current_date() as day_on, id from raw_a.person where created_at < @run_time"), "@run_time"),
    ],
)
def test_what_cannot_be_kept_is_refused(said: dict[str, Any], why: str) -> None:
    with pytest.raises(Refused, match=why):
        drafted(said)


def test_unknown_tables_are_named_with_what_to_do() -> None:
    with pytest.raises(Unknown) as unknown:
        drafted(config("select 1 as x from out.other join x.y on true join raw_a.person on true"))
    assert unknown.value.tables == ("out.other", "x.y")
    assert "out.other: import Other (o) first, which writes it" in str(unknown.value)
    assert "x.y: no source and no .sql file defines it" in str(unknown.value)


def test_a_wrong_key_or_cron_is_refused() -> None:
    with pytest.raises(Refused, match="--key nobody: it has the columns email, team"):
        drafted(config(SQL), Wishes(key=("nobody",)))
    with pytest.raises(Refused, match="cron"):
        drafted(config(SQL), Wishes(cron="daily"))


@pytest.mark.parametrize(
    ("template", "found"),
    [("b", ("out.b", "")), ("b$20260101", ("out.b", "$20260101")), ("b_{run_date}", ("out.b", "{run_date}"))],
)
def test_the_target_is_named_without_what_each_run_fills_in(template: str, found: tuple[str, str]) -> None:
    assert target(config(SQL, table=template), Wishes()) == found
