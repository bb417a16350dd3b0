"""The real thing, once: `sg-assets up` in a clean copy of the checkout, asked over HTTP like a browser does."""

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from sg_assets import discovery
from sg_assets.alerts.observe import ask
from sg_assets.clock import wall_clock
from sg_assets.message import Kind, Message, Severity
from sg_assets.operations import Operations
from sg_assets.promise import Frozen
from sg_assets.sandbox.slack_messages import Messages
from sg_assets_tests.served import Served, said, serving


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("clone")) as up:
        yield up


def test_it_builds_every_table_and_prints_its_verdict_before_it_serves(served: Served) -> None:
    printed = served.printed.read_text()
    for name in discovery.graph().order:
        assert name in printed
    assert " late" not in printed.replace(" 0 late", "")
    assert "no alert" not in printed
    assert "Dagster is at" in printed


def test_the_lineage_in_the_ui_is_the_declared_graph(served: Served) -> None:
    nodes = served.ask("{ assetNodes { assetKey { path } dependencyKeys { path } groupName owners { __typename } } }")
    found = {
        ".".join(n["assetKey"]["path"]): {".".join(k["path"]) for k in n["dependencyKeys"]} for n in nodes["assetNodes"]
    }
    assert found == {table.name: {i.table for i in table.inputs} for table in discovery.graph()}


def test_every_table_has_been_materialized_with_its_rows_and_how_far_its_data_reaches(served: Served) -> None:
    query = """{ assetNodes { assetKey { path } assetMaterializations(limit: 1) {
        metadataEntries { label
            ... on IntMetadataEntry { intValue } ... on TimestampMetadataEntry { timestamp } } } } }"""
    for node in served.ask(query)["assetNodes"]:
        (event,) = node["assetMaterializations"]
        labels = {entry["label"] for entry in event["metadataEntries"]}
        assert {"dagster/row_count", "data_through", "content_version"} <= labels, node["assetKey"]


def test_native_freshness_is_measured_and_the_daemon_keeps_watch(served: Served) -> None:
    query = """{ assetNodes { assetKey { path } internalFreshnessPolicy { __typename } }
        instance { freshnessEvaluationEnabled daemonHealth { allDaemonStatuses { daemonType required healthy } } } }"""
    frozen = {t.name for t in discovery.graph() if isinstance(t.promise, Frozen)}
    deadline = time.monotonic() + 60
    while True:
        data = served.ask(query)
        daemons = data["instance"]["daemonHealth"]["allDaemonStatuses"]
        if all(d["healthy"] for d in daemons if d["required"]):
            break
        assert time.monotonic() < deadline, daemons
        time.sleep(1)
    assert data["instance"]["freshnessEvaluationEnabled"]
    without = {".".join(n["assetKey"]["path"]) for n in data["assetNodes"] if n["internalFreshnessPolicy"] is None}
    assert without == frozen


CHECKS = """{ assetNodes { assetKey { path } assetMaterializations(limit: 1) { runId }
    assetChecksOrError { ... on AssetChecks { checks { name executionForLatestMaterialization {
        status evaluation { metadataEntries { label } } } } } } } }"""


def test_the_watch_says_of_every_asset_whether_it_is_fresh_and_answers_five_questions(served: Served) -> None:
    """Of one that was built again since it is said anew only where it is not fresh."""
    wanted, deadline = set(discovery.graph().order), time.monotonic() + 90
    answers = {"state", "since", "why", "next", "owner"}
    found: set[str] = set()
    while found != wanted:
        assert time.monotonic() < deadline, wanted - found
        nodes = served.ask(CHECKS)["assetNodes"]
        runs = [one["runId"] for node in nodes for one in node["assetMaterializations"]]
        first = max(runs, key=runs.count)
        for node in nodes:
            checks = node["assetChecksOrError"]["checks"]
            said = {check["name"]: check["executionForLatestMaterialization"] for check in checks}
            name, fresh = ".".join(node["assetKey"]["path"]), said["fresh"]
            if fresh is not None:
                assert fresh["status"] == "SUCCEEDED", node
                assert answers <= {entry["label"] for entry in fresh["evaluation"]["metadataEntries"]}
                found.add(name)
            elif node["assetMaterializations"][0]["runId"] not in {first, ""}:
                found.add(name)
        time.sleep(1)


def test_keeper_watch_and_every_schedule_run_by_default(served: Served) -> None:
    query = """{ repositoriesOrError { ... on RepositoryConnection { nodes {
        schedules { name scheduleState { status } } sensors { name sensorState { status } } } } } }"""
    (repository,) = served.ask(query)["repositoriesOrError"]["nodes"]
    assert {s["name"]: s["sensorState"]["status"] for s in repository["sensors"]} == {
        "keeper": "RUNNING",
        "lookout": "RUNNING",
        "watch": "RUNNING",
    }
    assert repository["schedules"]
    assert {s["scheduleState"]["status"] for s in repository["schedules"]} == {"RUNNING"}


def test_the_watchdog_delivers_while_it_serves_and_dagster_says_that_it_is_well(served: Served) -> None:
    home = served.root / ".sg" / "sandbox"
    operations, slack = Operations(f"sqlite:///{home / 'operations.sqlite'}"), Messages(home)
    now = wall_clock()
    text = "a made-up message"
    operations.outbox.add([Message("t/1", 1, Kind.OPENED, Severity.ERROR, "team:x", text, (), (), now)])
    while not (any(text in one.text for one in slack.all()) and text in served.printed.read_text()):
        assert wall_clock() < now + timedelta(seconds=30), served.printed.read_text()
        time.sleep(0.1)
    operations.close()
    seen = ask(served.url)
    assert (seen.silence, seen.broken, seen.stopped) == ("", {}, frozenset())
    assert {"SENSOR", "SCHEDULER", "QUEUED_RUN_COORDINATOR"} <= set(seen.beats)


LAUNCH = """mutation Launch($params: ExecutionParams!) { launchPipelineExecution(executionParams: $params) {
    __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }"""


def test_a_table_materialized_by_hand_is_built_in_a_run(served: Served) -> None:
    selector = {
        "repositoryName": "__repository__",
        "repositoryLocationName": "sg_assets",
        "pipelineName": "__ASSET_JOB",
        "assetSelection": [{"path": ["licensing", "subscription"]}],
    }
    params = {"selector": selector, "mode": "default", "runConfigData": {}}
    answer = served.ask(LAUNCH, params=params)["launchPipelineExecution"]
    assert answer["__typename"] == "LaunchRunSuccess", answer
    query = "query Run($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }"
    deadline, status = time.monotonic() + 90, ""
    while status not in {"SUCCESS", "FAILURE"}:
        assert time.monotonic() < deadline, status
        time.sleep(0.5)
        status = served.ask(query, id=answer["run"]["runId"])["runOrError"]["status"]
    assert status == "SUCCESS"


def test_a_refresh_is_a_run_of_the_running_dagster_by_the_code_as_it_is_now(served: Served) -> None:
    file = served.root / "sg_assets" / "tables" / "licensing" / "subscription.sql"
    for more in ("where true", "and true", "and true"):
        file.write_text(f"{file.read_text()}{more}\n")
        account = said(served, "refresh", "licensing.subscription", "--upstream", "none")
        (table,) = account["tables"]
        if table["result"] != "skipped":  # as the keeper had come first
            break
    assert (table["result"], table["reason"]) == ("built", "its SQL changed")
    assert served.ask(f'{{ runOrError(runId: "{account["run_id"]}") {{ ... on Run {{ status }} }} }}') == {
        "runOrError": {"status": "SUCCESS"}
    }


def test_every_day_of_a_table_kept_day_by_day_is_shown_as_built(served: Served) -> None:
    nodes = served.ask("{ assetNodes { assetKey { path } partitionStats { numMaterialized numPartitions } } }")
    found = {".".join(n["assetKey"]["path"]): n["partitionStats"] for n in nodes["assetNodes"] if n["partitionStats"]}
    assert set(found) == {table.name for table in discovery.graph() if table.is_partitioned}
    for name, days in found.items():
        if discovery.graph()[name].is_day_snapshot:  # of the days before the first build nothing is known
            assert 1 <= days["numMaterialized"] < days["numPartitions"], name
        else:
            assert days["numMaterialized"] == days["numPartitions"] >= 4, name


BACKFILL = """mutation Backfill($params: LaunchBackfillParams!) { launchPartitionBackfill(backfillParams: $params) {
    __typename ... on LaunchBackfillSuccess { backfillId } ... on PythonError { message } } }"""


def test_a_backfill_of_some_days_builds_them_in_one_run(served: Served) -> None:
    node = """{ assetNodes { assetKey { path } partitionKeysByDimension { partitionKeys }
        assetMaterializations(partitions: null, limit: 1) { runId } } }"""
    (keys,) = (
        n["partitionKeysByDimension"][0]["partitionKeys"]
        for n in served.ask(node)["assetNodes"]
        if n["assetKey"]["path"] == ["product", "user_day"]
    )
    wanted = keys[1:4]
    answer = served.ask(
        BACKFILL, params={"assetSelection": [{"path": ["product", "user_day"]}], "partitionNames": wanted}
    )["launchPartitionBackfill"]
    assert answer["__typename"] == "LaunchBackfillSuccess", answer
    query = """query Runs($tag: ExecutionTag!) { runsOrError(filter: { tags: [$tag] }) { ... on Runs { results {
        status assetMaterializations { partition } } } } }"""
    tag = {"key": "dagster/backfill", "value": answer["backfillId"]}
    deadline = time.monotonic() + 120
    runs: list[dict[str, Any]] = []
    while not runs or runs[0]["status"] not in {"SUCCESS", "FAILURE"}:
        assert time.monotonic() < deadline, runs
        time.sleep(1)
        runs = served.ask(query, tag=tag)["runsOrError"]["results"]
    assert [run["status"] for run in runs] == ["SUCCESS"]
    assert sorted(event["partition"] for event in runs[0]["assetMaterializations"]) == wanted


def test_status_is_readable_while_it_serves_and_nothing_is_late(served: Served) -> None:
    told = said(served, "status")
    states = {t["table"]: t["state"] for t in told["tables"]}
    assert set(states.values()) <= {"fresh", "frozen"}, states
