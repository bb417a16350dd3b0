"""What each verb makes of a table's state, on every kind of warehouse; pure: writing is each warehouse's own."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from sg_assets.day_snapshot import is_carried
from sg_assets.table import Mode, Table
from sg_assets.warehouse.contract import Build, Landing, Load, Outcome, Rejected, ShrunkError, Soundness, WarehouseError
from sg_assets.warehouse.state import Change, PartitionState, TableState

DAY = timedelta(days=1)
NOTHING_YET = "0"
"""The content version of a raw table before its first row."""
NOT_JUDGED = Soundness(())


def next_state(previous: TableState | None, **changes: object) -> TableState:
    """The row after `previous`: the same but for the changes, with the next sequence number."""
    if previous is None:
        return TableState(seq=1, **changes)  # pyrefly: ignore[bad-argument-type]
    return replace(previous, seq=previous.seq + 1, **changes)  # pyrefly: ignore[bad-argument-type]


def refuse_misfit(table: Table, landing: Landing) -> None:
    """Refuse a part where only the whole makes sense, and ranges that say nothing of the table.

    Raises:
        WarehouseError: the landing does not fit the table's mode or columns.
    """
    if table.mode is not Mode.REPLACE and not table.key:
        msg = f"{table.file}: {table.name} needs a key to be landed by {table.mode}"
        raise WarehouseError(msg)
    if landing.is_part and (not table.takes_parts or landing.full):
        msg = f"{table.name}: a part of a complete listing cannot be landed by itself"
        raise WarehouseError(msg)
    known = {column.name for column in table.columns} if table.mode is Mode.WINDOW else set()
    if unknown := {window.column for window in landing.covers} - known:
        msg = f"{table.file}: {table.name} is landed by {table.mode}: no page covers a range of {min(unknown)}"
        raise WarehouseError(msg)


def refuse_shrunk(table: Table, before: int, delivered: int) -> None:
    """Refuse a delivery that should be complete and has under half of the live rows.

    Raises:
        ShrunkError: it has.
    """
    if delivered * 2 < before:
        msg = (
            f"{table.name}: {delivered} rows came where {before} are live; a listing of under half of them is taken "
            "for incomplete (--accept-shrink takes it as true)"
        )
        raise ShrunkError(msg)


def rejected_keys(table: Table, landing: Landing) -> list[list[str]] | None:
    """The keys, as text, of the rows that came and did not fit; None where it cannot be said which rows those are.

    They are not missing from a listing: what was good of them stays; where it cannot be said, no row is missing.
    """
    keys: list[list[str]] = []
    for one in landing.rejected:
        row = json.loads(one.original) if one.original is not None else {}
        if any(row.get(name) is None for name in table.key):
            return None
        keys.append([str(row[name]) for name in table.key])
    return keys


def landed(table: Table, landing: Landing, previous: TableState | None, *, rows: int, changed: int) -> TableState:
    """The state row of a landing: the content version moves with the rows only, `data_through` never with a part."""
    reached = previous.data_through if previous else None
    return next_state(
        previous,
        table=table.name,
        built_at=landing.now,
        rows=rows,
        data_through=reached if landing.is_part else landing.data_through,
        content_version=raw_version(previous, is_changed=changed > 0),
        code_version=table.code_version,
        change=Change.PART if landing.is_part else Change.LAND,
        cursor=None if landing.cursor is None else dict(landing.cursor),
        inputs=dict(landing.inputs),
    )


def raw_version(previous: TableState | None, *, is_changed: bool) -> str:
    """The content version of a raw table: the number of the last state row whose landing changed rows."""
    if is_changed:
        return str(previous.seq + 1 if previous else 1)
    return previous.content_version if previous else NOTHING_YET


def created(table: Table, now: datetime) -> TableState:
    """The state of a raw table that was made and of which nothing landed yet."""
    return TableState(
        table=table.name,
        seq=1,
        built_at=now,
        rows=0,
        data_through=None,
        content_version=NOTHING_YET,
        code_version=table.code_version,
        change=Change.CREATE,
    )


def landed_meanwhile(table: Table, previous: TableState | None, expected_seq: int) -> Outcome | None:
    """The outcome of a landing whose table has moved since its extraction began; None when it has not.

    That an empty table was made meanwhile does not count.

    Raises:
        WarehouseError: the table had a state then and has none now: this is another warehouse.
    """
    if previous is None:
        if expected_seq:
            msg = f"{table.name} has no state, yet its extraction began from one: the warehouse was replaced meanwhile"
            raise WarehouseError(msg)
        return None
    if previous.seq == expected_seq or (expected_seq == 0 and previous.change is Change.CREATE):
        return None
    return Outcome(previous, 0, NOT_JUDGED, is_skipped=True, reason="landed meanwhile")


def is_idle(load: Load, previous: TableState) -> bool:
    """Whether there is nothing to write: no objects, and what is known of them is as it was."""
    if load.objects or load.full:
        return False
    return load.data_through in {None, previous.data_through} and load.cursor == previous.cursor


def refuse_mismatch(table: Table, load: Load, staged: Mapping[str, int]) -> None:
    """Refuse staged rows, counted by object, that are not those of the objects that are said to be loaded.

    Raises:
        WarehouseError: names the first object that does not fit.
    """
    said = {found.name: found.rows for found in load.objects if found.rows}
    if staged != said:
        name = min(set(staged.items()) ^ set(said.items()))[0]
        msg = f"{table.name}: object {name} is said to have {said.get(name, 0)} rows, {staged.get(name, 0)} were staged"
        raise WarehouseError(msg)


def loaded(table: Table, load: Load, previous: TableState | None, *, rows: int, changed: int) -> TableState:
    """The state row of a load; once data has landed, `data_through` stays known."""
    reached = previous.data_through if previous else None
    return next_state(
        previous,
        table=table.name,
        built_at=load.now,
        rows=rows,
        data_through=load.data_through or reached,
        content_version=raw_version(previous, is_changed=changed > 0),
        code_version=table.code_version,
        change=Change.LOAD,
        cursor=load.cursor,
    )


def built(  # noqa: PLR0913 (what there was, and what there is)
    table: Table,
    build: Build,
    previous: TableState | None,
    *,
    rows: int,
    version: str,
    partitions: Mapping[date, PartitionState],
) -> TableState:
    """The state of a build: the row, and the days that the table has with it."""
    return next_state(
        previous,
        table=table.name,
        built_at=build.now,
        rows=rows,
        data_through=build.data_through,
        content_version=version,
        code_version=table.code_version,
        change=Change.BUILD,
        inputs=dict(build.inputs),
        partitions=partitions,
        known_at=build.known_at,
        is_carried=is_carried(max(build.partitions), build.known_at) if build.known_at else None,
    )


def carried(build: Build, previous: TableState) -> TableState:
    """The state row of a carry: the same content, inputs that reach further."""
    return next_state(
        previous,
        built_at=build.now,
        data_through=build.data_through,
        change=Change.CARRY,
        inputs=dict(build.inputs) or previous.inputs,
    )


def told_of(rejected: Sequence[Rejected]) -> tuple[str, ...]:
    """What to tell of rows that did not fit."""
    return (f"{len(rejected)} rows rejected",) if rejected else ()


def content_version(rows: int, hashes: int) -> str:
    """The mark of a derived table's content."""
    return f"{rows}:{hashes:016x}"


def added_up(versions: Iterable[str]) -> str:
    """The mark of a table from the marks of its partitions."""
    parts = [version.split(":") for version in versions]
    return content_version(sum(int(rows) for rows, _ in parts), sum(int(h, 16) for _, h in parts) % 2**64)
