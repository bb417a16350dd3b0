"""Several scheduled queries at once as files of tables: each after what it reads, none over a file that is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sg_assets.freshness.graph import Graph
from sg_assets.scheduled_queries.audit import destination, projects_of
from sg_assets.scheduled_queries.body import Refused
from sg_assets.scheduled_queries.draft import Draft, Unknown, Wishes, draft
from sg_assets.scheduled_queries.statements import read_statements
from sg_assets.table import Table

Config = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of one. `file` is what was written, None where nothing was; `problem` then says why."""

    config: Config
    draft: Draft | None = None
    file: Path | None = None
    problem: str = ""


@dataclass(frozen=True)
class Importer:
    """What all imports of one command share.

    `project` is the id of the analytics project, `folder` where the files of tables are; `written_by` names for a table
    the scheduled query that writes it; `may_replace` says whether a file that is there may be written over. `shown` are
    those of our tables that show another system's, by its names.
    """

    project: str
    folder: Path
    wishes: Wishes
    written_by: Mapping[str, str]
    may_replace: bool = False
    shown: Mapping[str, Table] = field(default_factory=dict)

    def all(self, configs: Sequence[Config], graph: Graph) -> list[Imported]:
        """Write the files of some scheduled queries, those that others of them read first."""
        known, waiting, done = graph, list(configs), dict[str, Imported]()
        is_last = False
        while waiting:
            put_off: list[Config] = []
            for config in waiting:
                try:
                    found = self._one(config, known)
                except Unknown as unknown:
                    if not is_last:
                        put_off.append(config)
                        continue
                    found = Imported(config, problem=str(unknown))
                done[config["name"]] = found
                if found.file and found.draft and found.draft.declared:
                    made = found.draft.declared
                    known = Graph.of([*(one for one in known if one.name != made.name), made])
            is_last = len(put_off) == len(waiting)  # nothing that was written helped any of them
            waiting = put_off
        return [done[config["name"]] for config in configs]

    def _one(self, config: Config, known: Graph) -> Imported:
        """One of them.

        Raises:
            Unknown: it reads what is not defined, or not yet.
        """
        try:
            made = draft(config, self.project, known, self.wishes, self.written_by, self.shown)
        except Unknown:
            raise
        except Refused as refused:
            return Imported(config, problem=str(refused))
        dataset, _, name = made.table.partition(".")
        file = self.folder / dataset / f"{name}.sql"
        if file.exists() and not self.may_replace:
            return Imported(config, made, problem=f"{file} exists: --force writes over it, --as says another name")
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(".sql.part")
        part.write_text(made.text, encoding="utf-8")
        part.replace(file)
        return Imported(config, made, file)


def writers(configs: Iterable[Config], project: str) -> dict[str, str]:
    """For each table that scheduled queries write, which does: its title and id."""
    return {
        table: f"{config.get('displayName')} ({str(config['name']).rpartition('/')[2]})"
        for config in configs
        for table in (*destination(config), *_own_writes(config, project))
    }


def _own_writes(config: Config, project: str) -> tuple[str, ...]:
    sql = str((config.get("params") or {}).get("query") or "")
    return read_statements(sql, projects_of(config, project)).writes
