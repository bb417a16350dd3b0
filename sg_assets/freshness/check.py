"""The check `fresh`, which every asset has: is its data as current as promised?

Not blocking, and not part of the runs that we launch: a run by hand gets the true verdict from the body here. It is
about data, not runs; the verdict itself is made in `evaluate.py`.
"""

from collections.abc import Iterator

import dagster as dg

from sg_assets.asset_spec import FRESH, asset_key, table_name
from sg_assets.discovery import Project
from sg_assets.environment import Environment
from sg_assets.freshness.evaluate import Verdict, evaluate
from sg_assets.freshness.situation import facts_now

BAD = {"late": dg.AssetCheckSeverity.ERROR, "late_soon": dg.AssetCheckSeverity.WARN}


def fresh(project: Project, env: Environment) -> dg.AssetChecksDefinition:
    """All checks `fresh` as one step, of which a run takes those of its own tables."""

    @dg.multi_asset_check(
        name=FRESH,
        specs=[
            dg.AssetCheckSpec(FRESH, asset=asset_key(table.name), description="Is the data as current as promised?")
            for table in project.graph
        ],
        can_subset=True,
    )
    def check(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        verdicts = evaluate(facts_now(project, env, env.clock()))
        for key in context.selected_asset_check_keys:
            yield check_result(verdicts[table_name(key.asset_key)])

    return check


def check_result(verdict: Verdict) -> dg.AssetCheckResult:
    """A verdict as the result of the check: five questions answered in its metadata."""
    paths = [" <- ".join(root.path) for root in verdict.roots]
    return dg.AssetCheckResult(
        check_name=FRESH,
        asset_key=asset_key(verdict.table),
        passed=verdict.state not in BAD,
        severity=BAD.get(verdict.state, dg.AssetCheckSeverity.WARN),
        description=verdict.reason,
        metadata={
            "state": str(verdict.state),
            "since": dg.MetadataValue.timestamp(verdict.since) if verdict.since else "always",
            "data_through": dg.MetadataValue.timestamp(verdict.data_through) if verdict.data_through else "never",
            "why": "; ".join(paths) or "nothing above it is late",
            "next_expected": dg.MetadataValue.timestamp(verdict.next_expected) if verdict.next_expected else "never",
            "owner": verdict.owner,
        },
    )
