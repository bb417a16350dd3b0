"""The audit of scheduled queries: whose they are, how they ran, who reads what they write."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from sg_assets.freshness.graph import Graph
from sg_assets.http import SourceError
from sg_assets.sandbox.company.scheduled_queries import PROJECT, SERVICE_ACCOUNT, owners
from sg_assets.sandbox.faults import Kind
from sg_assets.scheduled_queries.audit import Audited, Readers, audit, destination, is_owned
from sg_assets.table import Input
from sg_assets_tests.sandbox.world import NOW
from sg_assets_tests.scheduled_queries.conftest import Company


def audited(company: Company, graph: Graph, looker: Mapping[str, Collection[str]] | None = None) -> dict[str, Audited]:
    found = audit(company.http, PROJECT, account=SERVICE_ACCOUNT, graph=graph, looker=looker or {})
    return {one.title: one for one in found}


def test_each_has_its_true_owner_and_those_of_others_come_first(company: Company, graph: Graph) -> None:
    found = list(audited(company, graph).values())
    truth = owners(company.sandbox.company, NOW)
    assert {one.name: one.owner for one in found} == truth
    judged = [one.is_owned for one in found]
    assert judged == sorted(judged, key=lambda owned: owned is True)
    assert {one.name for one in found if one.is_owned} == {
        name for name, one in truth.items() if one == SERVICE_ACCOUNT
    }
    assert [one.title for one in found if one.is_owned is None] == ["nobody knows whose"]


def test_the_last_run_says_when_and_why_it_failed(company: Company, graph: Graph) -> None:
    found = audited(company, graph)
    failed = found["latest answers"].last_run
    assert failed
    assert (failed.state, failed.error) == ("FAILED", failed.error)
    assert failed.error
    assert "does not exist any more" in failed.error
    assert failed.at
    assert NOW - timedelta(days=1) < failed.at < NOW
    assert found["instances scheduled query 2"].last_run is None  # it is switched off
    good = found["events_usage"].last_run
    assert good
    assert (good.state, good.error) == ("SUCCEEDED", None)


def test_who_reads_what_it_writes(company: Company, graph: Graph) -> None:
    reader = replace(graph["crm.user"], name="a.reader", inputs=(Input("raw_server_usage.server_day"),))
    looker = {"sg_cloud.users": ("dashboard: People",), "sg_cloud.others": ("look: Others",)}
    found = audited(company, Graph.of([*graph, reader]), looker)
    assert found["server_daily_usage"].readers == Readers(tables=("a.reader",))
    assert found["instances scheduled query 1"].readers == Readers(scheduled_queries=("instances scheduled query 2",))
    assert found["users"].readers == Readers(looker=("dashboard: People",))
    assert found["usage-data-amplitude"].writes == (
        "sourcegraph_analytics.amplitude_exports", "gs://usage-data-amplitude/*.json"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("owner", "account", "judged"),
    [
        ("sa@p.iam.gserviceaccount.com", "SA@p.iam.gserviceaccount.com", True),
        ("other@p.iam.gserviceaccount.com", "sa@p.iam.gserviceaccount.com", False),
        ("other@p.iam.gserviceaccount.com", "", True),
        ("ada@example.com", "", False),
        (None, "", None),
    ],
)
def test_whose_it_is(owner: str | None, account: str, *, judged: bool | None) -> None:
    assert is_owned(owner, account) is judged


def test_a_destination_has_no_partition() -> None:
    params = {"destination_table_name_template": "b${run_date}"}
    assert destination({"destinationDatasetId": "a", "params": params}) == ("a.b",)
    assert destination({"destinationDatasetId": "a", "params": {}}) == ()


def test_what_bigquery_refuses_ends_it(company: Company, graph: Graph) -> None:
    company.sandbox.faults.switch_on(Kind.FORBIDDEN, "scheduled_queries", match="*/runs")
    with pytest.raises(SourceError, match=r"runs: 403"):
        audited(company, graph)
