"""What is said of scheduled queries: to people in lines, to programs in documents whose field names are stable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from sg_assets import show
from sg_assets.documents import Document, rfc3339
from sg_assets.scheduled_queries.audit import Audited, is_owned
from sg_assets.scheduled_queries.importing import Imported
from sg_assets.scheduled_queries.looker import Content
from sg_assets.scheduled_queries.mending import Mended

INDENT = " " * 8
WORDS = {True: ("ours", "green"), False: ("not ours", "bold red"), None: ("owner not told", "yellow")}


def document(  # noqa: PLR0913, PLR0917 (the parts of the document)
    found: Iterable[Audited], made: Iterable[Mended], project: str, account: str, now: datetime, looker: Content
) -> Document:
    """The whole of `audit`, with what `--fix` did."""
    results = {one.audited.name: one for one in made}
    return {
        "project": project,
        "service_account": account or None,
        "checked_at": rfc3339(now),
        "looker_as_of": rfc3339(looker.as_of),
        "queries": [_query(one, results.get(one.name), account, looker) for one in found],
    }


def _query(one: Audited, result: Mended | None, account: str, looker: Content) -> Document:
    run = one.last_run
    return {
        "id": one.id,
        "name": one.name,
        "title": one.title,
        "location": one.name.split("/")[3],
        "enabled": not one.config.get("disabled", False),
        "schedule": one.config.get("schedule"),
        "owner": one.owner if result is None else result.owner,
        "owned_by_service_account": one.is_owned if result is None else is_owned(result.owner, account),
        "last_run": None if run is None else {"state": run.state, "at": rfc3339(run.at), "error": run.error},
        "writes": list(one.writes),
        "reads": list(one.statements.reads),
        "sql_understood": one.statements.is_understood,
        "read_by": {
            "tables": list(one.readers.tables),
            "scheduled_queries": list(one.readers.scheduled_queries),
            "looker": None if looker.as_of is None else list(one.readers.looker),
        },
        "fixed": None if result is None else not result.problem,
        "problem": (result.problem if result else "") or None,
    }


def audited(found: Sequence[Audited], account: str, looker: Content) -> None:
    """A line for each scheduled query, and below it what there is to say."""
    out = show.console()
    for one in found:
        word, style = WORDS[one.is_owned]
        out.print(f"[{style}]{word}[/]", end="  ")
        out.print(f"{one.title} ({one.id})", markup=False, soft_wrap=True)
        for line in _lines(one):
            show.say(out, line, INDENT)
    counts = Counter(WORDS[one.is_owned][0] for one in found)
    told = ", ".join(f"{number} {word}" for word, number in counts.items()) or "no scheduled queries"
    out.print(f"{told}; ours: {account or 'any service account'}", markup=False, soft_wrap=True)
    if looker.as_of is None:
        show.say(out, "who reads them in Looker is not known: operations.looker_content was not built yet")


def _lines(one: Audited) -> Iterator[str]:
    place = one.name.split("/")[3]
    off = "switched off, " if one.config.get("disabled") else ""
    yield f"{off}runs as {one.owner or 'nobody that is told'} in {place}, {one.config.get('schedule') or 'on demand'}"
    if run := one.last_run:
        when = f" at {run.at:%Y-%m-%d %H:%M} UTC" if run.at else ""
        yield f"last run {run.state}{when}{f': {run.error}' if run.error else ''}"
    else:
        yield "no run is shown"
    yield f"writes {', '.join(one.writes) or 'nothing that its SQL shows'}"
    if not one.statements.is_understood:
        yield "its SQL was not understood in whole: it may read and write more"
    readers = one.readers
    for who, names in (
        ("tables", readers.tables),
        ("scheduled queries", readers.scheduled_queries),
        ("Looker", readers.looker),
    ):
        if names:
            yield f"read by {who}: {', '.join(names)}"


def mended(made: Sequence[Mended]) -> None:
    """What became of each that was to be handed over."""
    out = show.console()
    for one in made:
        told = f"runs as {one.owner} now" if not one.problem else f"not handed over: {one.problem}"
        show.say(out, f"{one.audited.title}: {told}")


def imported_document(one: Imported) -> Document:
    """One scheduled query of `import`."""
    made = one.draft
    return {
        "id": str(one.config["name"]).rpartition("/")[2],
        "title": one.config.get("displayName"),
        "result": _result(one),
        "table": made.table if made else None,
        "file": str(one.file) if one.file else None,
        "reads": list(made.reads) if made else [],
        "missing": list(made.missing) if made else [],
        "remarks": list(made.remarks) if made else [],
        "problem": one.problem or None,
    }


def _result(one: Imported) -> str:
    if one.file is None or one.draft is None:
        return "refused"
    return "incomplete" if one.draft.missing else "imported"


def imported(made: Sequence[Imported]) -> None:
    """A line for each, what is to be done about it, and what comes next."""
    out = show.console()
    for one in made:
        title = one.config.get("displayName") or one.config["name"]
        if one.file is None or one.draft is None:
            show.say(out, f"refused     {title}: {one.problem}")
            continue
        show.say(out, f"{_result(one):<11} {title}: {one.file}")
        show.say(out, f"reads {', '.join(one.draft.reads)}", INDENT)
        for missing in one.draft.missing:
            show.say(out, f"fill in NOT_TOLD: {missing}", INDENT)
        for remark in one.draft.remarks:
            show.say(out, remark, INDENT)
    names = [one.draft.table for one in made if one.file and one.draft]
    if names:
        show.say(out, f"Next: `sg-assets refresh {' '.join(names)}`, and compare with what the scheduled query gives;")
        show.say(out, "write given and expected rows in sg_assets_tests/tables, and say more of the columns;")
        show.say(out, "switch the scheduled query off before it and this table write the same table in BigQuery.")
