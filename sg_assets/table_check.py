"""Checks of a dataset's meaning, as `tables/<dataset>/checks.py` declares them: a query that must find nothing.

Which runs make such a check, and what it holds up, is in `freshness/own_checks.py`; `sound`, which every table has, in
`checks.py`.
"""

from collections.abc import Mapping, Sequence

import dagster as dg

from sg_assets.asset_spec import SESSION, asset_key
from sg_assets.day_snapshot import DAY_ON
from sg_assets.freshness.own_checks import IS_UNANSWERED, QUERY_VERSION, SQL, query_version
from sg_assets.session import Session
from sg_assets.warehouse.contract import WarehouseError

SHOWN = 5
"""Rows that a failed check shows."""


def finds_nothing(table: str, name: str, description: str, sql: str) -> dg.AssetChecksDefinition:
    """A check that fails, and holds what reads its table, as soon as a query finds something.

    Args:
        table: whose check it is, as `dataset.table`.
        name: of the check: what must hold.
        description: what that means, in words.
        sql: BigQuery SQL; each row that it gives is a place where it does not hold, and is shown, so it selects neither
            personal nor secret columns.
    """

    @dg.asset_check(
        asset=asset_key(table),
        name=name,
        description=description,
        blocking=True,
        metadata={SQL: sql},
        required_resource_keys={SESSION},
    )
    def check(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        session: Session = context.resources.session
        asked = {QUERY_VERSION: query_version(sql)}
        try:
            return result(session.warehouse.ask(sql, SHOWN).to_pylist(), asked)
        except WarehouseError as error:  # what reads the table waits
            return dg.AssetCheckResult(passed=False, description=str(error), metadata={**asked, IS_UNANSWERED: True})

    return check


def missing_days(table: str) -> dg.AssetChecksDefinition:
    """The check that a `snapshot: day` table has rows of every day from its first to its last one."""
    sql = f"""
with
written as (
    select distinct {DAY_ON.name}
    from {table}
),

followed as (
    select
        {DAY_ON.name},
        lead({DAY_ON.name}) over (order by {DAY_ON.name}) as next_on
    from written
)

select
    date_add({DAY_ON.name}, interval 1 day) as first_missing_on,
    date_diff(next_on, {DAY_ON.name}, day) - 1 as missing_days
from followed
where date_diff(next_on, {DAY_ON.name}, day) > 1
order by first_missing_on
"""  # noqa: S608 (declared names)
    says = "There are rows of every day from the first to the last one."
    return finds_nothing(table, "no_missing_days", says, sql)


def result(found: Sequence[Mapping[str, object]], metadata: Mapping[str, str]) -> dg.AssetCheckResult:
    """What follows from the first rows that the query found."""
    shown = [", ".join(f"{name} {value}" for name, value in row.items()) for row in found]
    says = "it does not hold: " + "; ".join(shown) if shown else None
    return dg.AssetCheckResult(passed=not found, description=says, metadata=metadata)
