"""The metrics that managed instances expose about their health, as their Prometheus scrapes them every two minutes.

Names and labels are those of Sourcegraph's dashboards reference; `site_id` is an external label of each instance. Times
are unix seconds here, as in Prometheus.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time

from sg_assets.sandbox.company.health import BLOCK, DAY, DISK_BYTES, RESTARTS_AT, Block, Health
from sg_assets.sandbox.company.instances import Instance

SCRAPE, DAY_SECONDS, BLOCK_SECONDS = 120, DAY.total_seconds(), BLOCK.total_seconds()
BUCKETS = (0.25, 1.0, 2.5, 10.0, math.inf)
SEARCH, GRAPHQL = 0.4, 0.6
"""Which share of all requests each of the two routes has."""

Value = Callable[[float], float]
Count = Callable[[Block], float]


@dataclass(frozen=True, slots=True)
class Metric:
    """One series: `value` gives what a scrape reads at an instant. Only `up` is there while the instance is down."""

    labels: Mapping[str, str]
    instance: Instance
    value: Value
    is_always_there: bool = False


@dataclass(frozen=True, slots=True)
class _CountedDay:
    """What a counter reads on a day: the sum since midnight, and from which second on what is added to it."""

    sums: tuple[float, ...]
    added: tuple[tuple[float, float], ...]

    def sum(self, seconds: float) -> float:
        place, rest = divmod(seconds, BLOCK_SECONDS)
        before = self.sums[int(place)]
        return before + (self.sums[int(place) + 1] - before) * (rest / BLOCK_SECONDS) if rest else before

    def read(self, seconds: float) -> float:
        found = 0.0
        for since, added in self.added:
            if since > seconds:
                break
            found = added
        return self.sum(seconds) + found


@dataclass(frozen=True, eq=False)
class HealthMetrics:
    """The series of every managed instance. Days are remembered."""

    health: Health
    _days: dict[tuple[int, date, str], _CountedDay] = field(default_factory=dict)
    _times: dict[tuple[int, int], tuple[tuple[float, ...], tuple[float, ...]]] = field(default_factory=dict)

    def series(self, at: datetime) -> Iterator[Metric]:
        """All series of the instances that run at an instant."""
        for instance in self.health.instances(at):
            yield from self._gauges(instance)
            yield from self._counters(instance)

    def scrapes(self, metric: Metric, start: float, end: float) -> Iterator[float]:
        """When it was scraped with success from an instant to another, both included."""
        for day in range(int(start // DAY_SECONDS), int(end // DAY_SECONDS) + 1):
            every, up = self._scrapes(metric.instance, day)
            yield from (at for at in (every if metric.is_always_there else up) if start <= at <= end)

    def _scrapes(self, one: Instance, day: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """The scrapes of a day, each instance at its own second; all of them, and those at which it was up."""
        key = (one.position, day)
        if key not in self._times:
            first = day * DAY_SECONDS + one.position * 7 % (SCRAPE - 1) + 0.25
            every = tuple(first + place * SCRAPE for place in range(int(DAY_SECONDS / SCRAPE)))
            self._times[key] = every, tuple(at for at in every if self.health.is_up(one, _instant(at)))
        return self._times[key]

    def _gauges(self, one: Instance) -> Iterator[Metric]:
        health, site = self.health, {"site_id": one.site_id}
        frontend = {"__name__": "up", "job": "sourcegraph-frontend", "instance": "sourcegraph-frontend:6060", **site}
        yield Metric(frontend, one, lambda at: float(health.is_up(one, _instant(at))), is_always_there=True)
        for container, share in (("sourcegraph-frontend", 100.0), ("gitserver-0", 60.0)):
            labels = {"job": "cadvisor", "name": container, **site}
            cpu, memory = (f"cadvisor_container_{what}_usage_percentage_total" for what in ("cpu", "memory"))
            yield Metric({"__name__": cpu, **labels}, one, self._cpu(one, share))
            yield Metric({"__name__": memory, **labels}, one, self._memory(one, share))
        gitserver = {"job": "gitserver", "instance": "gitserver-0:6060", **site}
        free = {"__name__": "src_gitserver_disk_space_available", **gitserver}
        yield Metric(free, one, lambda at: float(round(DISK_BYTES * health.disk_free_share(one, _instant(at)))))
        yield Metric({"__name__": "src_gitserver_disk_space_total", **gitserver}, one, lambda _at: float(DISK_BYTES))

    def _cpu(self, one: Instance, share: float) -> Value:
        return lambda at: share * self.health.block(one, _instant(at)).cpu_share

    def _memory(self, one: Instance, share: float) -> Value:
        return lambda at: share * self.health.memory_share(one, _instant(at))

    def _counters(self, one: Instance) -> Iterator[Metric]:
        frontend = {"job": "sourcegraph-frontend", "instance": "sourcegraph-frontend:6060", "site_id": one.site_id}
        for route, code in (("search", "200"), ("search", "500"), ("graphql", "200")):
            labels = {**frontend, "route": route, "code": code, "method": "GET"}
            name = "src_http_request_duration_seconds"
            yield self._counter(one, {"__name__": f"{name}_count", **labels}, _requests(route, code))
            for bound in BUCKETS:
                bucket = {"__name__": f"{name}_bucket", **labels, "le": _bound(bound)}
                yield self._counter(one, bucket, _within(_requests(route, code), bound, "page_seconds"))
        for bound in BUCKETS:
            name = "src_search_streaming_latency_seconds_bucket"
            bucket = {"__name__": name, **frontend, "source": "browser", "le": _bound(bound)}
            yield self._counter(one, bucket, _within(_requests("search", ""), bound, "search_seconds"))

    def _counter(self, one: Instance, labels: Mapping[str, str], count: Count) -> Metric:
        """A counter that grows by `count` a second, and starts anew with the instance: once a day, after an outage.

        It also has parts of a request, so that an hour's increase is what `Health` says, to the last digit.
        """
        name = " ".join(labels.values())
        days: dict[float, _CountedDay] = {}

        def value(at: float) -> float:
            day, seconds = divmod(at, DAY_SECONDS)
            if day not in days:
                days[day] = self._counted(one, name, count, date.fromordinal(_EPOCH + int(day)))
            return days[day].read(seconds)

        return Metric(labels, one, value)

    def _counted(self, one: Instance, name: str, count: Count, day: date) -> _CountedDay:
        key = (one.position, day, name)
        if key not in self._days:
            today, before = self._from_midnight(one, count, day), self._from_midnight(one, count, day - DAY)
            added = [(0.0, before.sums[-1] - before.sum(self._restarts(one, day - DAY)[-1]))]
            added += [(restart, -today.sum(restart)) for restart in self._restarts(one, day)]
            self._days[key] = _CountedDay(today.sums, tuple(added))
        return self._days[key]

    def _from_midnight(self, one: Instance, count: Count, day: date) -> _CountedDay:
        sums = [0.0]
        for block in self.health.blocks(one, day):
            sums.append(sums[-1] + count(block) * BLOCK_SECONDS)
        return _CountedDay(tuple(sums), ())

    def _restarts(self, one: Instance, day: date) -> list[float]:
        """The seconds of a day at which an instance starts anew, in their order."""
        midnight = datetime.combine(day, time(), UTC)
        ends = [(outage.end - midnight).total_seconds() for outage in self.health.outages(one, day)]
        return sorted([RESTARTS_AT * 3600.0, *ends])


def _requests(route: str, code: str) -> Count:
    """How many requests a second there are of a route, of one code where one is given; only searches fail."""
    share = SEARCH if route == "search" else GRAPHQL
    if code == "500":
        return lambda block: share * block.requests_per_second * block.error_share
    if (route, code) == ("search", "200"):
        return lambda block: share * block.requests_per_second * (1 - block.error_share)
    return lambda block: share * block.requests_per_second


def _within(count: Count, bound: float, mean: str) -> Count:
    """How many of them take no longer than so many seconds: the times are spread as waiting times are."""
    return lambda block: count(block) * (1 - math.exp(-bound / float(getattr(block, mean))))


def _bound(bound: float) -> str:
    """A bucket's label, as Go writes numbers."""
    return "+Inf" if math.isinf(bound) else f"{bound:g}"


def _instant(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


_EPOCH = date(1970, 1, 1).toordinal()
