"""The check `fresh`: the verdict, as Dagster shows it."""

import dagster as dg
import pytest

from sg_assets.asset_spec import FRESH, asset_key, sound_key
from sg_assets.freshness.check import check_result
from sg_assets.freshness.evaluate import evaluate
from sg_assets.freshness.roots import Root
from sg_assets.freshness.verdict import State, Verdict
from sg_assets_tests.freshness.scenes import NOON as AT_NOON
from sg_assets_tests.freshness.scenes import derived, facts
from sg_assets_tests.mini import HOUR, NOON, Mini

TABLE = derived("m.t")


def test_a_run_by_hand_gives_the_true_verdict(built: Mini) -> None:
    built.later(7 * HOUR)  # the source's promise is broken
    run = built.run("m.left", "m.listed")
    assert run.success  # it does not block
    found = {e.asset_key: e for e in run.get_asset_check_evaluations() if e.check_name == FRESH}
    verdicts = evaluate(built.facts)
    assert set(found) == {asset_key("m.left"), asset_key("m.listed")}
    left, listed = found[asset_key("m.left")], found[asset_key("m.listed")]
    assert (left.passed, left.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert left.description == verdicts["m.left"].reason
    assert left.metadata["state"].value == "late_soon"
    assert left.metadata["why"].value == "m.left <- raw_mini.thing"
    assert listed.passed


def test_a_run_that_names_its_checks_leaves_this_one_out(built: Mini) -> None:
    run = built.run("m.left", checks=[sound_key("m.left")])
    assert [evaluation.check_name for evaluation in run.get_asset_check_evaluations()] == ["sound"]


@pytest.mark.parametrize(
    ("state", "passed", "severity"),
    [
        (State.FRESH, True, "WARN"),
        (State.LATE_SOON, False, "WARN"),
        (State.LATE, False, "ERROR"),
        (State.NEVER_LANDED, True, "WARN"),
        (State.NOTED, True, "WARN"),
        (State.FROZEN, True, "WARN"),
        (State.NOT_CONNECTED, True, "WARN"),
    ],
)
def test_only_what_is_late_is_red_and_what_is_late_soon_yellow(state: State, passed: object, severity: str) -> None:
    result = check_result(Verdict("m.t", state, "team:x", reason="so it is"), facts([TABLE]))
    assert (result.passed, result.severity.value, result.description) == (passed, severity, "so it is")
    assert (result.asset_key, result.check_name) == (asset_key("m.t"), FRESH)


def test_it_answers_what_since_when_how_far_why_what_next_and_whom_to_ask() -> None:
    roots = [Root("raw_a.x", ("m.t", "raw_a.x")), Root("m.t", ("m.t",))]
    verdict = Verdict(
        "m.t", State.LATE, "team:x", since=NOON, data_through=NOON - HOUR, roots=roots, next_expected=NOON + HOUR
    )
    assert {
        name: value.value
        for name, value in check_result(verdict, facts([TABLE], held={"m.t": AT_NOON + HOUR})).metadata.items()
    } == {
        "state": "late",
        "since": NOON.timestamp(),
        "data_through": (NOON - HOUR).timestamp(),
        "why": "m.t <- raw_a.x; m.t",
        "next": "the keeper tries it again after 2026-11-18 13:00 UTC",
        "next_expected": (NOON + HOUR).timestamp(),
        "owner": "team:x",
    }
    frozen = check_result(Verdict("m.t", State.FROZEN, "x"), facts([TABLE]))
    unknown = {name: value.value for name, value in frozen.metadata.items()}
    assert (unknown["since"], unknown["data_through"], unknown["next_expected"]) == ("always", "never", "never")
    assert unknown["why"] == "nothing above it is late"
