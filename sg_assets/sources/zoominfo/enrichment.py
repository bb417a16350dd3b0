"""Enriching: asking ZoomInfo about what is not in the ledger yet, as far as credits allow.

The tables are their own ledger. A record that was found is not asked for again for a year, and a row that was paid for
is never rejected: what does not fit its column is kept as it came.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast

from sg_assets.columns import Column
from sg_assets.http import SourceError
from sg_assets.rows import Shape
from sg_assets.source import Page, Pull, Row
from sg_assets.sources.zoominfo.session import zoominfo

BATCH = 25
"""Inputs of one request, at most."""
LANDED_AFTER = 100
"""Inputs after which answers are landed, before more are asked for."""
WINDOW = timedelta(days=365)
"""How long what was found is not asked for again: within it ZoomInfo does not charge for a record twice."""
ASK_AGAIN = timedelta(days=90)
"""The same for what ZoomInfo did not know; that cost nothing."""
AMERICAN = "%m/%d/%Y %I:%M %p"
LEDGERS = ("raw_zoominfo.company", "raw_zoominfo.contact")
UNANSWERED = "UNANSWERED"
"""The match status of what an answer left out."""

Node = dict[str, Any]


@dataclass(frozen=True)
class Enrichment:
    """One kind of record: where it is asked for, by which field, and the columns by ZoomInfo's names, the key first."""

    kind: str
    inputs: str
    asked_by: str
    fields: Mapping[str, Column]

    @property
    def table(self) -> str:
        """The table of what comes back."""
        return f"raw_zoominfo.{self.kind}"

    @property
    def key(self) -> str:
        """The column of what was asked about."""
        return next(iter(self.fields.values())).name

    @property
    def output(self) -> list[str]:
        """The fields to ask for: all but those of the key and the ledger, which are our own."""
        return [name for name in self.fields if name not in {"asked", "matchStatus", "enrichedAt", "credits"}]


@dataclass(frozen=True, slots=True)
class Budget:
    """The credits that may still be spent, and by which variable."""

    credits: int
    variable: str

    def less(self, spent: int) -> Budget:
        """What is left after some were spent."""
        return replace(self, credits=self.credits - spent)


def enriched(pull: Pull, what: Enrichment, wanted: Sequence[str]) -> Iterator[Page]:
    """The rows of everything that is asked about now, of what is wanted; landed bit by bit, for they cost money.

    A table that is loaded anew is given the rows that it has, and nothing is asked for: that would be paid for again.
    """
    cursor: dict[str, object] = {"enriched_at": pull.now.isoformat()}
    if pull.cursor is None and (kept := pull.read(what.table, ())):
        yield Page([_as_it_came(row) for row in kept], cursor, note="what was enriched before was kept; none was new")
        return
    due = _due(pull, what, wanted)
    budget, asked = _budget(pull), 0
    while due and budget.credits > 0:
        size = min(BATCH, budget.credits)
        batch, due = due[:size], due[size:]
        rows = _answers(pull, what, batch)
        budget = budget.less(sum(int(str(row["credits"])) for row in rows))
        asked += size
        yield Page(rows, cursor, lands_now=asked % LANDED_AFTER < BATCH)
    waiting = f"{len(due)} of {len(wanted)} wait: the credits that {budget.variable} allows are spent" if due else ""
    yield Page([], cursor, note=waiting)


def _due(pull: Pull, what: Enrichment, wanted: Sequence[str]) -> list[str]:
    """What is wanted and was never asked about, or so long ago that it is asked about again."""
    known = {row[what.key]: row for row in pull.read(what.table, (what.key, "enriched_at", "credits"))}

    def is_known(name: str) -> bool:
        row = known.get(name)
        return row is not None and pull.now - _instant(row) < (WINDOW if row["credits"] else ASK_AGAIN)

    return [name for name in wanted if not is_known(name)]


def _budget(pull: Pull) -> Budget:
    """The credits that this pull may spend: by itself, and of what both tables may in this month."""
    month = pull.now.year, pull.now.month
    ledger = [row for table in LEDGERS for row in pull.read(table, ("enriched_at", "credits"))]
    spent = sum(int(str(row["credits"])) for row in ledger if (_instant(row).year, _instant(row).month) == month)
    run = Budget(_cap(pull, "SG_ZOOMINFO_CREDITS_PER_RUN"), "SG_ZOOMINFO_CREDITS_PER_RUN")
    whole = Budget(_cap(pull, "SG_ZOOMINFO_CREDITS_PER_MONTH"), "SG_ZOOMINFO_CREDITS_PER_MONTH").less(spent)
    return min(run, whole, key=lambda one: one.credits)


def _cap(pull: Pull, variable: str) -> int:
    """A number of credits.

    Raises:
        SourceError: the variable is none.
    """
    text = pull.settings[variable]
    if not text.isdecimal():
        raise SourceError(pull.http.name, "the settings", f"{variable}={text}", "Set it to a whole number of credits.")
    return int(text)


def _answers(pull: Pull, what: Enrichment, batch: Sequence[str]) -> list[dict[str, object]]:
    """A row for each input. A request whose answer was lost is repeated: what it cost is not charged again."""
    body = {what.inputs: [{what.asked_by: name} for name in batch], "outputFields": what.output}
    answer = pull.http.post_json(f"/enrich/{what.kind}", body, idempotent=True)
    found = {name: result for result in answer["data"]["result"] if (name := _asked(result, batch)) is not None}
    rows = [_row(what, name, found.get(name) or {"matchStatus": UNANSWERED}, pull.now) for name in batch]
    misfits = Shape(zoominfo.tables[what.table].table).fit(rows).misfits
    ledger = {what.key, "match_status", "enriched_at", "credits"}
    return [
        {(name if name in ledger else f"{name}_as_it_came"): value for name, value in row.items()}
        if i in misfits
        else row
        for i, row in enumerate(rows)
    ]


def _asked(result: Node, batch: Sequence[str]) -> str | None:
    """Which input a result is about: it repeats it, under a name in lower case."""
    said = [str(value).lower() for value in (result.get("input") or {}).values()]
    return next((name for name in batch if name in said), None)


def _row(what: Enrichment, asked: str, result: Node, now: datetime) -> dict[str, object]:
    """One answer under our names; a field that nobody declared keeps its own."""
    record: Node = next(iter(result.get("data") or ()), {})
    employer = record.pop("company", None) or {}
    record |= {f"company{name[:1].upper()}{name[1:]}": value for name, value in employer.items()}
    row: dict[str, object] = {
        what.key: asked,
        "match_status": result["matchStatus"],
        "enriched_at": now,
        "credits": 1 if record.get("id") is not None else 0,
    }
    for name, value in record.items():
        column = what.fields.get(name)
        typed = _typed(value, column) if column else value
        row[column.name if column else name] = typed
    return row


def _typed(value: object, column: Column) -> object:
    """A value of ZoomInfo's as its column wants it; one that cannot be so stays what it is."""
    if value == "":
        return None
    if column.type == "DATETIME" and isinstance(value, str):
        try:
            return datetime.strptime(value, AMERICAN)  # noqa: DTZ007 (ZoomInfo's dates have no zone)
        except ValueError:
            return value
    if column.is_array and isinstance(value, str):
        return [value]
    return value


def _as_it_came(row: Row) -> dict[str, object]:
    """A row of the table as its pull delivered it: fields that were kept aside are fields again."""
    extra = cast("dict[str, object]", json.loads(str(row.get("_extra") or "{}")))
    return {name: value for name, value in row.items() if name != "_extra"} | extra


def _instant(row: Row) -> datetime:
    """When the row was asked about; every row of the ledger says so."""
    return cast("datetime", row["enriched_at"])
