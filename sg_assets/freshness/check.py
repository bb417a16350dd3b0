"""The check `fresh`, which every asset has: is its data as current as promised?

Not blocking, and not part of the runs that we launch: the watch writes it, when the verdict changes; a run by hand gets
the true verdict from the body here. It is about data, not runs; the verdict itself is made in `evaluate.py`.
"""

from collections.abc import Iterator
from datetime import datetime

import dagster as dg

from sg_assets.asset_spec import FRESH, asset_key, table_name
from sg_assets.discovery import Project
from sg_assets.environment import Environment
from sg_assets.freshness.evaluate import Verdict, evaluate
from sg_assets.freshness.facts import Facts
from sg_assets.freshness.notes import Note
from sg_assets.freshness.situation import facts_now
from sg_assets.freshness.trouble import Judged
from sg_assets.table import Delivery

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
        facts = facts_now(project, env, env.clock(), context.instance)
        verdicts = evaluate(facts)
        for key in context.selected_asset_check_keys:
            yield check_result(verdicts[table_name(key.asset_key)], facts)

    return check


def check_result(verdict: Verdict, facts: Facts) -> dg.AssetCheckResult:
    """A verdict as the result of the check in a run by hand."""
    return dg.AssetCheckResult(
        check_name=FRESH,
        asset_key=asset_key(verdict.table),
        passed=verdict.state not in BAD,
        severity=BAD.get(verdict.state, dg.AssetCheckSeverity.WARN),
        description=verdict.reason,
        metadata=answers(verdict, facts),
    )


def check_evaluation(verdict: Verdict, facts: Facts, about: Judged | None) -> dg.AssetCheckEvaluation:
    """A verdict as an event of its own, without a run, about a materialization.

    It has to say which: else Dagster compares times of whole seconds, and shows none of a table that was just built.
    """
    return dg.AssetCheckEvaluation(
        check_name=FRESH,
        asset_key=asset_key(verdict.table),
        passed=verdict.state not in BAD,
        severity=BAD.get(verdict.state, dg.AssetCheckSeverity.WARN),
        description=verdict.reason,
        metadata=answers(verdict, facts),
        blocking=False,
        target_materialization_data=about,
    )


def answers(verdict: Verdict, facts: Facts) -> dict[str, dg.MetadataValue | str]:
    """Is it fresh, since when not, why, what happens next and when, and who owns it."""
    paths = [" <- ".join(root.path) for root in verdict.roots]
    return {
        "state": str(verdict.state),
        "since": _instant(verdict.since, "always"),
        "data_through": _instant(verdict.data_through, "never"),
        "why": "; ".join(paths) or "nothing above it is late",
        "next": _next(verdict, facts),
        "next_expected": _instant(verdict.next_expected, "never"),
        "owner": verdict.owner,
        **({"note": _note(verdict.note)} if verdict.note else {}),
    }


def _note(note: Note) -> str:
    return f"{note.author}, until {note.until:%Y-%m-%d %H:%M} UTC: {note.reason}"


def _next(verdict: Verdict, facts: Facts) -> str:
    """What happens next, by itself."""
    table, held = facts.graph[verdict.table], facts.held.get(verdict.table)
    if held is not None and held > facts.now:
        return f"the keeper tries it again after {held:%Y-%m-%d %H:%M} UTC"
    if verdict.state not in BAD:
        return "its next update is at its promise's next tick" if verdict.next_expected else "nothing"
    above = sorted(root.table for root in verdict.roots if root.table != verdict.table)
    if above:
        return f"it follows as soon as {', '.join(above)} moved on"
    if table.delivery is Delivery.WATCHED:
        return "its owner's system has to write it; the lookout looks every minute"
    return "the keeper fetches it again" if table.is_raw else "the keeper builds it as soon as its inputs allow"


def _instant(at: datetime | None, otherwise: str) -> dg.MetadataValue | str:
    return otherwise if at is None else dg.MetadataValue.timestamp(at)
