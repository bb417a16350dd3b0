"""A check of our own beside those that every table has: what it holds up, in its run and later, and who says so."""

import dagster as dg
import pytest

from sg_assets.asset_spec import asset_key, sound_key
from sg_assets.discovery import own_checks
from sg_assets.freshness.evaluate import evaluate
from sg_assets.freshness.graph import GraphError
from sg_assets.freshness.own_checks import failed, requested
from sg_assets.freshness.plan import Target, plan
from sg_assets.session import Result
from sg_assets_tests.mini import HOUR, NOON, Mini, results, thing

THING, LEFT, DIAMOND = "raw_mini.thing", "m.left", "m.diamond"
CHECK = """
from pathlib import Path
import dagster as dg

@dg.asset_check(asset=["m", "left"], blocking=True)
def enough() -> dg.AssetCheckResult:
    wrong = Path(__file__).with_name("wrong.txt")
    return dg.AssetCheckResult(passed=not wrong.exists(), description="too few")
"""
KEY = dg.AssetCheckKey(asset_key(LEFT), "enough")
WHY = "its check enough failed: too few"


@pytest.fixture
def checked(built: Mini) -> Mini:
    """A built project with a check of its own, which passed."""
    (built.tables / "m" / "checks.py").write_text(CHECK)
    built.__dict__.pop("project", None)
    built.refresh(LEFT, full=True)
    return built


def break_it(mini: Mini) -> None:
    """What is built from now on fails the check."""
    (mini.tables / "m" / "wrong.txt").touch()
    mini.later(HOUR)
    mini.vendor.things.append(thing(3, "cog", mini.now.date()))


def mend_it(mini: Mini) -> None:
    (mini.tables / "m" / "wrong.txt").unlink()


def test_it_is_part_of_every_run_of_its_table_that_we_launch(checked: Mini) -> None:
    assert requested(checked.project, [LEFT, DIAMOND]) == [sound_key(LEFT), sound_key(DIAMOND), KEY]
    assert requested(checked.project, [DIAMOND]) == [sound_key(DIAMOND)]
    record = checked.history.get_latest_asset_check_evaluation_record(KEY)
    assert record
    assert record.status.value == "SUCCEEDED"
    assert failed(checked.project, checked.history) == {}


def test_where_it_fails_what_reads_its_table_is_not_built_in_that_run_and_the_account_says_why(checked: Mini) -> None:
    break_it(checked)
    account = checked.refresh(DIAMOND)
    assert results(account) == {
        THING: Result.BUILT, "m.right": Result.BUILT, LEFT: Result.BUILT, DIAMOND: Result.BLOCKED
    }  # fmt: skip
    assert account.tables[-1].reason == f"{LEFT}: {WHY}"
    assert checked.rows("select count(*) from m.diamond") == [(2,)], "it stays at its last good version"


def test_later_runs_wait_too_and_the_verdicts_name_it_as_the_root(checked: Mini) -> None:
    break_it(checked)
    checked.refresh()
    facts = checked.facts
    assert facts.failed_checks == {LEFT: WHY}
    assert plan(facts, Target.keeper()).waiting == {DIAMOND: f"{LEFT}: {WHY}"}
    again = checked.refresh(DIAMOND)
    assert (again.run_id, results(again), again.has_failed) == (None, {DIAMOND: Result.BLOCKED}, True)
    checked.later(8 * HOUR)
    checked.refresh(THING, "m.right")
    verdict = evaluate(checked.facts)[DIAMOND]
    assert verdict.state == "late"
    assert LEFT in {root.table for root in verdict.roots}
    assert f"{LEFT} ({WHY})" in verdict.reason


def test_what_waited_is_built_as_soon_as_it_passes(checked: Mini) -> None:
    break_it(checked)
    checked.refresh()
    mend_it(checked)
    assert results(checked.refresh(LEFT, full=True)) == {LEFT: Result.BUILT}
    assert checked.facts.failed_checks == {}
    assert results(checked.refresh(DIAMOND)) == {DIAMOND: Result.BUILT}


def test_a_judgement_of_an_older_version_holds_nothing(checked: Mini) -> None:
    break_it(checked)
    checked.refresh()
    checked.run(LEFT, checks=[sound_key(LEFT)])  # by hand, and nobody looked at it
    assert checked.facts.failed_checks == {}


def test_one_that_would_hold_nothing_in_its_own_run_is_refused(built: Mini) -> None:
    (built.tables / "m" / "checks.py").write_text(CHECK.replace("blocking=True", "blocking=False"))
    with pytest.raises(GraphError, match=r"m/checks\.py: the check enough must be blocking=True"):
        own_checks(built.tables)


def test_a_table_whose_step_failed_its_check_stays_as_it_was_and_is_the_root_with_the_reason(built: Mini) -> None:
    built.vendor.things.append(thing(9, "bolt", NOON.date()))
    built.later(9 * HOUR)  # m.left promises one row for a name
    assert results(built.refresh(LEFT)) == {THING: Result.BUILT, LEFT: Result.FAILED}
    assert built.rows("select count(*) from m.left") == [(2,)]
    verdicts = evaluate(built.facts)
    assert [root.table for root in verdicts[LEFT].roots] == [LEFT]
    assert verdicts[LEFT].reason.endswith("1 rows repeat a key (name)")
    assert LEFT in {root.table for root in verdicts[DIAMOND].roots}
    assert built.env.operations.attempts()[LEFT].reason.endswith("1 rows repeat a key (name)")
