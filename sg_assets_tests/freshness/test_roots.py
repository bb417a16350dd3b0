from __future__ import annotations

from sg_assets.freshness.graph import Graph
from sg_assets.freshness.roots import Causes, Root
from sg_assets_tests.freshness.scenes import derived, pull


def diamond() -> Causes:
    """Told of a, b and c, but not yet of d: a explains b and c, and c is a root as well."""
    causes = Causes(Graph.of([pull("a"), derived("b", "a"), derived("c", "a"), derived("d", "b", "c")]))
    causes.tell("a", [], is_root=True)
    causes.tell("b", ["a"], is_root=False)
    causes.tell("c", ["a"], is_root=True)
    return causes


def test_roots_go_by_name_with_the_shortest_way_up() -> None:
    roots = diamond().tell("d", ["c", "b"], is_root=False)
    assert roots == (Root("a", ("d", "b", "a")), Root("c", ("d", "c")))
    assert list(roots.tables) == ["a", "c"]
    assert len(roots) == 2
    assert roots[1].table == "c"
    assert [root.table for root in roots[:1]] == ["a"]


def test_a_root_that_explains_no_table_in_between_is_reached_over_the_inputs() -> None:
    assert diamond().tell("d", [], ["a"], is_root=False) == (Root("a", ("d", "b", "a")),)


def test_a_table_can_be_its_own_root() -> None:
    assert diamond().tell("d", [], is_root=True) == (Root("d", ("d",)),)


def test_no_roots_are_like_an_empty_tuple() -> None:
    none = diamond().tell("d", [], is_root=False)
    assert none == ()
    assert not none


def test_masks_and_names_are_two_ways_to_say_the_same() -> None:
    causes = diamond()
    assert list(causes.named(causes.mask(["c", "nowhere", "b"]))) == ["b", "c"]
