"""The REST query API: every object is pulled the same way, by windows of `SystemModstamp`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sg_assets.columns import Column
from sg_assets.source import Page, Pull
from sg_assets.sources.salesforce.session import API, LATE_COMMIT

LAG = timedelta(minutes=1)
"""How far a window keeps from now: our clock and Salesforce's may differ."""
THROUGH = "modified_through"
"""In a cursor: up to which `SystemModstamp` everything was read."""


def windows(pull: Pull, name: str, fields: Mapping[str, Column]) -> Iterator[Page]:
    """All records of an object that changed since the last pull, deleted and merged ones too, the oldest change first.

    A window ends a little before now, and the next begins a look-back before that end: stamps have whole seconds, so
    that ties are normal, and a late commit bears an older stamp. What is read twice is merged by id. Because records
    come in the order of their stamps, a pull that stops halfway can go on from its last page.
    """
    through = pull.now - LAG
    since = (pull.cursor or {}).get(THROUGH)
    begin = f"SystemModstamp >= {literal(instant(since) - LATE_COMMIT)} AND " if since else ""
    where = f"{begin}SystemModstamp < {literal(through)}"
    query = f"SELECT {', '.join(fields)} FROM {name} WHERE {where} ORDER BY SystemModstamp"  # noqa: S608 (declared names)
    answer = pull.http.get_json(f"{API}/queryAll", {"q": query})
    while not answer["done"]:
        rows = [row(record, fields) for record in answer["records"]]
        yield Page(rows, {THROUGH: rows[-1]["system_modstamp"]} if rows else None)
        answer = pull.http.get_json("/services/" + str(answer["nextRecordsUrl"]).partition("/services/")[2])
    yield Page([row(record, fields) for record in answer["records"]], {THROUGH: literal(through)})


def row(record: Mapping[str, Any], fields: Mapping[str, Column]) -> dict[str, object]:
    """A record under our names; a field that was not asked for keeps its own."""
    return {fields[api].name if api in fields else api: value for api, value in record.items() if api != "attributes"}


def instant(text: object) -> datetime:
    """The instant that a text of Salesforce's, or of our cursor, names; in UTC."""
    return datetime.fromisoformat(str(text)).astimezone(UTC)


def quoted(text: str) -> str:
    """A text of SOQL, whatever is in it.

    https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_quotedstringescapes.htm
    """
    escaped = text.replace("\\", r"\\").replace("'", r"\'").replace("\n", r"\n").replace("\r", r"\r")
    return f"'{escaped}'"


def literal(time: datetime) -> str:
    """A date-time of SOQL: unquoted, in UTC, whole seconds."""
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
