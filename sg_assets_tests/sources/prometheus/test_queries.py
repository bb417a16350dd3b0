"""The declared list: everything in it can be read, and says what it reads."""

from __future__ import annotations

import pytest

from sg_assets.sandbox.promql import Aggregation, Arithmetic, Call, Node, Selector, parse
from sg_assets.sources.prometheus.queries import QUERIES, Query


def metrics(node: Node) -> set[str]:
    """The names of metrics in an expression."""
    match node:
        case Selector(matchers):
            return {one.text for one in matchers if one.label == "__name__"}
        case Call(_, arguments):
            return {name for one in arguments for name in metrics(one)}
        case Aggregation():
            return metrics(node.of)
        case Arithmetic(_, left, right):
            return metrics(left) | metrics(right)
    return set()


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_a_query_names_the_metrics_that_it_reads_and_is_about_instances(query: Query) -> None:
    assert metrics(parse(query.expression)) == set(query.metrics)
    assert "by (site_id" in query.expression


def test_names_are_different_and_say_their_unit() -> None:
    names = [query.name for query in QUERIES]
    assert len(set(names)) == len(names)
    assert all(name.endswith(("_share", "_seconds", "_requests", "_errors")) for name in names)
