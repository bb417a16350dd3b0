"""Values of PromQL by hand; that they are Prometheus' own is shown against a real server, with the source's tests."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from sg_assets.sandbox.promql import Matcher, parse
from sg_assets.sandbox.promql_values import Evaluation, ExecutionError, Samples, TooManySamplesError


@dataclass(frozen=True)
class Few:
    """Some series, whatever the times asked for."""

    samples: Sequence[Samples]

    def select(self, matchers: Sequence[Matcher], start: float, end: float) -> list[Samples]:
        assert start <= end
        return [one for one in self.samples if all(matcher.holds(one.labels) for matcher in matchers)]


TIMES = (0.0, 60.0, 120.0, 180.0, 240.0)
STORE = Few(
    [
        Samples({"__name__": "c", "pod": "a"}, TIMES, (0, 6, 12, 18, 24)),
        Samples({"__name__": "c", "pod": "b"}, TIMES, (90, 96, 2, 8, 14)),  # started anew after a minute
        Samples({"__name__": "g", "pod": "a"}, TIMES, (1, 2, 3, 4, 5)),
        Samples({"__name__": "g", "pod": "b"}, (0.0,), (10,)),
        Samples({"__name__": "h", "le": "1"}, TIMES, (0, 5, 10, 15, 20)),
        Samples({"__name__": "h", "le": "+Inf"}, TIMES, (0, 10, 20, 30, 40)),
        Samples({"__name__": "h", "le": "5"}, TIMES, (0, 9, 18, 27, 36)),
        Samples({"__name__": "none", "le": "+Inf"}, TIMES, (0, 0, 0, 0, 0)),
        Samples({"__name__": "none", "le": "1"}, TIMES, (0, 0, 0, 0, 0)),
    ]
)


def values(text: str, *grid: float) -> dict[str, list[float | None]]:
    """Values by the labels, written as in PromQL."""
    found = Evaluation(STORE, grid or (240.0,), 1000).series(parse(text))
    return {",".join(f"{name}={text}" for name, text in labels): each for labels, each in found.items()}


def test_the_newest_sample_stands_for_five_minutes() -> None:
    assert values("g", 0, 59, 60, 300, 301, 541) == {
        "__name__=g,pod=a": [1, 1, 2, 5, 5, None],
        "__name__=g,pod=b": [10, 10, 10, 10, None, None],
    }


def test_an_increase_reaches_to_the_ends_of_its_range_and_over_resets() -> None:
    assert values("increase(c[4m])") == {"pod=a": [24], "pod=b": [20]}
    assert values("increase(c[2m])", 180) == {"pod=a": [12], "pod=b": [8]}
    assert values('rate(c{pod="a"}[2m])', 200) == {"pod=a": [0.1]}
    assert values("increase(c[1m])", 30) == {"pod=a": [None], "pod=b": [None]}  # one sample says nothing


def test_an_increase_is_not_drawn_out_below_zero() -> None:
    young = Few([Samples({"__name__": "c"}, (100.0, 160.0), (1, 7))])
    ((increase,),) = Evaluation(young, [160.0], 10).series(parse("increase(c[1h])")).values()
    assert increase == pytest.approx(7)


def test_over_time() -> None:
    assert values('avg_over_time(g{pod="a"}[2m])') == {"pod=a": [4]}
    for name, value in (("min", 3), ("max", 5), ("sum", 12), ("count", 3)):
        assert values(f'{name}_over_time(g{{pod="a"}}[2m])') == {"pod=a": [value]}


def test_series_are_put_together() -> None:
    assert values("sum(g)", 0, 600) == {"": [11, None]}
    assert values("avg by (pod) (g)", 0) == {"pod=a": [1], "pod=b": [10]}
    assert values("max without (pod) (g)", 0) == {"": [10]}
    assert values("count by (le) (h)", 0) == {"le=1": [1], "le=+Inf": [1], "le=5": [1]}


def test_arithmetic_is_that_of_floats() -> None:
    assert values("g / 2 + 1", 0) == {"pod=a": [1.5], "pod=b": [6]}
    assert values("10 - g", 0) == {"pod=a": [9], "pod=b": [0]}
    assert values("c * g", 0) == {"pod=a": [0], "pod=b": [900]}
    assert values("g / 0", 0)["pod=a"] == [math.inf]
    (number,) = values("c / c", 0)["pod=a"]
    assert math.isnan(number or 0)


def test_a_quantile_is_read_between_the_bounds_of_its_bucket() -> None:
    assert values("histogram_quantile(0.25, h)")[""] == [0.5]
    assert values("histogram_quantile(0.7, h)")[""] == [3]
    assert values("histogram_quantile(0.99, h)")[""] == [5]  # beyond the last bound nothing is known
    (nothing,) = values("histogram_quantile(0.9, none)")[""]
    assert math.isnan(nothing or 0)


def test_what_is_too_much_or_unknown_is_refused() -> None:
    with pytest.raises(TooManySamplesError):
        Evaluation(STORE, [240.0], 5).series(parse("c"))
    with pytest.raises(ExecutionError, match="not understood here"):
        values("predict_linear(g[5m], 3600)")
