"""`sg-assets status`, `tables` and `query`: their contract with people and programs."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from types import UnionType
from typing import Protocol

import pytest
from click.testing import CliRunner, Result

from sg_assets import discovery
from sg_assets.cli import main
from sg_assets.clock import wall_clock
from sg_assets.documents import rfc3339
from sg_assets_tests.mini import Mini

Shape = Mapping[str, type | UnionType]
NUMBER = int | float | None
AT_NOON = "2025-06-05T12:10:00Z"
TABLE: Shape = {
    "table": str, "kind": str, "delivery": str | None, "source": str | None, "deps": list, "owner": str,
    "description": str, "promise": dict | None, "partitioned": bool, "key": list, "columns": list, "file": str,
}  # fmt: skip
VERDICT: Shape = {
    "table": str, "state": str, "since": str | None, "data_through": str | None, "lag_seconds": NUMBER,
    "counted_lag_seconds": NUMBER, "promise": dict | None, "roots": list, "note": dict | None, "owner": str,
    "next_expected": str | None, "reason": str,
}  # fmt: skip
PROMISE: Shape = {"cron": str, "timezone": str, "warn_seconds": int, "fail_seconds": int}
COLUMN: Shape = {"name": str, "type": str, "description": str, "class": str}


class Command(Protocol):
    """Runs `sg-assets` with some arguments, and perhaps other variables."""

    def __call__(self, *arguments: str, **variables: str) -> Result: ...


@pytest.fixture
def command(built: Mini, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setattr(discovery, "project", lambda: built.project)

    def run(*arguments: str, **variables: str) -> Result:
        found = CliRunner().invoke(main, arguments, env={**built.variables, **variables})
        assert "\x1b" not in found.output  # no colours in a pipe
        return found

    return run


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ["status", "--at", "tomorrow"],
            "--at tomorrow: write an instant with its offset, such as 2026-11-21T15:00:00Z",
        ),
        (["status", "--at", "2025-06-05T12:00:00"], "write an instant with its offset"),
        (["status", "m.nothing", "crm.account"], "no such table: m.nothing; `sg-assets tables list` names them"),
        (["tables", "show", "m.nothing"], "no such table: m.nothing"),
        (["tables", "compile", "--dialect", "oracle", "--out", "."], "'oracle' is not one of 'duckdb', 'bigquery'"),
        (["query"], "Missing argument 'SQL'"),
        (["up", "--port", "http"], "'http' is not a valid integer"),
        (["statsu"], "No such command 'statsu'"),
    ],
)
def test_wrong_usage_ends_with_2_and_what_to_write_instead(arguments: list[str], told: str) -> None:
    ended = CliRunner().invoke(main, arguments, env={"SG_ENV": "production"})
    assert ended.exit_code == 2
    assert told in ended.stderr
    assert ended.stdout == ""


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"SG_ENV": "staging"}, "SG_ENV=staging: set it to sandbox or production"),
        ({"SG_WAREHOUSE": "bigquery:x"}, "bigquery"),
    ],
)
def test_an_environment_that_cannot_be_used_ends_with_1_and_a_line(variables: dict[str, str], told: str) -> None:
    ended = CliRunner().invoke(main, ["status"], env=variables)
    assert ended.exit_code == 1
    assert ended.stderr.startswith("sg-assets: ")
    assert told in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_the_status_of_everything_in_json(command: Command, built: Mini) -> None:
    ended = command("status", "--at", AT_NOON, "--json")
    document = json.loads(ended.stdout)
    assert ended.exit_code == 0
    assert list(document) == ["evaluated_at", "tables", "watch"]
    assert document["evaluated_at"] == AT_NOON
    assert [found["table"] for found in document["tables"]] == list(built.project.graph.order)
    for found in document["tables"]:
        is_shaped(found, VERDICT)
        if found["promise"] is not None:
            is_shaped(found["promise"], PROMISE)
        for root in found["roots"]:
            is_shaped(root, {"table": str, "path": list})
        for instant in ("since", "data_through", "next_expected"):
            assert found[instant] is None or is_utc(found[instant])
    states = {found["table"]: found["state"] for found in document["tables"]}
    assert states["m.left"] == "fresh"
    assert (states["raw_mini.archive"], states["m.extra"]) == ("frozen", "not_connected")


def test_something_late_ends_with_3_and_names_the_root(command: Command) -> None:
    ended = command("status", "m.left", "--at", "2025-06-06T00:00:00Z", "--json")
    assert ended.exit_code == 3
    (found,) = json.loads(ended.stdout)["tables"]
    assert (found["state"], found["since"]) == ("late", "2025-06-05T20:00:00Z")
    assert found["roots"] == [{"table": "raw_mini.thing", "path": ["m.left", "raw_mini.thing"]}]
    assert (found["lag_seconds"], found["counted_lag_seconds"]) == (43200, 43200)
    assert command("status", "m.left", "--at", AT_NOON).exit_code == 0


def test_the_status_that_people_see_fits_their_terminal(command: Command) -> None:
    ended = command("status", "--at", "2025-06-06T00:00:00Z")
    assert ended.exit_code == 3
    assert max(map(len, ended.stdout.splitlines())) <= 80
    assert ended.stdout.splitlines()[1].split()[:2] == ["m.daily", "late"]
    assert "late because of raw_mini.thing: m.daily, m.diamond, m.left, m.right, m.trailing" in ended.stdout
    assert "not connected because of raw_other.extra: m.extra" in ended.stdout
    assert "at 2025-06-06 00:00:00 UTC" in ended.stdout


def test_a_table_that_was_asked_for_is_explained_with_the_way_up_to_its_root_and_its_owner(command: Command) -> None:
    text = " ".join(command("status", "m.diamond", "--at", "2025-06-06T00:00:00Z").stdout.split())
    assert "promised within 8 h, because of raw_mini.thing; late since 06-05 20:00:00; team:mini" in text
    assert "m.diamond <- m.left <- raw_mini.thing" in text


@pytest.mark.parametrize(("ran", "told"), [(None, "never ran"), (timedelta(hours=3), "last ran at ")])
def test_the_status_says_that_no_alert_is_sent_while_the_watch_does_not_run(
    command: Command, built: Mini, ran: timedelta | None, told: str
) -> None:
    beat = wall_clock() - ran if ran is not None else None
    if beat is not None:
        built.env.operations.beat("watch", beat)
    assert f"no alert is being sent: the watch {told}" in command("status", "--at", AT_NOON).stdout
    watched = json.loads(command("status", "--at", AT_NOON, "--json").stdout)["watch"]
    assert watched == {"last_run": rfc3339(beat), "is_running": False}


def test_the_status_says_nothing_of_a_watch_that_runs(command: Command, built: Mini) -> None:
    built.env.operations.beat("watch", wall_clock())
    assert "no alert" not in command("status", "--at", AT_NOON).stdout
    assert json.loads(command("status", "--at", AT_NOON, "--json").stdout)["watch"]["is_running"]


def test_every_real_table_in_json() -> None:
    ended = CliRunner().invoke(main, ["tables", "list", "--json"])
    assert ended.exit_code == 0
    document = json.loads(ended.stdout)
    assert [found["table"] for found in document] == list(discovery.graph().order)
    for found in document:
        is_shaped(found, TABLE)
        assert found["kind"] == ("raw" if found["source"] else "derived")
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


def is_shaped(found: Mapping[str, object], shape: Shape) -> None:
    """Exactly these fields, each of its type; true and false are no numbers."""
    assert set(found) == set(shape)
    for name, kind in shape.items():
        assert isinstance(found[name], kind), (name, found[name])
        assert isinstance(found[name], bool) == (kind is bool), (name, found[name])


def is_utc(text: object) -> bool:
    return str(text).endswith("Z") and datetime.fromisoformat(str(text)).utcoffset() is not None
