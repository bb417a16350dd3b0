"""`sg-assets tables` and `query`: their contract with people and programs."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from sg_assets import discovery
from sg_assets.cli import main
from sg_assets_tests.commands import OBJECT, PROMISE, Command, Shape, is_shaped
from sg_assets_tests.mini import Mini

TABLE: Shape = {
    "table": str, "kind": str, "delivery": str | None, "source": str | None, "deps": list, "owner": str,
    "description": str, "promise": OBJECT, "partitioned": bool, "key": list, "columns": list, "file": str,
}  # fmt: skip
COLUMN: Shape = {"name": str, "type": str, "description": str, "class": str}


def test_every_real_table_in_json() -> None:
    ended = CliRunner().invoke(main, ["tables", "list", "--json"])
    assert ended.exit_code == 0
    document = json.loads(ended.stdout)
    assert [found["table"] for found in document] == list(discovery.graph().order)
    for found in document:
        is_shaped(found, TABLE)
        dataset = found["table"].partition("_")[0]
        assert found["kind"] == {"raw": "raw", "sg": "raw", "sent": "destination"}.get(dataset, "derived")
        assert (found["delivery"] in {"pull", "files", "watched", "frozen"}) == (found["kind"] == "raw")
        assert Path(found["file"]).exists()
        assert set(found["key"]) <= {column["name"] for column in found["columns"]}
        for column in found["columns"]:
            is_shaped(column, COLUMN)
            assert column["class"] in {"none", "pseudonymous", "personal", "secret"}
        if found["promise"] is not None:
            is_shaped(found["promise"], PROMISE)


def test_tables_as_people_see_them(command: Command, built: Mini) -> None:
    listed = command("tables", "list")
    assert listed.exit_code == 0
    assert max(map(len, listed.stdout.splitlines())) <= 80
    assert [line.split()[0] for line in listed.stdout.splitlines()] == list(built.project.graph.order)
    shown = command("tables", "show", "m.trailing")
    assert shown.exit_code == 0
    assert "reads: m.daily" in shown.stdout
    assert json.loads(command("tables", "show", "m.trailing", "--json").stdout)["deps"] == ["m.daily"]


def test_a_table_that_no_file_defines_any_more_is_an_orphan_with_its_data(built: Mini, command: Command) -> None:
    assert command("tables", "list", "--orphans").stdout == "none: every table in the warehouse is defined by a file\n"
    (built.tables / "m" / "trailing.sql").unlink()
    del built.__dict__["project"]  # everything is declared anew
    shown = command("tables", "list", "--orphans").stdout
    assert shown.split() == ["m.trailing", "2", "rows", "complete", "to", "2025-06-05", "12:00"]
    (orphan,) = json.loads(command("tables", "list", "--orphans", "--json").stdout)
    assert (orphan["table"], orphan["rows"], orphan["data_through"]) == ("m.trailing", 2, "2025-06-05T12:00:00Z")
    assert built.rows("select count(*) from m.trailing") == [(2,)]
    assert "m.trailing" not in command("status").stdout


@pytest.mark.parametrize("dialect", ["bigquery", "duckdb"])
def test_sql_is_written_as_it_runs_on_a_warehouse(command: Command, tmp_path: Path, dialect: str) -> None:
    ended = command("tables", "compile", "--dialect", dialect, "--out", str(tmp_path / "out"))
    assert ended.exit_code == 0
    written = [Path(line) for line in ended.stdout.splitlines()]
    names = ["daily", "diamond", "extra", "left", "listed", "right", "trailing"]
    assert sorted(written) == [tmp_path / "out" / "m" / f"{name}.sql" for name in names]
    text = (tmp_path / "out" / "m" / "trailing.sql").read_text()
    assert text.startswith("-- m.trailing\n-- a day reads days -1 to 0 of m.daily.day_on\n")
    assert ("date_sub(" in text) == (dialect == "bigquery")


def test_a_query_in_json(command: Command) -> None:
    ended = command("query", "select id, name, [1.5] as n from m.left order by id limit 1", "--json")
    assert (ended.exit_code, json.loads(ended.stdout)) == (
        0,
        {
            "as_of": "2025-06-05T12:00:00Z",
            "columns": [
                {"name": "id", "type": "INT64"},
                {"name": "name", "type": "STRING"},
                {"name": "n", "type": "ARRAY<FLOAT64>"},
            ],
            "rows": [[1, "bolt", [1.5]]],
        },
    )


def test_a_query_may_read_the_clock(command: Command) -> None:
    ended = command("query", "select current_timestamp() as now, current_date() as today", "--json")
    ((now, today),) = json.loads(ended.stdout)["rows"]
    assert now.startswith(today)


def test_a_query_as_people_see_it(command: Command) -> None:
    ended = command("query", f"select '{'long ' * 40}' as text, 1 as n")
    assert (ended.exit_code, max(map(len, ended.stdout.splitlines()))) == (0, 80)
    assert ended.stdout.splitlines()[-1] == "1 rows, as of 2025-06-05 12:00:00 UTC"


@pytest.mark.parametrize(
    ("sql", "told"), [("select x from m.left", '"x"'), ("drop table m.left", "must be one SELECT")]
)
def test_a_query_that_cannot_be_ends_with_1_and_why(command: Command, sql: str, told: str) -> None:
    ended = command("query", sql)
    assert (ended.exit_code, ended.stdout) == (1, "")
    assert told in ended.stderr


def test_a_query_before_anything_was_built_says_what_to_do(command: Command, tmp_path: Path) -> None:
    ended = command("query", "select 1", SG_HOME=str(tmp_path / "elsewhere"))
    assert ended.exit_code == 1
    assert "run `make up` or `sg-assets refresh --all` first" in ended.stderr
