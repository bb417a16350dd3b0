"""The evaluator against the oracle, on random graphs that live random lives."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given, note, settings
from hypothesis import strategies as st

from sg_assets.freshness.evaluate import State, evaluate
from sg_assets_tests.freshness.lives import SECOND, Life
from sg_assets_tests.freshness.oracle import BEGUN, assert_true
from sg_assets_tests.freshness.scenes import HOUR

seeds = st.integers(0, 1 << 40)
INSTANTS = 3  # of each life


@given(seeds)
@settings(max_examples=40 * settings().max_examples)
def test_verdicts_are_what_the_rules_say_read_slowly(seed: int) -> None:
    life = Life(seed)
    for _ in range(INSTANTS):
        note(life.facts)
        assert_true(life.facts)
        life.go_on()


def test_in_these_lives_everything_happens_often() -> None:
    worlds = [Life(seed).facts for seed in range(300)]
    verdicts = [verdict for world in worlds for verdict in evaluate(world).values()]
    states = Counter(verdict.state for verdict in verdicts)
    assert all(states[state] >= 20 for state in State), states
    roots = Counter(len(verdict.roots) for verdict in verdicts)
    assert all(roots[n] >= 20 for n in range(3)), roots


@given(seeds, st.integers(0, 100))
@settings(max_examples=4 * settings().max_examples)
def test_without_new_data_nothing_ever_gets_better(seed: int, hours: int) -> None:
    order = [State.FRESH, State.LATE_SOON, State.NEVER_LANDED, State.LATE]
    world = replace(Life(seed).facts, notes=())
    now, then = (evaluate(replace(world, now=at)) for at in (world.now, world.now + hours * HOUR))
    for name, verdict in now.items():
        if verdict.state in order:
            assert order.index(then[name].state) >= order.index(verdict.state)


@given(seeds)
@settings(max_examples=4 * settings().max_examples)
def test_a_state_that_has_begun_was_so_at_its_first_instant_and_not_before(seed: int) -> None:
    world = replace(Life(seed).facts, notes=())
    for name, verdict in evaluate(world).items():
        if verdict.state in BEGUN and verdict.since is not None:
            began, before = (evaluate(replace(world, now=verdict.since - n * SECOND))[name] for n in (0, 1))
            assert began.state is verdict.state
            assert before.state is not verdict.state
