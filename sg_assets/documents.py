"""The JSON documents of the command line: stable field names, times in RFC 3339 UTC, seconds as numbers.

One function a document; programs rely on these shapes, people read `show.py`.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sg_assets.development import FROM_PRODUCTION
from sg_assets.estimate import total
from sg_assets.promise import Frozen, Promise

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping

    from sg_assets.account import Account
    from sg_assets.doctor import Diagnosis
    from sg_assets.estimate import Estimate
    from sg_assets.freshness.evaluate import Verdict
    from sg_assets.freshness.notes import Note
    from sg_assets.freshness.plan import Plan
    from sg_assets.heartbeat import Heartbeat
    from sg_assets.session import Report
    from sg_assets.table import Table
    from sg_assets.warehouse.readcopy import Answer
    from sg_assets.warehouse.state import TableState

Document = dict[str, object]


def rfc3339(instant: datetime | None) -> str | None:
    """An instant as text: `2026-11-21T15:00:00Z`."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z") if instant else None


def promise(made: Promise | Frozen | None) -> Document | None:
    """A promise; None where the table is frozen."""
    if not isinstance(made, Promise):
        return None
    return {
        "cron": made.cron,
        "timezone": made.timezone,
        "warn_seconds": int(made.warn.total_seconds()),
        "fail_seconds": int(made.fail.total_seconds()),
    }


def table(declared: Table) -> Document:
    """One table of `tables list`."""
    return {
        "table": declared.name,
        "kind": declared.kind,
        "delivery": str(declared.delivery) if declared.delivery else None,
        "source": declared.source,
        "deps": [i.table for i in declared.inputs],
        "owner": declared.owner,
        "description": declared.description,
        "promise": promise(declared.promise),
        "partitioned": declared.is_partitioned,
        "key": list(declared.key),
        "columns": [
            {"name": c.name, "type": c.type, "description": c.description, "class": str(c.classification)}
            for c in declared.columns
        ],
        "file": str(declared.file),
    }


def table_in_full(declared: Table) -> Document:
    """One table of `tables list --full`: with everything that decides its rows."""
    frozen = declared.promise.reason if isinstance(declared.promise, Frozen) else None
    return {
        **table(declared),
        "inputs": [
            {"table": i.table, "lookup": i.is_lookup, "optional": i.is_optional, "days": list(i.days)}
            for i in declared.inputs
        ],
        "sql": declared.sql or None,
        "mode": str(declared.mode) if declared.mode else None,
        "partition": declared.partition,
        "cluster": list(declared.cluster),
        "open_days": declared.open_days if declared.is_partitioned else None,
        "snapshot": "day" if declared.is_day_snapshot else None,
        "not_empty": not declared.may_be_empty,
        "frozen": frozen,
        "tags": dict(declared.tags),
    }


def note(made: Note) -> Document:
    """One note of `note list`, and of a table of `status`."""
    return {
        "id": made.id,
        "tables": list(made.tables),
        "author": made.author,
        "reason": made.reason,
        "from": rfc3339(made.start),
        "until": rfc3339(made.until),
        "ended_at": rfc3339(made.ended_at),
    }


def orphan(state: TableState) -> Document:
    """One table of `tables list --orphans`: its data as it was left."""
    return {
        "table": state.table,
        "rows": state.rows,
        "data_through": rfc3339(state.data_through),
        "built_at": rfc3339(state.built_at),
    }


def verdict(found: Verdict) -> Document:
    """One table of `status`."""
    return {
        "table": found.table,
        "state": str(found.state),
        "since": rfc3339(found.since),
        "data_through": rfc3339(found.data_through),
        "lag_seconds": found.lag.total_seconds() if found.lag is not None else None,
        "counted_lag_seconds": found.counted_lag.total_seconds() if found.counted_lag is not None else None,
        "promise": promise(found.promise),
        "roots": [{"table": root.table, "path": list(root.path)} for root in found.roots],
        "note": None if found.note is None else note(found.note),
        "reason": found.reason,
        "owner": found.owner,
        "next_expected": rfc3339(found.next_expected),
    }


def status(
    evaluated_at: datetime,
    verdicts: Iterable[Verdict],
    heartbeats: Iterable[Heartbeat],
    target: str = "",
    own: Container[str] = (),
) -> Document:
    """The whole of `status`, with who must run for alerts to be sent: `watch` and `watchdog`.

    In a development copy (`target`) it says of each table whether it is the copy's own, or read from production.
    """

    def told(found: Verdict) -> Document:
        read_from = {"read_from": target if found.table in own else FROM_PRODUCTION} if target else {}
        return {**verdict(found), **read_from}

    return {
        "evaluated_at": rfc3339(evaluated_at),
        **({"target": target} if target else {}),
        "tables": [told(found) for found in verdicts],
        **{b.name: {"last_run": rfc3339(b.last_run), "is_running": b.is_running} for b in heartbeats},
    }


def report(told: Report) -> Document:
    """One table of `refresh`."""
    return {
        "table": told.table,
        "result": str(told.result),
        "rows": told.rows,
        "seconds": told.seconds,
        "data_through": rfc3339(told.data_through),
        "reason": told.reason,
    }


def account(made: Account) -> Document:
    """The whole of `refresh`."""
    return {"run_id": made.run_id, "seconds": made.seconds, "tables": [report(told) for told in made.tables]}


def plan(made: Plan, seconds: Mapping[str, float | None], costs: Mapping[str, Estimate]) -> Document:
    """The whole of `refresh --dry-run`; `seconds` are those that each step will take, None where it never ran.

    `costs` are what each will read, where that is paid for.
    """
    return {
        "seconds": round(sum(filter(None, seconds.values())), 3),
        **_cost(total(costs.values()) if costs else None),
        "tables": [
            {
                "table": step.table,
                "action": str(step.action),
                "reason": step.reason,
                "partitions": [day.isoformat() for day in step.partitions],
                "seconds": seconds.get(step.table),
                **_cost(costs.get(step.table)),
            }
            for step in made.steps
        ],
        "waiting": [{"table": table, "reason": reason} for table, reason in made.waiting.items()],
    }


def _cost(found: Estimate | None) -> Document:
    return {"bytes": found.bytes if found else None, "price_usd": found.usd if found else None}


def diagnosis(found: Diagnosis) -> Document:
    """One source of `doctor`."""
    return {
        "source": found.source,
        "configured": found.is_configured,
        "reachable": found.is_reachable,
        "permitted": found.is_permitted,
        "detail": found.detail,
        "quota_left": found.quota_left,
        "findings": [
            {
                "subject": one.subject,
                "permitted": one.is_permitted,
                "detail": one.detail,
                "quota_left": one.quota_left,
                "too_much": one.is_too_much,
            }
            for one in found.findings
        ],
        "warnings": list(found.warnings),
        "needs": [{"right": one.name, "on": one.on, "why": one.why, "writes": one.writes} for one in found.needs],
    }


def answer(found: Answer) -> Document:
    """The whole of `query`."""
    return {
        "as_of": rfc3339(found.as_of),
        "columns": [{"name": name, "type": type_} for name, type_ in found.columns],
        "rows": [[_value(value) for value in row] for row in found.rows],
    }


def _value(value: object) -> object:
    """A value of the warehouse as JSON has it: exact numbers, times, and what is no number as text."""
    if isinstance(value, datetime):
        return rfc3339(value if value.tzinfo else value.replace(tzinfo=UTC))
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, dict):
        return {str(name): _value(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_value(inner) for inner in value]
    return str(value)
