"""The part of the Google Sheets API that reads: a spreadsheet's properties, and the cells of a range or of several.

Both sources that read sheets speak it. Paths, parameters, what is left out of an answer and the bodies of errors are
those of `sheets.googleapis.com`. Without `valueRenderOption` cells come as they look, as they do there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sg_assets.sandbox.sandbox import Sandbox
from sg_assets.sandbox.sheet_tabs import CELLS, Book, column, grid_of, letters, shown
from sg_assets.sandbox.stand_in import Refusal
from sg_assets.sandbox.storage_api import TOKEN

ROWS, COLUMNS = 1000, 26
"""Size of a tab that nobody made larger."""
_RANGE = re.compile(r"(?:'(?P<quoted>(?:[^']|'')+)'|(?P<plain>\w+))(?:!(?P<cells>.+))?")
_STATUSES = {
    400: ("INVALID_ARGUMENT", "Request contains an invalid argument."),
    401: (
        "UNAUTHENTICATED",
        "Request had invalid authentication credentials. Expected OAuth 2 access token or other valid credential.",
    ),
    403: ("PERMISSION_DENIED", "The caller does not have permission"),
    404: ("NOT_FOUND", "Requested entity was not found."),
    429: (
        "RESOURCE_EXHAUSTED",
        "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute per user'.",
    ),
}


def sheets_error(status: int, message: str = "") -> dict[str, object]:
    """Google's body for an error."""
    name, usual = _STATUSES[status]
    error: dict[str, object] = {"code": status, "message": message or usual, "status": name}
    if status == 429:
        info = {"reason": "RATE_LIMIT_EXCEEDED", "domain": "googleapis.com"}
        error["details"] = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", **info}]
    return {"error": error}


def refuse(status: int) -> Refusal:
    """Google's refusal for a status."""
    return Refusal("application/json; charset=UTF-8", json.dumps(sheets_error(status)).encode())


@dataclass(frozen=True)
class SheetsApi:
    """The API in front of some spreadsheets of one source."""

    source: str
    sandbox: Sandbox
    books: Mapping[str, Book]

    def app(self) -> Starlette:
        """The ASGI application."""
        one = "/v4/spreadsheets/{id}"
        return Starlette(
            routes=[
                Route(f"{one}/values:batchGet", self.ranges),
                Route(one + "/values/{range:path}", self.range),
                Route(one, self.describe),
            ]
        )

    async def describe(self, request: Request) -> Response:
        """The spreadsheet's properties and those of its tabs: all of them, whatever the mask of fields."""
        if isinstance(book := self._book(request), Response):
            return book
        sheets = [
            {"properties": {"sheetId": place, "title": tab.title, "index": place, "sheetType": "GRID"}}
            for place, tab in enumerate(book.tabs)
        ]
        properties = {"title": book.title, "locale": "en_US", "timeZone": book.zone}
        return JSONResponse({"spreadsheetId": book.id, "properties": properties, "sheets": sheets})

    async def range(self, request: Request) -> Response:
        """The cells of one range."""
        if isinstance(book := self._book(request), Response):
            return book
        asked = request.path_params["range"]
        found = self._cells(book, asked, request.query_params.get("valueRenderOption", "FORMATTED_VALUE"))
        return _unparsed(asked) if found is None else JSONResponse(found)

    async def ranges(self, request: Request) -> Response:
        """The cells of several ranges, in their order: one call for the quota."""
        if isinstance(book := self._book(request), Response):
            return book
        found = []
        for asked in request.query_params.getlist("ranges"):
            one = self._cells(book, asked, request.query_params.get("valueRenderOption", "FORMATTED_VALUE"))
            if one is None:
                return _unparsed(asked)
            found.append(one)
        return JSONResponse({"spreadsheetId": book.id, "valueRanges": found})

    def _book(self, request: Request) -> Book | Response:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return JSONResponse(sheets_error(401), 401)
        book = self.books.get(request.path_params["id"])
        return JSONResponse(sheets_error(404), 404) if book is None else book

    def _cells(self, book: Book, asked: str, render: str) -> dict[str, object] | None:
        """The answer for a range; None for one that is none, or of no tab there."""
        whole = _RANGE.fullmatch(asked)
        title = "" if whole is None else (whole["quoted"] or "").replace("''", "'") or whole["plain"]
        tab = next((tab for tab in book.tabs if tab.title == title), None)
        cells = None if whole is None else CELLS.fullmatch(whole["cells"] or "A:")
        if tab is None or cells is None:
            return None
        left, top = column(cells["left"]) or 0, int(cells["top"] or 1) - 1
        is_one = cells["right"] is None
        right = left if is_one else column(cells["right"])
        bottom = top if is_one else int(cells["bottom"]) - 1 if cells["bottom"] else None
        grid = [
            [shown(cell, render, book.zone) for cell in row[left : None if right is None else right + 1]]
            for row in grid_of(tab, self.source, self.sandbox.faults)[top : None if bottom is None else bottom + 1]
        ]
        name = f"'{title}'" if " " in title else title
        last = f"{letters(COLUMNS - 1 if right is None else right)}{ROWS if bottom is None else bottom + 1}"
        answer: dict[str, object] = {"range": f"{name}!{letters(left)}{top + 1}:{last}", "majorDimension": "ROWS"}
        values = _trimmed([_trimmed(row, "") for row in grid], [])
        return answer | {"values": values} if values else answer


def _unparsed(asked: str) -> Response:
    return JSONResponse(sheets_error(400, f"Unable to parse range: {asked}"), 400)


def _trimmed(items: list[object], empty: object) -> list[object]:
    """The items without the empty ones at their end."""
    while items and items[-1] == empty:
        items = items[:-1]
    return items
