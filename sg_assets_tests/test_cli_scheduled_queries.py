"""`sg-assets scheduled-queries`: its contract with people and programs, and that what it imports is a table."""

from __future__ import annotations

import json
import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from click.testing import CliRunner, Result

from sg_assets import discovery, environment, refresh
from sg_assets.cli import main
from sg_assets.freshness.plan import Target
from sg_assets.order import Order
from sg_assets.sandbox.company.scheduled_queries import SERVICE_ACCOUNT
from sg_assets.sandbox.faults import Faults, Kind
from sg_assets.session import Result as Became
from sg_assets.sql_file import read_sql_file
from sg_assets_tests.commands import OBJECT, Shape, is_shaped, is_utc

QUERY: Shape = {
    "id": str, "name": str, "title": str, "location": str, "enabled": bool, "schedule": str | None, "owner": str | None,
    "last_run": OBJECT, "writes": list, "reads": list, "sql_understood": bool, "read_by": dict,
    "problem": str | None,
}  # fmt: skip
IMPORTED: Shape = {
    "id": str, "title": str, "result": str, "table": str | None, "file": str | None, "reads": list, "missing": list,
    "remarks": list, "problem": str | None,
}  # fmt: skip
NOW = datetime(2026, 11, 21, 3, 30, tzinfo=UTC)
WRONG = ["dashboard 170 trend", "latest answers", "nobody knows whose", "usage-data-amplitude", "users"]


class Here:
    """The command in a sandbox of a test's own, whose clock stands still."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tables = folder / "tables"
        self.variables = {
            "SG_HOME": str(folder / "home"),
            "SG_SANDBOX_ANCHOR": "2026-11-21",
            "SG_SANDBOX_SCALE": "0.05",
            "SG_SANDBOX_DAYS": "2",
            "SG_CLOCK": NOW.isoformat(),
        }

    def __call__(self, *arguments: str, answer: str = "") -> Result:
        ended = CliRunner().invoke(main, ["scheduled-queries", *arguments], env=self.variables, input=answer)
        assert "\x1b" not in ended.output  # no colours in a pipe
        return ended

    def import_(self, *arguments: str) -> Result:
        return self("import", "--tables", str(self.tables), *arguments)


@pytest.fixture
def here(tmp_path: Path) -> Here:
    made = Here(tmp_path)
    made.tables.mkdir()
    return made


def titles(ended: Result, **wanted: object) -> list[str]:
    queries = json.loads(ended.stdout)["queries"]
    return sorted(one["title"] for one in queries if all(one[key] == value for key, value in wanted.items()))


def test_the_audit_in_json_has_every_field_and_ends_with_3(here: Here) -> None:
    ended = here("audit", "--json")
    assert ended.exit_code == 3
    document = json.loads(ended.stdout)
    assert list(document) == ["project", "service_account", "checked_at", "looker_as_of", "queries"]
    assert (document["project"], document["service_account"]) == ("made-up-analytics", SERVICE_ACCOUNT)
    assert document["checked_at"] == "2026-11-21T03:30:00Z"
    for query in document["queries"]:
        assert {query.pop("owned_by_service_account"), query.pop("fixed")} <= {True, False, None}
        is_shaped(query, QUERY)
        assert set(query["read_by"]) == {"tables", "scheduled_queries", "looker"}
        assert query["read_by"]["looker"] is None  # nothing was built here
        assert query["last_run"] is None or is_utc(query["last_run"]["at"])
    not_ours = titles(ended, owned_by_service_account=False) + titles(ended, owned_by_service_account=None)
    assert sorted(not_ours) == WRONG


def test_fixing_asks_first_changes_what_it_said_and_then_all_is_well(here: Here) -> None:
    refused = here("audit", "--fix", answer="n\n")
    assert refused.exit_code == 3
    assert f"Hand 5 to {SERVICE_ACCOUNT}? [y/N]: n" in refused.stderr
    assert "latest answers (" in refused.stderr
    assert titles(here("audit", "--json"), owned_by_service_account=True) != []
    assert here("audit", "--fix", "--json").exit_code == 2  # a program says --yes
    done = here("audit", "--fix", "--yes", "--json")
    assert done.exit_code == 0
    assert titles(done, fixed=True) == WRONG
    assert titles(done, owner=SERVICE_ACCOUNT) == titles(done)
    again = here("audit")
    assert again.exit_code == 0
    assert "not ours" not in again.stdout
    assert again.stdout.splitlines()[-3].startswith("13 ours; ours: scheduled-queries@")


def test_what_may_not_be_handed_over_is_told_with_1(here: Here) -> None:
    Faults(here.folder / "home" / "sandbox").switch_on(Kind.FORBIDDEN, "scheduled_queries", match="PATCH*")
    ended = here("audit", "--fix", "--yes", "--service-account", "other@p.iam.gserviceaccount.com", "--json")
    assert ended.exit_code == 1
    problems = {query["problem"] for query in json.loads(ended.stdout)["queries"]}
    assert all("403" in problem for problem in problems)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["import", "nobody"], 2, "nobody is no scheduled query"),
        (["import", "users", "survey_responses", "--as", "a.b"], 2, "--as and --key are said of one"),
        (["audit", "--fix", "--service-account", "ada@example.com"], 2, "ada@example.com is none"),
        (["audit", "--help"], 0, "looker_as_of"),
    ],
)
def test_wrong_use_says_what_is_right(here: Here, arguments: list[str], code: int, said: str) -> None:
    ended = here(*arguments)
    assert ended.exit_code == code
    assert said in ended.output


def test_bigquery_that_is_not_connected_or_does_not_let_us_is_one_line(here: Here) -> None:
    here.variables |= {"SG_ENV": "production"}
    del here.variables["SG_CLOCK"]
    ended = here("audit")
    assert (ended.exit_code, ended.stdout) == (1, "")
    assert "SG_SCHEDULED_QUERIES_PROJECT, SG_GOOGLE_CREDENTIALS not set" in ended.stderr


def test_what_another_system_fills_is_looked_for_among_ours(here: Here) -> None:
    shutil.copytree(discovery.TABLES, here.tables, dirs_exist_ok=True)
    here.variables["SG_PINGS_TABLE"] = "made-up-analytics.sourcegraph_analytics.instances_1"
    ended = here.import_("instances scheduled query 2", "--json")
    (found,) = json.loads(ended.stdout)
    assert (ended.exit_code, found["result"]) == (1, "refused")
    said = r"sourcegraph_analytics\.instances_1 is read as raw_pings\.ping: docs/filled-tables\.md"
    assert re.search(said, found["problem"])


def test_what_is_imported_loads_and_builds_after_what_it_reads(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(discovery.TABLES, here.tables, dirs_exist_ok=True)
    wanted = ["instances scheduled query 2", "instances scheduled query 1", "latest answers", "dashboard 170 trend"]
    ended = here.import_(*wanted, "survey_responses", "--json")
    assert ended.exit_code == 0
    found = json.loads(ended.stdout)
    for one in found:
        is_shaped(one, IMPORTED)
        assert one["result"] == "imported"
    names = [one["table"] for one in found[:4]]
    files = [read_sql_file(Path(one["file"]), here.tables) for one in found]
    read = {wanted.table for table in files for wanted in table.inputs}
    project = discovery.Project.of([one for one in discovery.sources() if read & set(one.tables)], files)
    env = environment.load(here.variables)
    monkeypatch.setattr(discovery, "project", lambda *_given: project)
    shown = CliRunner().invoke(main, ["tables", "show", "customer_environment.latest", "--json"])
    assert json.loads(shown.stdout)["deps"] == ["raw_customer_environment.response", "raw_salesforce.account"]
    with dg.DagsterInstance.ephemeral() as history:
        order = Order(NOW, "refresh")
        account = refresh.refresh(project, env, Target.refresh(names), order, history, lambda _report, _total: None)
    env.operations.close()
    became = {report.table: report for report in account.tables}
    assert {became[name].reason for name in names if became[name].result is not Became.BUILT} == set()
    assert all(became[name].rows for name in names)
    latest = env.read_copy().query("select account_id, account_name, code_host_count from customer_environment.latest")
    assert [kind for _, kind in latest.columns] == ["STRING", "STRING", "INT64"]
    ((instances, versions),) = (
        env.read_copy()
        .query(
            "select (select count(*) from sourcegraph_analytics.instances_1) as a,"
            " (select sum(instance_count) from sourcegraph_analytics.instances_2) as b"
        )
        .rows
    )
    assert instances == versions
    assert timedelta(0) <= NOW - (became[names[0]].data_through or NOW) < timedelta(hours=4)
