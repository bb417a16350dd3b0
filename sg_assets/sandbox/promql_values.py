"""What a PromQL tree means for stored samples: a value for each series and each instant of a grid.

The rules, down to how an increase is extrapolated to the ends of its range and how a quantile is read from buckets, are
those of Prometheus 2.42, whose server gives the same numbers for the same samples (there is a test of that).
Source: https://prometheus.io/docs/prometheus/latest/querying/functions/ and its `promql/functions.go`, `quantile.go`.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, pairwise
from typing import Protocol

from sg_assets.sandbox.promql import Aggregation, Arithmetic, Call, Matcher, Node, Number, Selector

LOOK_BACK = 300.0
"""Seconds for which the newest sample stands for what came after it."""
NAME = "__name__"

Labels = tuple[tuple[str, str], ...]
Values = list[float | None]


@dataclass(frozen=True, slots=True)
class Samples:
    """A stored series: its labels, and its samples by rising time, in unix seconds."""

    labels: Mapping[str, str]
    times: Sequence[float]
    values: Sequence[float]


class Store(Protocol):
    """Where samples are kept."""

    def select(self, matchers: Sequence[Matcher], start: float, end: float) -> Sequence[Samples]:
        """The series that meet all matchers, with their samples from start to end, both included."""


class TooManySamplesError(Exception):
    """More samples would be loaded than the server allows."""


class ExecutionError(Exception):
    """The expression can be read, but not be evaluated."""


@dataclass
class Evaluation:
    """One evaluation over a grid of instants; `most_samples` is the server's limit."""

    store: Store
    grid: Sequence[float]
    most_samples: int
    loaded: int = 0

    def series(self, node: Node) -> dict[Labels, Values]:
        """The value of every series at every instant, None where it has none.

        Raises:
            TooManySamplesError, ExecutionError: it cannot be evaluated.
        """
        match node:
            case Number(value):
                return {(): [value] * len(self.grid)}
            case Selector(matchers, None):
                found = self._select(matchers, LOOK_BACK)
                return {_sorted(one.labels): self._at_each(one, LOOK_BACK, _newest) for one in found}
            case Aggregation():
                return _aggregated(node, self.series(node.of))
            case Arithmetic():
                return _combined(node, self.series(node.left), self.series(node.right))
            case Call("histogram_quantile", (Number(share), of)):
                return _quantiles(share, self.series(of))
            case Call(function, (Selector(matchers, float() as seconds),)) if function in _OVER_RANGE:
                over = partial(_over, _OVER_RANGE[function], seconds)
                found = self._select(matchers, seconds)
                return {_unnamed(_sorted(one.labels)): self._at_each(one, seconds, over) for one in found}
        msg = f"not understood here: {node}"
        raise ExecutionError(msg)

    def _at_each(self, one: Samples, seconds: float, value: Callable[[Samples, float], float | None]) -> Values:
        """The value at every instant of the grid; where no sample is near, it is not even looked for."""
        if not one.times:
            return [None] * len(self.grid)
        begin, end = bisect_left(self.grid, one.times[0]), bisect_right(self.grid, one.times[-1] + seconds)
        near = [value(one, at) for at in self.grid[begin:end]]
        return [None] * begin + near + [None] * (len(self.grid) - end)

    def _select(self, matchers: Sequence[Matcher], seconds: float) -> Sequence[Samples]:
        found = self.store.select(matchers, self.grid[0] - seconds, self.grid[-1])
        self.loaded += sum(len(one.times) for one in found)
        if self.loaded > self.most_samples:
            raise TooManySamplesError
        return found


Reduce = Callable[[Sequence[float], Sequence[float], float, float], float | None]


def _newest(one: Samples, at: float) -> float | None:
    place = bisect_right(one.times, at)
    return one.values[place - 1] if place and one.times[place - 1] >= at - LOOK_BACK else None


def _over(reduce: Reduce, seconds: float, one: Samples, at: float) -> float | None:
    """A function of the samples of a range, both its ends included."""
    begin, end = bisect_left(one.times, at - seconds), bisect_right(one.times, at)
    return reduce(one.times[begin:end], one.values[begin:end], at, seconds) if begin < end else None


def _increase(times: Sequence[float], values: Sequence[float], at: float, seconds: float) -> float | None:
    """How much a counter grew, over resets, extrapolated to the ends of the range."""
    return _extrapolated(times, values, at, seconds, per=1)


def _rate(times: Sequence[float], values: Sequence[float], at: float, seconds: float) -> float | None:
    return _extrapolated(times, values, at, seconds, per=seconds)


def _extrapolated(
    times: Sequence[float], values: Sequence[float], at: float, seconds: float, *, per: float
) -> float | None:
    if len(values) < 2:
        return None
    grown = values[-1] - values[0]
    grown += sum(before for before, after in pairwise(values) if after < before)
    # Prometheus counts in milliseconds; differences of seconds as floats are off by less.
    to_start, to_end = round(times[0] - (at - seconds), 3), round(at - times[-1], 3)
    span = round(times[-1] - times[0], 3)
    between = span / (len(values) - 1)
    if grown > 0 and values[0] >= 0:
        to_start = min(to_start, span * (values[0] / grown))  # a counter was never below zero
    wide = span + (to_start if to_start < 1.1 * between else between / 2)
    wide += to_end if to_end < 1.1 * between else between / 2
    return grown * (wide / span / per)  # in this order, so that ties in a histogram fall as they do there


_OVER_RANGE: Mapping[str, Reduce] = {
    "increase": _increase,
    "rate": _rate,
    "avg_over_time": lambda _t, values, _at, _s: sum(values) / len(values),
    "sum_over_time": lambda _t, values, _at, _s: sum(values),
    "min_over_time": lambda _t, values, _at, _s: min(values),
    "max_over_time": lambda _t, values, _at, _s: max(values),
    "count_over_time": lambda _t, values, _at, _s: float(len(values)),
}


def _aggregated(node: Aggregation, of: Mapping[Labels, Values]) -> dict[Labels, Values]:
    groups: dict[Labels, list[Values]] = {}
    for labels, values in of.items():
        kept = tuple(
            (name, text) for name, text in labels if name != NAME and (name in node.labels) is not node.is_without
        )
        groups.setdefault(kept, []).append(values)
    return {kept: [_put_together(node.operator, at) for at in zip(*many, strict=True)] for kept, many in groups.items()}


def _put_together(operator: str, at: Sequence[float | None]) -> float | None:
    there = [value for value in at if value is not None]
    if not there:
        return None
    if operator in {"min", "max"}:
        numbers = [value for value in there if not math.isnan(value)]
        return (min if operator == "min" else max)(numbers, default=math.nan)
    return float(len(there)) if operator == "count" else sum(there) / (len(there) if operator == "avg" else 1)


def _combined(node: Arithmetic, left: Mapping[Labels, Values], right: Mapping[Labels, Values]) -> dict[Labels, Values]:
    """Two numbers, a number and every series, or series of the same labels."""
    if isinstance(node.left, Number) and not isinstance(node.right, Number):
        pairs = [(labels, left[()], values) for labels, values in right.items()]
    elif isinstance(node.right, Number):
        pairs = [(labels, values, right[()]) for labels, values in left.items()]
    else:
        others = {_unnamed(labels): values for labels, values in right.items()}
        both = [labels for labels in left if _unnamed(labels) in others]
        pairs = [(labels, left[labels], others[_unnamed(labels)]) for labels in both]
    operator = node.operator
    return {
        _unnamed(labels): [_arithmetic(operator, x, y) for x, y in zip(a, b, strict=True)] for labels, a, b in pairs
    }


def _arithmetic(operator: str, x: float | None, y: float | None) -> float | None:
    if x is None or y is None:
        return None
    match operator:
        case "+":
            return x + y
        case "-":
            return x - y
        case "*":
            return x * y
    if y == 0:  # as floats are divided, which Python refuses
        return math.nan if x == 0 or math.isnan(x) else math.copysign(math.inf, x) * math.copysign(1, y)
    return x / y


def _quantiles(share: float, of: Mapping[Labels, Values]) -> dict[Labels, Values]:
    """The quantile of every histogram, whose buckets are the series that differ in `le` alone."""
    histograms: dict[Labels, list[tuple[float, Values]]] = {}
    for labels, values in of.items():
        rest = tuple((name, text) for name, text in labels if name not in {"le", NAME})
        histograms.setdefault(rest, []).append((float(dict(labels)["le"]), values))
    found = {}
    for rest, buckets in histograms.items():
        buckets.sort(key=lambda bucket: bucket[0])
        bounds = [bound for bound, _ in buckets]
        found[rest] = [
            _quantile(share, [(b, c) for b, c in zip(bounds, counts, strict=True) if c is not None])
            for counts in zip(*(values for _, values in buckets), strict=True)
        ]
    return found


def _quantile(share: float, buckets: Sequence[tuple[float, float]]) -> float | None:
    """The share-quantile of observations that are spread evenly within each bucket; counts are cumulative.

    A count below that of a smaller bucket, which different scrapes can cause, is raised to it.
    """
    if not buckets:
        return None
    if len(buckets) < 2 or buckets[-1][0] != math.inf or not buckets[-1][1] > 0:
        return math.nan
    buckets = [
        (bound, most) for (bound, _), most in zip(buckets, accumulate((c for _, c in buckets), max), strict=True)
    ]
    rank = share * buckets[-1][1]
    place = next((i for i, (_, count) in enumerate(buckets[:-1]) if count >= rank), len(buckets) - 1)
    if place == len(buckets) - 1:
        return buckets[-2][0]
    (below, less) = buckets[place - 1] if place else (0.0, 0.0)
    bound, count = buckets[place]
    return below + (bound - below) * ((rank - less) / (count - less))


def _sorted(labels: Mapping[str, str]) -> Labels:
    return tuple(sorted(labels.items()))


def _unnamed(labels: Labels) -> Labels:
    return tuple((name, text) for name, text in labels if name != NAME)
