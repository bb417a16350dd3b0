"""A pulled table: its vendor is asked, what it gives waits in a spool, and is landed whole, or in parts with a cursor.

What a source declares is in `source.py`; how rows are published is the warehouse's; the asset around this, and what
becomes of a failure, is in `raw.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from time import monotonic

from sg_assets.checks import judge
from sg_assets.http import ComeBackLater
from sg_assets.session import Session
from sg_assets.source import Connected, Page, Pull, RawTable
from sg_assets.spool import Spool
from sg_assets.table import Table, Window
from sg_assets.warehouse.contract import Landing, Outcome

PART_SECONDS = 300.0
"""How long a pull goes on before it lands what it has, with its cursor."""


@dataclass
class Pulling:
    """What a pull has been given, and has landed of it so far.

    `cursor` is the newest one; it `has_moved` when it was given since the last landing, and `covers` are the ranges
    that were stated since then.
    """

    session: Session
    table: Table
    spool: Spool
    seq: int
    cursor: Mapping[str, object] | None
    is_full: bool
    has_moved: bool = False
    covers: list[Window] = field(default_factory=list)
    unknown: dict[str, int] = field(default_factory=dict)
    note: str = ""
    parts: int = 0
    landed_at: float = field(default_factory=monotonic)

    def add(self, page: Page) -> None:
        """Take one page."""
        self.spool.add(page.rows)
        if page.arrow is not None:
            self.spool.add_arrow(page.arrow)
        self.spool.add_rejected(page.rejected)
        if page.cursor is not None:
            self.cursor, self.has_moved = page.cursor, True
        if page.covers is not None:
            self.covers.append(page.covers)
        self.note = page.note or self.note

    def is_due(self, page: Page) -> bool:
        """Whether what there is should be landed after this page, before the next one is asked for."""
        is_time = page.lands_now or monotonic() - self.landed_at > PART_SECONDS
        return self.can_be_resumed and page.cursor is not None and is_time

    @property
    def can_be_resumed(self) -> bool:
        """Whether the next pull could go on from a part, if that were all that was landed."""
        return self.table.takes_parts and not self.is_full and self.has_moved

    def land_part(self) -> Outcome:
        """Land what there is, so that it is not asked for again; the warehouse is free again afterwards."""
        outcome = self.land(is_part=True)
        self.session.release()
        self.seq, self.parts, self.landed_at = outcome.state.seq, self.parts + 1, monotonic()
        self.covers.clear()
        self.has_moved = False
        return outcome

    def land(self, *, is_part: bool = False) -> Outcome:
        """Land what there is."""
        taken = self.spool.take()
        self.unknown.update(taken.unknown)
        landing = Landing(
            now=self.session.now,
            expected_seq=self.seq,
            data_through=self.session.now - self.table.known_delay,
            cursor=self.cursor,
            is_part=is_part,
            rejected=taken.rejected,
            accept_shrink=self.session.order.accept_shrink,
            full=self.is_full,
            covers=tuple(self.covers),
        )
        outcome = self.session.warehouse.land(self.table, taken.parquet, landing, judge)
        self.session.wrote(outcome)
        return outcome

    def told(self) -> Mapping[str, object]:
        """What is worth telling of the fetch."""
        told: dict[str, object] = {"parts_landed_before": self.parts} if self.parts else {}
        if self.unknown:
            told["undeclared_fields"] = ", ".join(sorted(self.unknown))
        return told


def pull(
    session: Session, raw: RawTable, client: Connected, settings: Mapping[str, str], folder: Path
) -> tuple[Outcome, Mapping[str, object]]:
    """Ask the vendor of one table, and land what it gives; the outcome, and what to tell of the fetch.

    A long pull lands what it has now and then. So does one that has to come back later, which would else never get
    further than the vendor's limit lets it at once.

    Raises:
        SourceError: the source did not give what it should.
        WarehouseError: what it gave was not published.
    """
    if raw.fetch is None:
        raise AssertionError(raw.table.name)  # a pull is declared with its function
    table, state = raw.table, session.own_states.get(raw.table.name)
    is_full = session.order.is_full_for(table.name)
    since = None if is_full or state is None else state.cursor
    answers = session.answers.setdefault(str(table.source), {})
    asked = Pull(client, settings, session.now, since, partial(session.read, table), answers)
    pulling = Pulling(session, table, Spool(table, folder), state.seq if state else 0, since, is_full)
    session.release()
    try:
        for page in raw.fetch(asked):
            pulling.add(page)
            if pulling.is_due(page) and (outcome := pulling.land_part()).is_skipped:
                return outcome, {}
    except ComeBackLater:
        if pulling.can_be_resumed:
            pulling.land_part()
        raise
    outcome = pulling.land()
    return replace(outcome, reason=outcome.reason or pulling.note), pulling.told()
