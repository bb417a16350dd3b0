"""Is one derived table stale, and why: what it was built from, compared with what is now.

Level-triggered: no events, no times of runs, so that nothing can be lost. Asked by the planner before a run, and again
by the table's own step when its turn comes, because an input that was rebuilt to the same rows changes nothing. Whether
a stale table is due and ready is decided in `plan.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sg_assets.freshness.facts import Facts
from sg_assets.freshness.marks import NOTHING, DayMarks, input_marks
from sg_assets.freshness.reach import declared_days, reach, reach_of_part
from sg_assets.table import Table
from sg_assets.warehouse.state import CURRENT_DATE_INPUT, TableState

NEVER_BUILT = "never built"
CHANGED_SQL = "its SQL changed"
CHANGED_SENDING = "what is sent changed"
MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Staleness:
    """Why a derived table is stale, in plain words.

    `partitions` are the days to build anew, none for an unpartitioned table. A `is_carry` needs no SQL: the same rows
    are now known to reach further. `is_urgent` marks what does not wait for a tick: never built, or another SQL.
    """

    reason: str
    partitions: tuple[date, ...] = ()
    is_carry: bool = False
    is_urgent: bool = False


@dataclass(frozen=True, slots=True)
class Ingredients:
    """What a build is made of: exactly these go into `contract.Build`, and from there into the table's new state."""

    data_through: datetime | None
    inputs: Mapping[str, str] = field(default_factory=dict)
    partitions: Mapping[date, Mapping[str, str]] = field(default_factory=dict)


def staleness(facts: Facts, table: Table) -> Staleness | None:
    """Why a derived table is stale given its inputs as they are now; None when it is not.

    It does not look at whether the inputs are there: `plan.missing_input` says so.
    """
    found = _stale_days(facts, table) if table.is_partitioned else _stale_whole(facts, table)
    if found is not None:
        return found
    state = facts.states.get(table.name)
    if state is None or not facts.graph.counted_inputs(table):
        return None
    through = reach(facts, table)
    if through is None or through == state.data_through:
        return None
    return Staleness(f"its inputs reach {through:%Y-%m-%d %H:%M} now", is_carry=True)


def build_for(facts: Facts, table: Table, days: Collection[date] | None = None) -> Ingredients:
    """What a build of this table, or only of some of its days, is made of now.

    `days` outside those that the table must hold are left out; None stands for the days that are stale. After a carry,
    or a build of all days that were stale, the table is not stale for the same inputs.
    """
    if not table.is_partitioned:
        return Ingredients(reach(facts, table), inputs=input_marks(facts, table))
    found = staleness(facts, table)
    stale = found.partitions if found is not None else ()
    wanted = set(stale if days is None else days)
    marks = DayMarks(facts, table)
    built = [day for day in declared_days(facts, table) if day in wanted]
    left = [day for day in stale if day not in wanted]
    return Ingredients(reach_of_part(facts, table, left), partitions={day: marks.of(day) for day in built})


def _stale_whole(facts: Facts, table: Table) -> Staleness | None:
    state = facts.states.get(table.name)
    if state is None or not state.has_landed:
        return Staleness(NEVER_BUILT, is_urgent=True)
    if state.code_version != table.code_version:
        return Staleness(CHANGED_SENDING if table.is_ledger else CHANGED_SQL, is_urgent=True)
    marks = input_marks(facts, table)
    changed = [name for name, mark in marks.items() if state.inputs.get(name, NOTHING) != mark]
    if not changed:
        return None
    if changed == [CURRENT_DATE_INPUT]:
        return Staleness(f"its SQL reads CURRENT_DATE(), and it is {marks[CURRENT_DATE_INPUT]} now")
    return Staleness(_changed(name for name in changed if name != CURRENT_DATE_INPUT))


def _stale_days(facts: Facts, table: Table) -> Staleness | None:
    days = declared_days(facts, table)
    state = facts.states.get(table.name)
    if not days or state is None:
        return Staleness(NEVER_BUILT, tuple(days), is_urgent=True) if days else None
    if table.is_day_snapshot:
        missing = [day for day in days if day not in state.partitions]
        return _because({MISSING: missing}, is_urgent=not state.has_landed) if missing else None
    causes = _causes(table, state, days, DayMarks(facts, table))
    if not causes:
        return None
    return _because(causes, is_urgent=CHANGED_SQL in causes or not state.has_landed)


def _causes(table: Table, state: TableState, days: Sequence[date], marks: DayMarks) -> dict[str, list[date]]:
    """Each cause of staleness with its days; a day is listed under the first that holds for it."""
    causes: dict[str, list[date]] = {}
    windowed, whole = list(marks.windowed.items()), list(marks.whole.items())
    open_from = days[max(len(days) - table.open_days, 0)]
    partitions, code_version = state.partitions, table.code_version
    for day in days:
        built = partitions.get(day)
        if built is None:
            causes.setdefault(MISSING, []).append(day)
            continue
        if built.code_version != code_version:
            causes.setdefault(CHANGED_SQL, []).append(day)
            continue
        read = built.inputs  # of each day of a long history: these loops are where a plan's time goes
        for name, of_day in windowed:
            if read.get(name, NOTHING) != of_day.get(day, NOTHING):
                causes.setdefault(f"{name} changed", []).append(day)
                break
        else:
            for name, mark in whole if day >= open_from else ():
                if read.get(name, NOTHING) != mark:
                    causes.setdefault(f"{name} changed", []).append(day)
                    break
    return causes


def _because(causes: Mapping[str, Sequence[date]], *, is_urgent: bool) -> Staleness:
    words = []
    for cause, days in causes.items():
        span = f"day {days[0]}" if len(days) == 1 else f"{len(days)} days from {days[0]}"
        words.append({MISSING: f"{span} missing", CHANGED_SQL: CHANGED_SQL}.get(cause, f"{cause} ({span})"))
    partitions = sorted(day for days in causes.values() for day in days)
    return Staleness("; ".join(words), tuple(partitions), is_urgent=is_urgent)


def _changed(names: Iterable[str]) -> str:
    first, *others = sorted(names)
    return f"{first} and {len(others)} more inputs changed" if others else f"{first} changed"
