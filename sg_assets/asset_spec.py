"""How a declared table looks in Dagster: spec, metadata of a materialization, partitions.

The one place that knows Dagster's metadata keys. What a step does is in `raw.py` and `derived.py`.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import dagster as dg

from sg_assets import history_batch, preview
from sg_assets.checks import SOUND
from sg_assets.columns import Classification
from sg_assets.promise import Frozen, Promise
from sg_assets.session import Report, Session
from sg_assets.table import Table
from sg_assets.warehouse import price
from sg_assets.warehouse.price import Metered

if TYPE_CHECKING:
    from sg_assets.warehouse.contract import Outcome, UnsoundError
    from sg_assets.warehouse.state import TableState

FRESH = "fresh"
WHICH_FRESHNESS = (
    "The check `fresh` judges the data: up to when it is complete, through everything above this table. Dagster's own "
    "freshness, beside it, judges when a run last wrote this table, and nothing that was never written; it knows "
    "neither notes nor sources that are not connected any more. Where the two differ, the check is right."
)
SESSION = "session"


def asset_key(name: str) -> dg.AssetKey:
    """`dataset.table` as an asset key."""
    return dg.AssetKey(name.split("."))


def table_name(key: dg.AssetKey) -> str:
    """An asset key as `dataset.table`."""
    return ".".join(key.path)


def sound_key(name: str) -> dg.AssetCheckKey:
    """The key of a table's check `sound`."""
    return dg.AssetCheckKey(asset_key(name), SOUND)


def daily(history_start: date) -> dg.DailyPartitionsDefinition:
    """The days of every partitioned table, today included."""
    return dg.DailyPartitionsDefinition(start_date=history_start.isoformat(), end_offset=1)


def asset_spec(table: Table, partitions: dg.DailyPartitionsDefinition | None, kinds: set[str]) -> dg.AssetSpec:
    """Everything that Dagster shows of a table before it ran."""
    return dg.AssetSpec(
        key=asset_key(table.name),
        deps=[_dep(table, i.table, i.days) for i in table.inputs],
        description=table.description,
        group_name=table.dataset,
        owners=[table.owner],
        kinds=kinds,
        tags={"delivery": str(table.delivery or table.kind), **table.tags},
        code_version=table.code_version or None,
        partitions_def=partitions if table.is_partitioned else None,
        freshness_policy=_native_policy(table.promise),
        metadata=_definition_metadata(table),
    )


def _dep(table: Table, wanted: str, days: tuple[int, int]) -> dg.AssetDep:
    """An input; where a day reads other days than its own, Dagster is told which."""
    if table.is_partitioned and days != (0, 0):
        return dg.AssetDep(
            asset_key(wanted), partition_mapping=dg.TimeWindowPartitionMapping(start_offset=days[0], end_offset=days[1])
        )
    return dg.AssetDep(asset_key(wanted))


def _native_policy(promise: Promise | Frozen) -> dg.FreshnessPolicy | None:
    """Dagster's own policy measures the last materialization and counts every day: wider than ours, never narrower."""
    if isinstance(promise, Frozen):
        return None
    return dg.FreshnessPolicy.time_window(
        fail_window=promise.longest_span(promise.fail), warn_window=promise.longest_span(promise.warn)
    )


def _definition_metadata(table: Table) -> dict[str, object]:
    metadata: dict[str, object] = {
        "dagster/column_schema": dg.TableSchema(
            columns=[
                dg.TableColumn(
                    name=c.name,
                    type=c.type,
                    description=c.description,
                    tags={} if c.classification is Classification.NONE else {"class": str(c.classification)},
                    constraints=dg.TableColumnConstraints(nullable=c.name not in table.key),
                )
                for c in table.columns
            ]
        ),
        "dagster/table_name": table.name,
        "dagster/code_references": _code_reference(table),
        "key": ", ".join(table.key),
        "promise": describe_promise(table.promise),
        "which freshness": WHICH_FRESHNESS,
    }
    if table.sql:
        metadata["sql"] = dg.MetadataValue.md(f"```sql\n{table.sql.strip()}\n```")
    return metadata


def _code_reference(table: Table) -> dg.CodeReferencesMetadataValue:
    """The very file and line of a table's declaration. Dagster calls this feature beta, and warns of it each time."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)
        place = dg.LocalFileCodeReference(file_path=str(table.file), line_number=table.line, label=table.file.name)
        return dg.CodeReferencesMetadataValue(code_references=[place])


def describe_promise(promise: Promise | Frozen) -> str:
    """A promise in words, with why Dagster's own freshness window differs where it does."""
    if isinstance(promise, Frozen):
        return f"frozen: {promise.reason}"
    words = (
        f"brought up to date at `{promise.cron}` ({promise.timezone}); late soon when its data is older than "
        f"{promise.warn}, late when older than {promise.fail}"
    )
    if wider := promise.longest_span(promise.fail) - promise.fail:
        words += (
            f", not counting the days that the cron leaves out. Dagster's own window counts every day and is therefore "
            f"{wider} wider"
        )
    return words


def sound_spec(table: Table) -> dg.AssetCheckSpec:
    """The check `sound`, which is part of the table's own step."""
    return dg.AssetCheckSpec(
        SOUND,
        asset=asset_key(table.name),
        blocking=True,
        description="Key present and unique, not empty where that was declared; judged before anything is published.",
    )


def report_other_days(context: dg.AssetExecutionContext, session: Session, table: Table) -> None:
    """Tell Dagster of the days that a step wrote although they are not among those of its run.

    The days of a run are fixed when it is launched, before anybody knows what its fetches bring.
    """
    state, key, held = session.states[table.name], asset_key(table.name), {"warehouse": session.warehouse.id}
    tags = {"dagster/data_version": state.content_version}
    history_batch.report(
        context,
        [
            dg.AssetMaterialization(
                key,
                partition=day.isoformat(),
                metadata={"dagster/row_count": state.partitions[day].rows, "state_seq": state.seq, **held},
                tags=tags,
            )
            for day in sorted(set(session.days_written(table)) - set(selected_days(context, table)))
        ],
    )


def materialize_result(
    session: Session, table: Table, report: Report, outcome: Outcome, extra: Mapping[str, object] | None = None
) -> dg.MaterializeResult[object]:
    """What a step that went well tells Dagster."""
    state = session.states[table.name]
    metadata: dict[str, Any] = {
        **state_metadata(session.holder_of(table), state),
        "result": str(report.result),
        "reason": report.reason,
        "seconds": report.seconds,
        "rows_changed": outcome.changed_rows,
        "preview": dg.MetadataValue.md(preview.markdown(table, session.warehouse.preview(table.name, preview.ROWS))),
        **(extra or {}),
    }
    if isinstance(session.warehouse, Metered):
        metadata |= price.metadata(session.warehouse.spent(table.name))
    if outcome.notes:
        metadata["notes"] = "; ".join(outcome.notes)
    counts: Mapping[str, Any] = outcome.soundness.counts or {"note": "no rows moved"}
    passed = dg.AssetCheckResult(check_name=SOUND, asset_key=asset_key(table.name), passed=True, metadata=counts)
    return dg.MaterializeResult(
        asset_key=asset_key(table.name),
        metadata=metadata,
        check_results=[passed],
        data_version=dg.DataVersion(state.content_version),
    )


def unsound(table: Table, error: UnsoundError) -> dg.AssetCheckResult:
    """The check `sound` of a step whose rows were not published."""
    return dg.AssetCheckResult(
        asset_key=asset_key(table.name),
        check_name=SOUND,
        passed=False,
        severity=dg.AssetCheckSeverity.ERROR,
        description="; ".join(error.soundness.problems),
        metadata=dict(error.soundness.counts),
    )


def given_up(session: Session, table: Table, error: Exception, come_back_at: datetime | None = None) -> dg.Failure:
    """Account for an expected error that trying again in this run would not help; what is then to be raised."""
    session.failed(table, str(error), come_back_at)
    return dg.Failure(str(error), allow_retries=False)


def state_metadata(warehouse: str, state: TableState) -> dict[str, Any]:
    """A state as metadata of a materialization: also what tells which state of which warehouse Dagster has heard of."""
    return {
        "dagster/row_count": state.rows,
        "data_through": dg.MetadataValue.timestamp(state.data_through) if state.data_through else "never",
        "content_version": state.content_version,
        "state_seq": state.seq,
        "warehouse": warehouse,
    }


def selected_days(context: dg.AssetExecutionContext, table: Table) -> tuple[date, ...]:
    """The days that a person selected in the UI, of a partitioned table; empty where there are none."""
    if not table.is_partitioned:
        return ()  # its run may have days all the same, of others
    if not context.has_partition_key_range and not context.has_partition_key:
        return ()
    window = context.partition_time_window
    first, days = window.start.date(), (window.end.date() - window.start.date()).days
    return tuple(first + timedelta(days=n) for n in range(days))
