"""One Google spreadsheet over the Sheets API: its time zone, the cells of a range, and what a refusal means.

Protocol: https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets.values/get. It knows neither
pages nor changes since: a range is one call. Asking Drive first whether a spreadsheet changed would cost one more right
and save nothing, because rows that stayed the same are not written. What the cells should be is in `sheet.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from sg_assets import google
from sg_assets.http import Client, Fail, Reply, Ruling, SourceError
from sg_assets.sheet_cells import zone_of
from sg_assets.source import RateLimit, Right

BASE_URL = "https://sheets.googleapis.com"
READ_SHEETS = "https://www.googleapis.com/auth/spreadsheets.readonly"
NEEDS = (
    Right(READ_SHEETS, "the access token", "asked for by us: the token itself cannot write"),
    Right("Viewer", "each spreadsheet, shared with the service account's address", "read the declared tabs"),
)
"""What reading spreadsheets needs: no right on the project, and none on Drive."""
RATE = RateLimit(60, 60)
"""Reads in a minute of one user, which a service account is: https://developers.google.com/workspace/sheets/api/limits."""
AS_KEPT = {"majorDimension": "ROWS", "valueRenderOption": "UNFORMATTED_VALUE", "dateTimeRenderOption": "SERIAL_NUMBER"}
"""How cells are asked for: by default they come as they look, in the words of the spreadsheet's country."""
SHOWN = 5
"""Problems that an error names; of the others it gives the number."""
_ADDRESS = re.compile(r"/spreadsheets/d/([\w-]+)")
_REFUSALS = (HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)


def connect(name: str, base_url: str, settings: Mapping[str, str]) -> Client:
    """The client of a source that reads spreadsheets.

    Raises:
        SourceError: the credentials are not a service account's key.
    """
    return google.connect(name, base_url, settings, (READ_SHEETS,), rate=RATE, rule=_rule)


def _rule(reply: Reply, now: datetime) -> Ruling | None:
    """As every Google API; what to do about a refusal depends on the tab, so that is said where it is known."""
    return google.google_rule(reply, now) or (Fail("") if reply.status in _REFUSALS else None)


@dataclass(frozen=True, slots=True)
class Spreadsheet:
    """The spreadsheet whose id, or address, is in a variable, of which one tab is read."""

    http: Client
    settings: Mapping[str, str] = field(repr=False)
    variable: str
    tab: str

    def zone(self) -> tzinfo:
        """The spreadsheet's own time zone.

        Raises:
            SourceError: it cannot be read, or is none that we know.
        """
        name = self._ask("", {"fields": "properties(timeZone)"})["properties"]["timeZone"]
        try:
            return zone_of(name)
        except ValueError as error:
            raise self.problem([str(error)], "Choose one in File, Settings, Time zone.") from error

    def values(self, rows: str = "") -> Sequence[Sequence[object]]:
        """The cells of the tab row by row, or those of some rows, such as `1:1`.

        Empty rows at the end are left out, and so are empty cells at the end of a row.

        Raises:
            SourceError: they cannot be read; the message says which tab of what, and what to do.
        """
        cells = f"{_quoted(self.tab)}!{rows}" if rows else _quoted(self.tab)
        found: Sequence[Sequence[object]] = self._ask(f"/values/{quote(cells, safe='')}", AS_KEPT).get("values", ())
        return found

    def problem(
        self, problems: Sequence[str], advice: str, status: int | None = HTTPStatus.UNPROCESSABLE_ENTITY
    ) -> SourceError:
        """An error about the tab; one with a status would be the same a minute later."""
        more = f"; and {len(problems) - SHOWN} more" if len(problems) > SHOWN else ""
        asked = f"read the tab {self.tab!r} of {self.variable}"
        return SourceError(self.http.name, asked, "; ".join(problems[:SHOWN]) + more, advice, status)

    def _ask(self, path: str, params: Mapping[str, str]) -> Any:  # noqa: ANN401 (JSON)
        told = self.settings[self.variable].strip()
        address = _ADDRESS.search(told)
        spreadsheet = quote(address[1] if address else told, safe="")
        try:
            return self.http.get_json(f"/v4/spreadsheets/{spreadsheet}{path}", params)
        except SourceError as error:
            if error.status not in _REFUSALS:
                raise
            came = str(error).removeprefix(f"{self.http.name}: ")
            raise self.problem([came], self._advice(error.status), error.status) from error

    def _advice(self, status: int | None) -> str:
        if status == HTTPStatus.FORBIDDEN:
            reader = google.address_of(self.settings)
            return f"Share the spreadsheet with {reader} as a viewer, and enable the Sheets API in that project."
        if status == HTTPStatus.NOT_FOUND:
            return f"It was deleted, or {self.variable} is not its id (between /d/ and /edit in its address)."
        return f"The tab must be called {self.tab!r}: name it so again, or correct its name in the source's file."


def _quoted(tab: str) -> str:
    """A tab's name as ranges have it: quoted, so that blanks, dashes and names like A1 mean the tab."""
    return "'" + tab.replace("'", "''") + "'"
