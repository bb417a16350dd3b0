"""A report in words: plain for a terminal, or Markdown for a comment on a pull request.

Names of tables and columns are set as code in Markdown. Nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sg_assets.comparison.changes import SQL, Change

if TYPE_CHECKING:
    from sg_assets.comparison.report import Below, Report

MOST_LINES = 60
"""Lines of a section that are shown; a comment has room for 65,536 characters."""
SHOWN = 120
"""Characters of a description that are shown."""
OUTSIDE = "Who reads these tables in Looker, or by queries of their own, is not known here."


@dataclass(frozen=True)
class Section:
    """A heading and its lines; `is_folded` where a comment shows it only to those who ask."""

    heading: str
    lines: Sequence[str] = field(default_factory=tuple)
    is_folded: bool = False


def markdown(report: Report) -> str:
    """The report as a comment on a pull request."""
    parts = [f"### {_summary(report)}"]
    for section in _sections(report):
        lines = [f"* {line}" for line in _few(section.lines)]
        if section.is_folded:
            parts.append(f"<details><summary>{_html(section.heading)}</summary>\n")
            parts += [*lines, "\n</details>"]
        else:
            parts += [f"\n**{section.heading}**\n", *lines]
    return "\n".join([*parts, f"\n{OUTSIDE}"]) + "\n"


def plain(report: Report) -> str:
    """The report for a terminal."""
    parts = [_summary(report)]
    for section in _sections(report):
        parts += ["", section.heading, *(f"    {line}" for line in _few(section.lines))]
    return "\n".join(parts).replace("`", "") + "\n"


def _summary(report: Report) -> str:
    changes, base = report.changes, report.revision
    counts = [
        f"{len(found)} {word}"
        for found, word in ((changes.added, "added"), (changes.removed, "removed"), (changes.changed, "changed"))
        if found
    ]
    return f"Tables: {', '.join(counts) or 'as they were'}, against `{base.name}` ({base.commit[:9]})"


def _sections(report: Report) -> Iterator[Section]:
    head, base, changes = report.head, report.revision.tables, report.changes
    sections = (
        Section("Not as it should be: removed, and still read", [*_broken(report)]),
        Section("Added", [_table(head[name]) for name in changes.added]),
        Section("Removed", [*_removed(report, base)]),
        Section("Changed", [f"{_table(head[n])}: {'; '.join(map(_change, c))}" for n, c in changes.changed.items()]),
        Section(
            "Promises",
            [f"`{n}` ({head[n]['owner']}): {c.after}; it was {c.before}" for n, c in report.promises.items()],
        ),
        Section(
            f"Downstream: {_counted(report.below)}",
            [*(f"{owner}: {_names(tables)}" for owner, tables in report.owners.items())],
        ),
        Section("Each of them, with why, and its promise", [*map(_below, report.below)], is_folded=True),
    )
    return (section for section in sections if section.lines or (report.below and "Downstream" in section.heading))


def _broken(report: Report) -> Iterator[str]:
    for one in report.broken:
        what = f"column `{one.column}` of `{one.table}`" if one.column else f"`{one.table}`"
        yield f"{what} is read by {', '.join(f'`{reader}` ({how})' for reader, how in one.readers)}"


def _removed(report: Report, base: Any) -> Iterator[str]:  # noqa: ANN401 (documents)
    for name in report.changes.removed:
        read_by = report.read_before.get(name)
        yield f"{_table(base[name])}; {f'it was read by {_names(read_by)}' if read_by else 'nothing here read it'}"


def _change(change: Change) -> str:
    if change.what == SQL:
        return "SQL"
    named = f"{change.what} `{change.name}`" if change.name else change.what
    if change.before is not None and change.after is not None:
        return f"{named} ({_short(change.before)} → {_short(change.after)})"
    said = change.after if change.after is not None else change.before
    return f"{named} ({_short(said)})" if said is not None else named


def _below(one: Below) -> str:
    what = "may be built anew" if one.is_rebuilt else "keeps its rows"
    return f"`{one.table}` ({one.owner}) {what}, because of {_names(one.because)}. Promise: {one.promise}"


def _counted(below: Sequence[Below]) -> str:
    rebuilt = sum(one.is_rebuilt for one in below)
    owners = len({one.owner for one in below if one.is_rebuilt})
    tables = f"{len(below)} table{'s'[: len(below) != 1]}"
    if not rebuilt:
        return f"{tables}, none is built anew"
    return f"{tables}, of which {rebuilt} may be built anew, of {owners} owner{'s'[: owners != 1]}"


def _table(document: Any) -> str:  # noqa: ANN401 (a document)
    return f"`{document['table']}` ({document['kind']}, {document['owner']})"


def _names(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else line[: SHOWN - 1] + "…"


def _few(lines: Sequence[str]) -> list[str]:
    more = [f"and {len(lines) - MOST_LINES} more: `--json` has all"] if len(lines) > MOST_LINES else []
    return [*lines[:MOST_LINES], *more]


def _html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
