"""Health of the managed instances, from a Prometheus server: the answers to a declared list of queries, over time.

What is asked is in `queries.py`, how a range of time is read in `samples.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from http import HTTPStatus

from sg_assets.columns import Column
from sg_assets.examination import Finding, beyond, look
from sg_assets.http import Client, Fail, Reply, Ruling
from sg_assets.promise import HOUR, Promise
from sg_assets.source import Page, Pull, Right, Source, Variable
from sg_assets.sources.prometheus.queries import QUERIES
from sg_assets.sources.prometheus.samples import NAMES, RANGE, Sampling, samples

FLAGS = "/api/v1/status/flags"
OPEN = {
    "web.enable-admin-api": "delete series",
    "web.enable-lifecycle": "stop the server",
    "web.enable-remote-write-receiver": "write samples",
}
"""Flags of the server, each with what everybody may do who reaches it: Prometheus itself knows no rights."""
SAMPLING = Sampling(timedelta(minutes=15), timedelta(minutes=5), timedelta(hours=1), timedelta(days=15))


def connect(base_url: str, settings: Mapping[str, str]) -> Client:
    """A client; Prometheus itself asks for no credential, a proxy in front of it may."""
    token = settings.get("SG_PROMETHEUS_TOKEN", "")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return Client(base_url, name="prometheus", headers=headers, secrets=[token], rule=rule)


def rule(reply: Reply, _now: datetime) -> Ruling | None:
    """What Prometheus means, where the status alone advises nothing: the server cannot answer this query at all."""
    if reply.status in (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY):
        return Fail("Correct the query in sources/prometheus.py, or raise the server's limit that it names.")
    return None


prometheus = Source(
    name="prometheus",
    description="Health of the managed instances, as their Prometheus sees it.",
    owner="team:analytics",
    promise=Promise("*/15 * * * *", warn=HOUR, fail=2 * HOUR),
    connect=connect,
    variables=(
        Variable("SG_PROMETHEUS_TOKEN", "Bearer token for a proxy in front of Prometheus.", is_secret=True, default=""),
    ),
    known_delay=SAMPLING.step + SAMPLING.settled,
    needs=(
        Right(f"GET and POST {RANGE}, GET {NAMES}", "the proxy in front of the server", "ask the declared queries"),
    ),
    excess=f"Asks whether the server lets everybody change it who reaches it ({FLAGS}), if the proxy shows that.",
)

COLUMNS = (
    Column("query", "STRING", "Name of the query in sources/prometheus.py, with its unit: _share is 0 to 1."),
    Column("series_id", "STRING", "SHA-256 (hex) of `labels`: which of the query's series it is."),
    Column("sampled_at", "TIMESTAMP", "Instant that the query was evaluated at; it covers the 15 minutes before."),
    Column("site_id", "STRING", "Instance that the series is about; null where it has no such label."),
    Column("labels", "JSON", "All labels of the series, in the order of their names."),
    Column("value", "FLOAT64", "Value; may be NaN (nothing to divide by) or infinite. Null for a native histogram."),
    Column("histogram", "JSON", "Native histogram as Prometheus gives it; null for plain values."),
    Column("warnings", "ARRAY<STRING>", "What the server warned of in the answer that this came in; empty when sure."),
    Column("infos", "ARRAY<STRING>", "What else it remarked in that answer."),
)


@prometheus.pull(columns=COLUMNS, key=("query", "series_id", "sampled_at"))
def metric_sample(pull: Pull) -> Iterator[Page]:
    """One row per declared query, series and quarter of an hour: how a managed instance was doing.

    Up to 15 days are read at first, as far as the server keeps them. The newest hour is read again each time.
    """
    yield from samples(pull, QUERIES, SAMPLING)


@prometheus.examine
def examine(http: Client, _settings: Mapping[str, str]) -> Iterator[Finding]:
    """Whether queries are answered, and which of the metrics that we read are there."""
    known: set[str] = set()
    yield (found := look("query API", lambda: known.update(http.get_json(NAMES)["data"])))
    for metric in sorted({metric for query in QUERIES for metric in query.metrics}) if found.is_permitted else ():
        is_known = metric in known
        yield Finding(metric, is_known, "" if is_known else "no such metric: scrape it, or correct the query.")
    advice = "Let the proxy give us only the paths that we need, or switch the server's flag off."
    yield from beyond(lambda: _open(http), advice)


def _open(http: Client) -> list[str]:
    """What the server lets everybody do: https://prometheus.io/docs/prometheus/latest/querying/api/#flags."""
    flags = http.get_json(FLAGS)["data"]
    return [may for flag, may in OPEN.items() if flags.get(flag) == "true"]
