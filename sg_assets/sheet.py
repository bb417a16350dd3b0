"""The contract of one tab of a spreadsheet: which columns it must have, where, of which type, and its key.

People keep these sheets by hand, so what is read is compared, never guessed: a header that drifted, a formula that
failed or a value of another type is named by its cell. What one cell means is in `sheet_cells.py`, how cells are asked
for in `spreadsheet.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from http import HTTPStatus

from sg_assets.columns import Column
from sg_assets.examination import Finding, look
from sg_assets.http import Client
from sg_assets.rows import rejected
from sg_assets.sheet_cells import CALCULATING, ERRORS, CellError, is_empty, is_readable, letters, value_of
from sg_assets.source import Page, Pull, Row
from sg_assets.spreadsheet import Spreadsheet
from sg_assets.warehouse.contract import Rejected

Cells = Sequence[object]
"""A row as it came: as long as its last cell that is not empty."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One tab of a spreadsheet, and what it must be.

    `spreadsheet` is the variable with the spreadsheet's id, or address; `fields` are the headings, from column A on in
    their order, each with the column that it lands in; `key` are the columns that tell rows apart. Columns to the right
    of these are kept as undeclared fields.

    One row that cannot be read makes the whole tab wrong, because a total without it is: nothing is loaded then. Where
    `rows_stand_alone`, as answers to a form do, only that row is rejected.

    Raises:
        ValueError: no cell can be read as one of the declared types.
    """

    spreadsheet: str
    tab: str
    fields: Mapping[str, Column]
    key: tuple[str, ...]
    header_row: int = 1
    rows_stand_alone: bool = False

    def __post_init__(self) -> None:
        """Refuse a type where it is declared, rather than where it is met."""
        if wrong := [column.name for column in self.columns if not is_readable(column)]:
            msg = f"{self.tab}: no cell can be read as what {', '.join(wrong)} declare"
            raise ValueError(msg)

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of its table."""
        return tuple(self.fields.values())

    def read(self, pull: Pull) -> Page:
        """All rows of the tab, as it is now: one call, or two where its times need the spreadsheet's zone.

        Raises:
            SourceError: it cannot be read, is not what it must be, or a row is not and does not stand alone.
        """
        file = Spreadsheet(pull.http, pull.settings, self.spreadsheet, self.tab)
        zone = file.zone() if any(column.type == "TIMESTAMP" for column in self.columns) else UTC
        return _Reading(self, file, zone).page(file.values())

    def examine(self, http: Client, settings: Mapping[str, str]) -> Finding:
        """Whether the tab is there, shared with us, and has the declared headings: one call, for its header."""
        file = Spreadsheet(http, settings, self.spreadsheet, self.tab)
        only = f"{self.header_row}:{self.header_row}"
        return look(f"{self.tab} ({self.spreadsheet})", lambda: _Reading(self, file, UTC).headings(file.values(only)))


@dataclass(frozen=True, slots=True)
class _Reading:
    """A tab while it is compared with its contract."""

    sheet: Sheet
    file: Spreadsheet
    zone: tzinfo

    def page(self, values: Sequence[Cells]) -> Page:
        """The rows below the header; those that cannot be read are rejected, or refused together."""
        headings = self.headings(values[self.sheet.header_row - 1 : self.sheet.header_row])
        self._refuse_failed(values)
        rows: list[Row] = []
        bad: list[Rejected] = []
        seen: dict[tuple[object, ...], int] = {}
        for number, cells in enumerate(values[self.sheet.header_row :], self.sheet.header_row + 1):
            if all(cell is False or is_empty(cell) for cell in cells[: len(self.sheet.fields)]):
                continue  # nobody filled it in: a checkbox that nobody touched says FALSE
            row, problems = self._row(cells, headings, number)
            key = tuple(row.get(name) for name in self.sheet.key)
            if not problems and (first := seen.setdefault(key, number)) != number:
                problems.append(f"row {number} has the same {' and '.join(self.sheet.key)} as row {first}")
            if problems:
                came = {name: cell for name, cell in zip(headings, cells, strict=False) if not is_empty(cell)}
                bad.append(rejected(came, "; ".join(problems)))
            else:
                rows.append(row)
        if bad and not self.sheet.rows_stand_alone:
            advice = "Mend it in the sheet; until then the last good version stays."
            raise self.file.problem([one.reason for one in bad], advice)
        return Page(rows, rejected=bad)

    def headings(self, header: Sequence[Cells]) -> list[str]:
        """The headings of all columns, those to the right of the declared ones too; no row is a header without any.

        Raises:
            SourceError: they are not those of the contract, and how they differ.
        """
        found = [" ".join(str(cell).split()) for row in header for cell in row]
        problems = []
        for place, wanted in enumerate(self.sheet.fields):
            there = found[place] if place < len(found) else ""
            if there != wanted:
                now = f"there is {there!r}" if there else "there is nothing"
                moved = f"it moved to {self._cell(found.index(wanted))}" if wanted in found else now
                problems.append(f"{self._cell(place)}: {wanted!r} is expected, {moved}")
        taken = {*self.sheet.fields, *(column.name for column in self.sheet.columns)}
        for place, there in enumerate(found[len(self.sheet.fields) :] if not problems else (), len(self.sheet.fields)):
            if there in taken:
                problems.append(f"{self._cell(place)}: there is a second {there!r}")
            taken |= {there} - {""}
        if problems:
            file = f"sources/{self.file.http.name}.py"
            advice = f"Undo it in the sheet, or declare it in {file}; until then the last good version stays."
            raise self.file.problem(problems, f"The header changed. {advice}")
        return [there or f"column {letters(place)}" for place, there in enumerate(found)]

    def _row(self, cells: Cells, headings: Sequence[str], number: int) -> tuple[dict[str, object], list[str]]:
        """One row and what is wrong with it; cells that are missing at its end are empty."""
        row: dict[str, object] = {}
        problems = []
        for place, (heading, column) in enumerate(self.sheet.fields.items()):
            try:
                row[column.name] = value_of(cells[place] if place < len(cells) else None, column, self.zone)
                if row[column.name] is None and column.name in self.sheet.key:
                    problems.append(f"{self._cell(place, number)} {heading!r}: it is empty, and tells rows apart")
            except CellError as error:
                problems.append(f"{self._cell(place, number)} {heading!r}: {error}")
        for place, cell in enumerate(cells[len(self.sheet.fields) :], len(self.sheet.fields)):
            if not is_empty(cell):
                row[headings[place] if place < len(headings) else f"column {letters(place)}"] = cell
        return row, problems

    def _refuse_failed(self, values: Sequence[Cells]) -> None:
        """Refuse formulas that failed, because nobody knows what the sheet should say.

        Raises:
            SourceError: it has no status, as an outage has none, where every one of them only waits for its data.
        """
        below = enumerate(values[self.sheet.header_row :], self.sheet.header_row + 1)
        failed = [
            (self._cell(place, number), cell)
            for number, cells in below
            for place, cell in enumerate(cells[: len(self.sheet.fields)])
            if cell == CALCULATING or cell in ERRORS
        ]
        if failed:
            is_waiting = all(cell == CALCULATING for _, cell in failed)
            advice = "It is still calculating." if is_waiting else "Mend the formula."
            status = None if is_waiting else HTTPStatus.UNPROCESSABLE_ENTITY
            told = [f"{name} says {cell}" for name, cell in failed]
            raise self.file.problem(told, f"{advice} Until then the last good version stays.", status)

    def _cell(self, place: int, row: int | None = None) -> str:
        return f"{letters(place)}{self.sheet.header_row if row is None else row}"
