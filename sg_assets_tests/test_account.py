from dataclasses import replace

from sg_assets.account import Account, left_out, unreached
from sg_assets.freshness.plan import Target, plan
from sg_assets.session import Report, Result
from sg_assets_tests.freshness.scenes import AT_SIX, DAY, derived, facts, pull, state

BUILT, FAILED, BLOCKED = Result.BUILT, Result.FAILED, Result.BLOCKED
TABLES = [pull("r.a"), pull("r.b"), derived("d.x", "r.a"), derived("d.y", "d.x", "r.b")]


def test_an_account_has_failed_when_a_table_is_not_as_it_was_asked_to_be() -> None:
    assert not Account("run", 1, (Report("a", BUILT), Report("b", Result.SKIPPED))).has_failed
    assert Account("run", 1, (Report("a", BUILT), Report("b", FAILED))).has_failed
    assert Account(None, 1, (Report("a", BLOCKED),)).has_failed


def test_what_was_not_reached_is_blocked_by_what_failed_above_it() -> None:
    graph = facts(TABLES).graph
    found = unreached("d.y", graph, [Report("r.a", FAILED), Report("r.b", BUILT)], {})
    assert (found.result, found.reason) == (BLOCKED, "r.a failed in this run")
    held = unreached("d.y", graph, [Report("d.x", BUILT)], {"d.x": "its check x failed", "d.z": "other"})
    assert (held.result, held.reason) == (BLOCKED, "d.x: its check x failed")


def test_what_was_not_reached_although_nothing_above_it_failed_has_failed_with_the_run() -> None:
    found = unreached("d.x", facts(TABLES).graph, [Report("r.b", FAILED)], {"d.y": "below"})
    assert (found.result, found.reason) == (FAILED, "the run ended before its turn; its page in Dagster says why")


def test_what_was_named_and_cannot_be_brought_up_to_date_is_told_with_why() -> None:
    told = facts(TABLES, [state("r.a", AT_SIX - DAY)], unconnected={"r.b": "SG_B_TOKEN is not set"})
    target = Target.refresh(["d.y", "d.x"], upstream="none")
    assert left_out(told, target, plan(told, target)) == [Report("d.y", BLOCKED, reason="SG_B_TOKEN is not set")]
    held = replace(told, unconnected={}, failed_checks={"r.a": "its check x failed"})
    assert left_out(held, target, plan(held, target)) == [
        Report("d.x", BLOCKED, reason="r.a: its check x failed"),
        Report("d.y", BLOCKED, reason="d.x never landed"),
    ]


def test_of_everything_nothing_is_left_out() -> None:
    told = facts(TABLES, [], unconnected={"r.b": "SG_B_TOKEN is not set"})
    assert left_out(told, Target.refresh(), plan(told, Target.refresh())) == []
