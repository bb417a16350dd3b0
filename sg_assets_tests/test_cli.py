"""`sg-assets status`, and what is the same for every command: their contract with people and programs."""

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner

from sg_assets.cli import main
from sg_assets.clock import wall_clock
from sg_assets.documents import rfc3339
from sg_assets_tests.commands import NUMBER, OBJECT, PROMISE, Command, Shape, is_shaped, is_utc
from sg_assets_tests.mini import Mini

AT_NOON = "2025-06-05T12:10:00Z"
VERDICT: Shape = {
    "table": str, "state": str, "since": str | None, "data_through": str | None, "lag_seconds": NUMBER,
    "counted_lag_seconds": NUMBER, "promise": OBJECT, "roots": list, "note": OBJECT, "owner": str,
    "next_expected": str | None, "reason": str,
}  # fmt: skip


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
        ({"SG_WAREHOUSE": "snowflake:x"}, "set it to duckdb:PATH or bigquery:PROJECT"),
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
    assert list(document) == ["evaluated_at", "tables", "watch", "watchdog"]
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


def test_the_status_says_that_nobody_delivers_alerts(command: Command, built: Mini) -> None:
    built.env.operations.beat("watch", wall_clock())
    assert "no alert is being sent: the watchdog never ran" in command("status", "--at", AT_NOON).stdout
    told = json.loads(command("status", "--at", AT_NOON, "--json").stdout)
    assert (told["watch"]["is_running"], told["watchdog"]["is_running"]) == (True, False)


def test_the_status_says_nothing_of_watch_and_watchdog_that_run(command: Command, built: Mini) -> None:
    built.env.operations.beat("watch", wall_clock())
    built.env.operations.beat("watchdog", wall_clock())
    assert "no alert" not in command("status", "--at", AT_NOON).stdout
