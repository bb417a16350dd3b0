"""How reports are asked for: day by day, five in a request, page after page; and how their rows are read.

Google says only of a whole report whether rows of few people were withheld or numbers estimated: so each day is a
report of its own. Numbers move for days after they are first told, and rows vanish when visits are attributed anew, so
the last week is read again and takes the place of what was there.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sg_assets.columns import Column
from sg_assets.http import SourceError
from sg_assets.source import Page, Pull, Row
from sg_assets.table import Window

PROPERTY, TIMEZONE = "SG_GOOGLE_ANALYTICS_PROPERTY", "SG_GOOGLE_ANALYTICS_TIMEZONE"
DAY = timedelta(days=1)
LATENCY = 2 * DAY
"""How long an event may take to be counted: 24 to 48 hours, https://support.google.com/analytics/answer/11198161."""
SETTLED_AFTER = 7
"""Days of which the newest may still change: late hits, and where visits came from."""
REPORTS = 5
"""Reports that one request may ask for."""
MOST_ROWS = 250_000
"""Rows that a report gives at once."""
EARLIEST = "2015-08-14"
"""The first day that the API takes."""

DAY_ON = Column("day_on", "DATE", "Day in the property's own time zone.")
QUALITY = (
    Column("is_thresholded", "BOOL", "Whether rows of few people may have been withheld on this day."),
    Column("has_other_row", "BOOL", "Whether rare values of this day were put together in a row `(other)`."),
    Column("events_read", "INT64", "Events from which the day's numbers are estimated; null when all were counted."),
    Column("events_in_all", "INT64", "Events of the day where its numbers are estimated; null when all were counted."),
    Column("remarks", "JSON", "What else Google said of the day's report: reasons of truncation, restrictions."),
)
TOLD_ELSEWHERE = {"currencyCode", "timeZone", "subjectToThresholding", "dataLossFromOtherRow", "samplingMetadatas"}


@dataclass(frozen=True, slots=True)
class Report:
    """What a table asks for: the API's dimensions and metrics, each with its column.

    `needs` is a metric without which a row is left out: one with nothing but users is no conversion.
    """

    dimensions: Mapping[str, Column]
    metrics: Mapping[str, Column]
    needs: str = ""

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of the table."""
        return (DAY_ON, *self.dimensions.values(), *self.metrics.values(), *QUALITY)

    @property
    def key(self) -> tuple[str, ...]:
        """The key of the table."""
        return (DAY_ON.name, *(column.name for column in self.dimensions.values()))


def pages(pull: Pull, report: Report) -> Iterator[Page]:
    """Every day up to two days ago: all there are, or those since a week before the last one that was loaded.

    Raises:
        SourceError: a report could not be had.
    """
    newest = (pull.now - LATENCY).astimezone(ZoneInfo(pull.settings[TIMEZONE])).date()
    loaded = (pull.cursor or {}).get("loaded_through")
    first = (
        date.fromisoformat(str(loaded)) - (SETTLED_AFTER - 1) * DAY
        if loaded
        else pull.once("first day", partial(_first_day, pull, newest))
    )
    while first and first <= newest:
        days = [first + place * DAY for place in range(min(REPORTS, (newest - first).days + 1))]
        first = days[-1] + DAY
        rows = list(_rows(pull, report, days))
        yield Page(rows, {"loaded_through": days[-1].isoformat()}, covers=Window(DAY_ON.name, days[0], first))


def path(settings: Mapping[str, str]) -> str:
    """The path of the property."""
    return f"/v1beta/properties/{settings[PROPERTY]}"


def asked(  # noqa: PLR0913 (what a report is)
    dimensions: Iterable[str], metrics: Iterable[str], first: str, last: str, *, needs: str = "", at: int = 0
) -> dict[str, object]:
    """The body of a request for a report; in an order that pages can rely on, numbers of 64 bits as text."""
    names = list(dimensions)
    body: dict[str, object] = {
        "dateRanges": [{"startDate": first, "endDate": last}],
        "dimensions": [{"name": name} for name in names],
        "metrics": [{"name": name} for name in metrics],
        "orderBys": [{"dimension": {"dimensionName": name}} for name in names],
        "limit": str(MOST_ROWS),
        "offset": str(at),
    }
    if needs:
        above_zero = {"operation": "GREATER_THAN", "value": {"int64Value": "0"}}
        body["metricFilter"] = {"filter": {"fieldName": needs, "numericFilter": above_zero}}
    return body


def _first_day(pull: Pull, newest: date) -> date | None:
    """The first day with a session; None where there was none yet."""
    body = asked(("date",), ("sessions",), EARLIEST, newest.isoformat()) | {"limit": "1"}
    answer = _ask(pull, "runReport", body)
    return date.fromisoformat(answer["rows"][0]["dimensionValues"][0]["value"]) if answer.get("rows") else None


def _rows(pull: Pull, report: Report, days: Sequence[date]) -> Iterator[Row]:
    """The rows of the report of each day, all pages of it."""
    wanted = deque((day, 0) for day in days)
    while wanted:
        parts = [wanted.popleft() for _ in range(min(REPORTS, len(wanted)))]
        bodies = [
            asked(report.dimensions, report.metrics, day.isoformat(), day.isoformat(), needs=report.needs, at=at)
            for day, at in parts
        ]
        answers = _ask(pull, "batchRunReports", {"requests": bodies}).get("reports", ())
        if len(answers) != len(parts):
            raise _error(pull, f"{len(answers)} reports where {len(parts)} were asked for")
        for (day, at), answer in zip(parts, answers, strict=True):
            _check_zone(pull, answer)
            rows, total = answer.get("rows", ()), answer.get("rowCount", 0)
            if not rows and at < total:
                raise _error(pull, f"{at} of {total} rows of {day}, and then none")
            yield from _fields(report, day, answer)
            if at + len(rows) < total:
                wanted.append((day, at + len(rows)))


def _fields(report: Report, day: date, answer: Mapping[str, Any]) -> Iterator[Row]:
    """The rows of one answer under our names. Every value comes as a text, and its type stands in the header."""
    names = [report.dimensions[header["name"]].name for header in answer.get("dimensionHeaders", ())]
    metrics = [(report.metrics[header["name"]].name, header["type"]) for header in answer.get("metricHeaders", ())]
    quality = _quality(answer.get("metadata", {}))
    for row in answer.get("rows", ()):
        said = zip(names, row.get("dimensionValues", ()), strict=True)
        counted = zip(metrics, row.get("metricValues", ()), strict=True)
        yield {
            DAY_ON.name: day,
            **{name: value["value"] for name, value in said},
            **{name: _number(type_, value["value"]) for (name, type_), value in counted},
            **quality,
        }


def _quality(metadata: Mapping[str, Any]) -> Row:
    """What the answer says of itself; a report is estimated where it has samplings, one for its only date range."""
    samples = metadata.get("samplingMetadatas", ())
    return {
        "is_thresholded": bool(metadata.get("subjectToThresholding")),
        "has_other_row": bool(metadata.get("dataLossFromOtherRow")),
        "events_read": int(samples[0]["samplesReadCount"]) if samples else None,
        "events_in_all": int(samples[0]["samplingSpaceSize"]) if samples else None,
        "remarks": {name: value for name, value in metadata.items() if name not in TOLD_ELSEWHERE} or None,
    }


def _number(type_: str, text: str) -> object:
    """A metric's value; a text that is no number stays one, and its row is rejected."""
    try:
        return int(text) if type_ == "TYPE_INTEGER" else float(text)
    except ValueError:
        return text


def _ask(pull: Pull, verb: str, body: object) -> dict[str, Any]:
    answer = pull.http.post_json(f"{path(pull.settings)}:{verb}", body, idempotent=True)
    if not isinstance(answer, dict):
        raise _error(pull, f"JSON that is a {type(answer).__name__}, not an object")
    return answer


def _check_zone(pull: Pull, answer: Mapping[str, Any]) -> None:
    """Refuse days of another zone than we take them for."""
    zone, expected = answer.get("metadata", {}).get("timeZone"), pull.settings[TIMEZONE]
    if zone not in {None, expected}:
        raise _error(pull, f"days of {zone}, not of {expected}", f"Set {TIMEZONE} to the property's time zone.")


def _error(pull: Pull, came: str, advice: str = "Refresh the table again; nothing was changed.") -> SourceError:
    return SourceError(pull.http.name, f"POST {path(pull.settings)}:batchRunReports", came, advice)
