"""A real Prometheus and our stand-in, side by side: the same rows for the same samples, the same refusals."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
import requests

from sg_assets.http import Client
from sg_assets.sandbox.company.health import Health
from sg_assets.sandbox.company.health_metrics import HealthMetrics
from sg_assets.sandbox.prometheus import PrometheusApi, Scraped
from sg_assets.sandbox.promql import Matcher
from sg_assets.sandbox.promql_values import Samples
from sg_assets.source import Pull
from sg_assets.sources.prometheus import rule
from sg_assets.sources.prometheus.queries import QUERIES, Query
from sg_assets.sources.prometheus.samples import MOST_STEPS, Sampling, samples
from sg_assets_tests.sources.conftest import ANCHOR, World
from sg_assets_tests.sources.prometheus.real_server import (
    MISSING,
    Real,
    is_there,
    real_prometheus,
    serving,
)

MOST_SAMPLES = 50_000
STORED = timedelta(hours=8)
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
pytestmark = pytest.mark.skipif(not is_there(), reason=MISSING)


@dataclass(frozen=True)
class Kept:
    """Some samples as a store."""

    samples: Sequence[Samples]

    def select(self, matchers: Sequence[Matcher], start: float, end: float) -> list[Samples]:
        found = []
        for one in self.samples:
            if all(matcher.holds(one.labels) for matcher in matchers):
                kept = [(at, v) for at, v in zip(one.times, one.values, strict=True) if start <= at <= end]
                found.append(Samples(one.labels, [at for at, _ in kept], [v for _, v in kept]))
        return found


@pytest.fixture(scope="module")
def stored(served: World) -> Kept:
    """What the sandbox's server scraped in the hours before the bad night of a customer was over, and after."""
    served.now = ANCHOR - timedelta(days=1) + timedelta(hours=7)
    scraped = Scraped(served.sandbox, HealthMetrics(Health(served.sandbox.company)))
    return Kept(scraped.select((), (served.now - STORED).timestamp(), served.now.timestamp()))


@pytest.fixture(scope="module")
def real(stored: Kept, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Real]:
    with real_prometheus(tmp_path_factory.mktemp("prometheus"), stored.samples, MOST_SAMPLES) as running:
        yield running


@pytest.fixture(scope="module")
def stand_in(stored: Kept) -> Iterator[str]:
    with serving(PrometheusApi(stored, MOST_SAMPLES).app()) as url:
        yield url


Point = tuple[str, str, datetime]


def read(url: str, queries: Sequence[Query], now: datetime, sampling: Sampling) -> dict[Point, float]:
    """The rows that a pull gives, by their key."""
    with Client(url, name="prometheus", rule=rule) as client:
        rows = [row for page in samples(Pull(client, {}, now), queries, sampling) for row in page.rows]
    found = {(str(r["query"]), str(r["labels"]), r["sampled_at"]): r["value"] for r in rows}
    assert len(found) == len(rows)
    return found  # pyrefly: ignore[bad-return]


def assert_same(ours: Mapping[Point, float], theirs: Mapping[Point, float]) -> None:
    assert ours.keys() == theirs.keys()
    assert ours == pytest.approx(theirs, rel=1e-9, nan_ok=True)


def query(name: str, expression: str) -> Query:
    return Query(name, expression, ("up",))


def test_the_declared_queries_give_the_same_rows(real: Real, stand_in: str) -> None:
    now = ANCHOR - timedelta(days=1) + timedelta(hours=6)
    sampling = Sampling(15 * MINUTE, MINUTE, timedelta(), timedelta(hours=5))
    theirs = read(real.url, QUERIES, now, sampling)
    assert_same(read(stand_in, QUERIES, now, sampling), theirs)
    assert {name for name, _, _ in theirs} == {one.name for one in QUERIES}
    assert any(value == 0 for (name, _, _), value in theirs.items() if name == "up_share")  # the bad night
    assert len({at for _, _, at in theirs}) == 20


def test_a_server_that_scrapes_itself_gives_the_same_rows(real: Real) -> None:
    real.scraped_itself(8)
    queries = (
        query("up", "up"),
        query("infinite", "up / 0"),
        query("none", "(up - 1) / 0"),
        query("requests", "sum by (handler, code) (increase(prometheus_http_requests_total[3s]))"),
        query("rate", 'rate(process_cpu_seconds_total{job="prometheus"}[3s])'),
        query(
            "p90",
            "histogram_quantile(0.9, sum by (handler, le) (rate(prometheus_http_request_duration_seconds_bucket[3s])))",
        ),
        query("mean", "avg_over_time(go_goroutines[3s])"),
        query("counted", 'count without (handler) (prometheus_http_requests_total{handler!~"/api/.*"})'),
    )
    now = datetime.now(UTC)
    sampling = Sampling(SECOND / 2, SECOND / 2, timedelta(), 2 * SECOND)
    selector = '{__name__=~"up|prometheus_http_request.*|process_cpu_seconds_total|go_goroutines",job="prometheus"}'
    kept = Kept(real.raw(selector, 60))
    theirs = read(real.url, queries, now, sampling)
    with serving(PrometheusApi(kept).app()) as url:
        assert_same(read(url, queries, now, sampling), theirs)
    assert {value for (name, _, _), value in theirs.items() if name == "infinite"} == {math.inf}
    assert all(math.isnan(value) for (name, _, _), value in theirs.items() if name == "none")
    assert {name for name, _, _ in theirs} == {one.name for one in queries}


def test_a_window_that_is_too_much_at_once_is_read_in_parts(real: Real, stored: Kept) -> None:
    now = ANCHOR - timedelta(days=1) + timedelta(hours=6)
    sampling = Sampling(MINUTE, MINUTE, timedelta(), timedelta(hours=5))
    everything = query("everything", '{__name__=~"src.*",site_id!=""}')
    asked = {"query": everything.expression, "start": "0", "end": str(MOST_SAMPLES), "step": "5"}
    asked |= {"start": str((now - timedelta(hours=5)).timestamp()), "end": str(now.timestamp())}
    whole = requests.get(f"{real.url}/api/v1/query_range", asked, timeout=20)
    theirs = read(real.url, (everything,), now, sampling)
    with serving(PrometheusApi(stored, 5_000).app()) as url:
        refused = requests.get(f"{url}/api/v1/query_range", asked, timeout=20)
        assert_same(read(url, (everything,), now, sampling), theirs)
    assert (refused.status_code, refused.content) == (whole.status_code, whole.content)
    assert whole.status_code == 422


UP = {"query": "up", "start": "0", "end": "10", "step": "1"}


@pytest.mark.parametrize(
    "asked",
    [
        UP | {"end": str(MOST_STEPS)},
        UP | {"end": str(MOST_STEPS + 1)},
        UP | {"end": str(MOST_STEPS + 0.5)},
        UP | {"start": "20"},
        UP | {"step": "0"},
        UP | {"step": "-1"},
        UP | {"step": ""},
        UP | {"step": "often"},
        UP | {"start": ""},
        UP | {"end": "later"},
        UP | {"query": ""},
        UP | {"query": "up[5m]"},
    ],
)
def test_both_answer_alike_word_for_word(real: Real, stand_in: str, asked: dict[str, str]) -> None:
    for method in ("GET", "POST"):
        where = "params" if method == "GET" else "data"
        answers = [
            requests.request(method, f"{url}/api/v1/query_range", **{where: asked}, timeout=20)  # pyrefly: ignore[bad-argument-type]
            for url in (real.url, stand_in)
        ]
        theirs, ours = ((one.status_code, one.headers["Content-Type"], _compact(one.text)) for one in answers)
        assert ours == theirs


def _compact(text: str) -> str:
    """JSON without the blanks that say nothing."""
    return text.replace(": ", ":").replace(", ", ",")


@pytest.mark.parametrize("wrong", ["up(", "sum(", 'up{site_id="', "up up", "{", "up[", ")", "up + "])
def test_both_refuse_what_is_no_query(real: Real, stand_in: str, wrong: str) -> None:
    theirs, ours = (
        requests.get(f"{url}/api/v1/query_range", UP | {"query": wrong}, timeout=20) for url in (real.url, stand_in)
    )
    assert (ours.status_code, ours.json()["errorType"]) == (theirs.status_code, theirs.json()["errorType"])
    assert "parse error" in ours.json()["error"]
    assert "parse error" in theirs.json()["error"]


def test_both_know_the_names_of_metrics_and_nothing_else(real: Real, stand_in: str) -> None:
    for path, asked in (
        ("/api/v1/label/__name__/values", {"match[]": '{__name__=~"up|src_.*|nothing",job!="prometheus"}'}),
        ("/api/v1/label/__name__/values", {"match[]": '{__name__=~"nothing"}'}),
    ):
        theirs, ours = (requests.get(f"{url}{path}", asked, timeout=20).json() for url in (real.url, stand_in))
        assert ours == theirs
    theirs, ours = (requests.get(f"{url}/api/v1/nothing", timeout=20) for url in (real.url, stand_in))
    assert (
        (ours.status_code, ours.text.strip())
        == (theirs.status_code, theirs.text.strip())
        == (404, "404 page not found")
    )
