"""What people see in a terminal: progress, verdicts, tables. Plain when piped, at most 80 columns wide.

Programs read the documents of `documents.py` instead.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from sg_assets.freshness.telling import some
from sg_assets.session import Result
from sg_assets.warehouse.price import USD_PER_TIB
from sg_assets.warehouse.price import usd as usd_of

if TYPE_CHECKING:
    from sg_assets.account import Account
    from sg_assets.estimate import Estimate
    from sg_assets.freshness.evaluate import Verdict
    from sg_assets.freshness.notes import Note
    from sg_assets.freshness.plan import Plan
    from sg_assets.heartbeat import Heartbeat
    from sg_assets.table import Table
    from sg_assets.warehouse.readcopy import Answer
    from sg_assets.warehouse.state import TableState

STATE_STYLES = {
    "fresh": "green",
    "late_soon": "yellow",
    "late": "bold red",
    "never_landed": "yellow",
    "noted": "cyan",
    "frozen": "blue",
    "not_connected": "dim",
}
WAYS = 3  # ways up to roots that are shown of a table
WORST_FIRST = ("late", "never_landed", "late_soon", "noted", "not_connected", "fresh", "frozen")
RESULT_STYLES = {Result.BUILT: "green", Result.SKIPPED: "dim", Result.FAILED: "bold red", Result.BLOCKED: "red"}


def console(*, is_error: bool = False) -> Console:
    """Standard output, or standard error for progress; colours and width are rich's decision."""
    return Console(stderr=is_error, highlight=False, soft_wrap=False)


def say(out: Console, text: str, indent: str = "") -> None:
    """Print plain text, wrapped between words only, so that a path or a name stays whole; later lines are indented."""
    wrapped = textwrap.fill(
        text,
        out.width,
        initial_indent=indent,
        subsequent_indent=indent or "    ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    out.print(wrapped, markup=False, soft_wrap=True)


def _grid() -> Grid:
    """A table without lines, its columns one space apart."""
    return Grid(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")


def account(made: Account) -> None:
    """How a refresh ended."""
    counts = {result: sum(report.result is result for report in made.tables) for result in Result}
    told = ", ".join(f"{n} {result}" for result, n in counts.items() if n)
    console().print(f"{told or 'nothing to do: everything that was asked for is up to date'} in {made.seconds:.1f} s")


def ago(span: timedelta | None) -> str:
    """A span in its two largest units: `3d 4h`, `12m`."""
    if span is None:
        return ""
    minutes = int(span.total_seconds() // 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [f"{n}{unit}" for n, unit in ((days, "d"), (hours, "h"), (minutes, "m")) if n]
    return " ".join(parts[:2]) or "0m"


def verdicts(found: Sequence[Verdict], now: datetime, *, in_detail: bool = False) -> None:
    """Every table's verdict, worst first, and why, since when and whose it is where one is not as it should be.

    What is so only because of others is named together; `in_detail` each is explained, with the way up to its roots.
    """
    out = console()
    grid = _grid()
    for name in ("table", "state", "complete to", "lag", "next"):
        grid.add_column(name, no_wrap=name != "table", overflow="fold")
    found = sorted(found, key=lambda verdict: (WORST_FIRST.index(verdict.state), verdict.table))
    for verdict in found:
        grid.add_row(
            verdict.table,
            f"[{STATE_STYLES[verdict.state]}]{verdict.state}[/]",
            f"{verdict.data_through:%m-%d %H:%M}" if verdict.data_through else "",
            ago(verdict.lag),
            _soon(verdict.next_expected, now),
        )
    out.print(grid)
    together: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for verdict in found:
        roots = verdict.root_names
        if not in_detail and roots and verdict.table not in roots and {v.table for v in found}.issuperset(roots):
            together.setdefault((_words(verdict), roots), []).append(verdict.table)
        elif verdict.note or verdict.state not in {"fresh", "frozen"}:
            _explain(out, verdict, in_detail=in_detail)
    for (state, roots), tables in together.items():
        say(out, f"{state} because of {some(roots)}: {some(tables)}")
    counts = {state: sum(v.state == state for v in found) for state in STATE_STYLES}
    told = ", ".join(f"{n} {state.replace('_', ' ')}" for state, n in counts.items() if n)
    out.print(f"{told} at {now:%Y-%m-%d %H:%M:%S} UTC")


def target(name: str, own: Sequence[str]) -> None:
    """Which tables a development copy has of its own."""
    has = f"has of its own: {', '.join(own)}" if own else "has nothing of its own yet"
    say(console(), f"{name} {has}; every other table is production's, nothing runs by itself and nobody is alerted")


def _soon(instant: datetime | None, now: datetime) -> str:
    """A coming instant: its time of today, else its day. Names of tables need the rest of the line."""
    if instant is None:
        return ""
    return f"{instant:%H:%M}" if instant.date() == now.date() else f"{instant:%m-%d}"


def _explain(out: Console, verdict: Verdict, *, in_detail: bool) -> None:
    since = f"; {_words(verdict)} since {verdict.since:%m-%d %H:%M:%S}" if verdict.since else ""
    say(out, f"{verdict.table}: {verdict.reason}{since}; {verdict.owner}")
    for root in verdict.roots[:WAYS] if in_detail else ():
        if len(root.path) > 1:
            say(out, " <- ".join(root.path), " " * 8)


def _words(verdict: Verdict) -> str:
    return verdict.state.replace("_", " ")


def not_alerting(heartbeats: Iterable[Heartbeat], now: datetime) -> None:
    """That nobody would be told of any of this, where it is so: who does not run, and since when."""
    for beat in heartbeats:
        if not beat.is_running:
            last = beat.last_run
            when = f"last ran at {last:%Y-%m-%d %H:%M:%S} UTC, {ago(now - last)} ago" if last else "never ran"
            say(console(), f"no alert is being sent: the {beat.name} {when}; it runs while `sg-assets up` does")


def plan(made: Plan, seconds: Mapping[str, float | None], costs: Mapping[str, Estimate]) -> None:
    """What would run, why, how many seconds it will take, and what it will cost where that is paid for."""
    out = console()
    if not made.steps:
        out.print("nothing to do: everything that was asked for is up to date")
    for step in made.steps:
        days = ""
        if step.partitions:
            first, last = step.partitions[0], step.partitions[-1]
            days = f" ({first})" if first == last else f" ({len(step.partitions)} days, {first} to {last})"
        told = "" if seconds.get(step.table) is None else f"{seconds[step.table]:.1f} s"
        usd = costs[step.table].usd if costs else None
        price = f"{'?' if usd is None else format(usd, ',.4f'):>9} USD  " if costs else ""
        say(out, f"{step.action:<6} {step.table:<34} {told:>7}  {price}{step.reason}{days}")
    for table, reason in made.waiting.items():
        say(out, f"waits  {table:<34}          {reason}")
    if made.steps:
        known = [found for found in seconds.values() if found is not None]
        new = len(made.steps) - len(known)
        unknown = f", and {new} that never ran before" if new else ""
        out.print(f"{len(made.steps)} tables, about {sum(known):.0f} s{unknown}")
    if costs:
        known_bytes = sum(found.bytes or 0 for found in costs.values())
        out.print(
            f"{known_bytes / 2**30:,.2f} GiB are read, {usd_of(known_bytes):,.4f} USD at {USD_PER_TIB} USD per TiB"
        )
        if unsaid := sum(found.bytes is None for found in costs.values()):
            out.print(f"and what is read for {unsaid} tables of which that is not known before")


def notes(found: Iterable[Note], now: datetime) -> None:
    """Each note: whether it holds, for what, who said it, and why."""
    out = console()
    lines = 0
    for lines, note in enumerate(found, 1):  # noqa: B007 (how many there were)
        end = note.until if note.ended_at is None else min(note.until, note.ended_at)
        word = "until" if note.is_active(now) else "was until"
        say(out, f"note {note.id} {word} {end:%Y-%m-%d %H:%M} UTC, by {note.author}: {note.reason}")
        say(out, ", ".join(note.tables), " " * 8)
    if not lines:
        out.print("no notes")


def tables(declared: Iterable[Table]) -> None:
    """One line for each table."""
    out = console()
    for table in declared:
        first = table.description.splitlines()[0] if table.description else ""
        line = f"{table.name:<34} {table.delivery or table.kind:<11} {first}"
        out.print(line, markup=False, overflow="ellipsis", no_wrap=True)


def orphans(states: Sequence[TableState]) -> None:
    """One line for each table that is still there although no file defines it."""
    out = console()
    for state in states:
        through = f"complete to {state.data_through:%Y-%m-%d %H:%M}" if state.data_through else "no data landed"
        say(out, f"{state.table:<34} {state.rows:>12,} rows  {through}")
    if not states:
        out.print("none: every table in the warehouse is defined by a file")


def table(declared: Table, promise: str) -> None:
    """One table whole."""
    from rich.markdown import Markdown  # noqa: PLC0415 (slow to import)

    out = console()
    say(out, f"{declared.name}  ({declared.owner})")
    out.print()
    out.print(Markdown(declared.description))
    out.print()
    for name, value in (
        ("promise", promise),
        ("key", ", ".join(declared.key)),
        ("file", str(declared.file)),
        ("reads", ", ".join(i.table for i in declared.inputs)),
    ):
        if value:
            say(out, f"{name}: {value}")
    out.print()
    grid = _grid()
    for name in ("column", "type", "class", "description"):
        grid.add_column(name, no_wrap=name != "description", overflow="fold")
    for column in declared.columns:
        grid.add_row(*map(Text, (column.name, column.type, column.classification, column.description)))
    out.print(grid)


def answer(found: Answer) -> None:
    """The rows of a query, and as of when the copy is that they come from."""
    out = console()
    grid = _grid()
    for name, _type in found.columns:
        grid.add_column(Text(name), overflow="fold")
    for row in found.rows:
        grid.add_row(*(Text("" if value is None else str(value)) for value in row))
    out.print(grid)
    told = f"{found.as_of:%Y-%m-%d %H:%M:%S} UTC" if found.as_of else "before anything was built"
    out.print(f"[dim]{len(found.rows)} rows, as of {told}[/]")
