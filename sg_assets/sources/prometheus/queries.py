"""What Prometheus is asked about the health of instances: the declared list, which is all that is read from it.

Each query summarises the 15 minutes before an instant. Counters are read by `increase()` and `rate()`, which know that
they start anew when an instance does.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Query:
    """One thing to be asked: `expression` is PromQL, `metrics` are the names that it reads."""

    name: str
    expression: str
    metrics: tuple[str, ...]


# Names and labels of metrics: Sourcegraph's dashboards reference. The label site_id is given by the managed instances'
# own configuration of Prometheus, as an external label.
_LATENCY = "histogram_quantile(0.9, sum by (site_id, le) (rate({}[15m])))"
QUERIES = (
    Query("up_share", 'avg by (site_id) (avg_over_time(up{job="sourcegraph-frontend"}[15m]))', ("up",)),
    Query(
        "cpu_share",
        "avg by (site_id) (avg_over_time(cadvisor_container_cpu_usage_percentage_total[15m])) / 100",
        ("cadvisor_container_cpu_usage_percentage_total",),
    ),
    Query(
        "memory_share",
        "max by (site_id) (max_over_time(cadvisor_container_memory_usage_percentage_total[15m])) / 100",
        ("cadvisor_container_memory_usage_percentage_total",),
    ),
    Query(
        "gitserver_disk_free_share",
        "min by (site_id) (min_over_time(src_gitserver_disk_space_available[15m])"
        " / max_over_time(src_gitserver_disk_space_total[15m]))",
        ("src_gitserver_disk_space_available", "src_gitserver_disk_space_total"),
    ),
    Query(
        "http_requests",
        "sum by (site_id) (increase(src_http_request_duration_seconds_count[15m]))",
        ("src_http_request_duration_seconds_count",),
    ),
    Query(
        "http_errors",
        'sum by (site_id) (increase(src_http_request_duration_seconds_count{code=~"5.."}[15m]))',
        ("src_http_request_duration_seconds_count",),
    ),
    Query(
        "page_load_p90_seconds",
        _LATENCY.format('src_http_request_duration_seconds_bucket{route!="raw",route!="blob",route!~"graphql.*"}'),
        ("src_http_request_duration_seconds_bucket",),
    ),
    Query(
        "search_p90_seconds",
        _LATENCY.format('src_search_streaming_latency_seconds_bucket{source="browser"}'),
        ("src_search_streaming_latency_seconds_bucket",),
    ),
)
