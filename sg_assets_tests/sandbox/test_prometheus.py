"""The stand-in as any client sees it; that a real server answers alike is shown with the source's tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from sg_assets.sandbox.company.health import Health
from sg_assets.sandbox.faults import Kind
from sg_assets.sandbox.prometheus import QUOTA, RETENTION, TOKEN, refuse, stand_in
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets_tests.sandbox.world import DAY, HOUR, NOW, move

STEP = 900


@pytest.fixture
def here(url: str) -> str:
    return f"{url}/prometheus"


def get(here: str, path: str, **params: str) -> requests.Response:
    return requests.get(here + path, params, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=20)


def series(here: str, query: str, hours: int = 6) -> list[dict[str, Any]]:
    end = int(NOW.timestamp()) // STEP * STEP
    answer = get(here, "/api/v1/query_range", query=query, start=str(end - hours * 3600), end=str(end), step=str(STEP))
    assert answer.status_code == 200, answer.text
    assert answer.json()["data"]["resultType"] == "matrix"
    return list(answer.json()["data"]["result"])


def test_every_managed_instance_is_scraped_and_values_are_texts(here: str, sandbox: Sandbox) -> None:
    found = series(here, "up")
    sites = {one.site_id for one in sandbox.company.instances if one.hosting.value == "managed"}
    assert {one["metric"]["site_id"] for one in found} == sites
    assert all(len(one["values"]) == 25 for one in found)
    assert {text for one in found for _, text in one["values"]} <= {"0", "1"}


def test_an_increase_is_what_was_requested(here: str, sandbox: Sandbox) -> None:
    health = Health(sandbox.company)
    instance = health.instances(NOW)[0]
    assert not health.outages(instance, NOW.date())
    found = series(
        here, f'sum(increase(src_http_request_duration_seconds_count{{site_id="{instance.site_id}"}}[15m]))', 3
    )
    for at, text in found[0]["values"]:
        block = health.block(instance, datetime.fromtimestamp(at - STEP, UTC))
        assert float(text) == pytest.approx(STEP * block.requests_per_second)


def test_what_was_served_for_an_hour_never_changes(here: str, sandbox: Sandbox) -> None:
    query = "sum by (site_id) (increase(src_http_request_duration_seconds_count[15m]))"
    before = series(here, query)
    move(sandbox, NOW + 20 * HOUR)
    assert series(here, query) == before


def test_what_is_older_than_the_retention_is_gone_without_a_word(here: str, sandbox: Sandbox) -> None:
    move(sandbox, NOW + RETENTION + DAY)
    assert series(here, "up") == []


def test_names_are_those_of_the_dashboards(here: str) -> None:
    every = get(here, "/api/v1/label/__name__/values").json()
    assert every["status"] == "success"
    assert {"up", "src_gitserver_disk_space_available"} <= set(every["data"])
    some = get(here, "/api/v1/label/__name__/values", **{"match[]": '{__name__=~"up|nothing"}'}).json()
    assert some["data"] == ["up"]
    assert get(here, "/api/v1/label/__name__/values", **{"match[]": "{"}).status_code == 400


def test_the_proxy_refuses_in_html(here: str) -> None:
    answer = requests.get(f"{here}/api/v1/query_range", timeout=20)
    assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (401, "text/html")
    for status in (401, 403, 429):
        assert str(status).encode() in refuse(status).body
    assert QUOTA[0] == 422


def test_faults_of_an_answer(here: str, sandbox: Sandbox) -> None:
    sandbox.faults.switch_on(Kind.EMPTY_LIST, "prometheus", count=1)
    assert series(here, "up") == []
    sandbox.faults.switch_on(Kind.WRONG_VALUE, "prometheus", count=1, field="values", value=[[0, "many"]])
    assert series(here, "up")[0]["values"] == [[0, "many"]]
    assert len(series(here, "up")[0]["values"]) == 25


def test_a_query_that_cannot_be_evaluated_says_so(here: str) -> None:
    end = str(NOW.timestamp())
    for query, status, kind in (("up(", 400, "bad_data"), ("nosuch(up)", 422, "execution")):
        answer = get(here, "/api/v1/query_range", query=query, start=end, end=end, step="15s")
        assert (answer.status_code, answer.json()["errorType"]) == (status, kind)


def test_an_answer_has_no_more_than_the_cap(here: str) -> None:
    start = NOW - timedelta(seconds=11_001)
    asked = {"query": "up", "start": str(start.timestamp()), "end": str(NOW.timestamp()), "step": "1"}
    assert get(here, "/api/v1/query_range", **asked).json()["error"].startswith("exceeded maximum resolution of 11,000")


def test_its_settings_are_those_of_the_source() -> None:
    assert set(stand_in.settings) == {"SG_PROMETHEUS_TOKEN"}
