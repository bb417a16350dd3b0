"""Every scheduled query as BigQuery tells of it now: whose it is, how it ran, what it writes, and who reads that.

Nothing is changed here. What can be told is asked of BigQuery each time, not taken from our own tables, which are as
old as their last pull.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from functools import partial
from typing import Any

from sg_assets.freshness.graph import Graph
from sg_assets.http import Client
from sg_assets.scheduled_queries.statements import Statements, read_statements
from sg_assets.sources.scheduled_queries.transfers import Item, details, listed, newest_run

AT_ONCE = 8
"""How many scheduled queries are asked about at the same time."""
SERVICE_ACCOUNTS = ".gserviceaccount.com"
"""How the address of any service account ends."""


@dataclass(frozen=True, slots=True)
class LastRun:
    """The newest run that BigQuery still shows. `at` is when it began, or was to begin."""

    state: str
    at: datetime | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Readers:
    """Who reads what a scheduled query writes: our tables, other scheduled queries by title, Looker by title."""

    tables: tuple[str, ...] = ()
    scheduled_queries: tuple[str, ...] = ()
    looker: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Audited:
    """One scheduled query. `config` is what the API said of it; names of tables have no project."""

    config: Mapping[str, Any]
    is_owned: bool | None
    last_run: LastRun | None
    statements: Statements
    writes: tuple[str, ...]
    readers: Readers = field(default_factory=Readers)

    @property
    def name(self) -> str:
        """Its resource name."""
        return str(self.config["name"])

    @property
    def id(self) -> str:
        """The last part of that."""
        return self.name.rpartition("/")[2]

    @property
    def title(self) -> str:
        """What people call it."""
        return str(self.config.get("displayName") or self.id)

    @property
    def owner(self) -> str | None:
        """On whose account it runs; None where BigQuery does not tell."""
        return owner_of(self.config)


def owner_of(config: Mapping[str, Any]) -> str | None:
    """On whose account a configuration runs; None where BigQuery does not tell."""
    return (config.get("ownerInfo") or {}).get("email") or None


def is_owned(owner: str | None, account: str) -> bool | None:
    """Whether an owner is the service account, or any where none is named; None where the owner is not told."""
    if owner is None:
        return None
    return owner.lower() == account.lower() if account else owner.lower().endswith(SERVICE_ACCOUNTS)


def audit(  # noqa: PLR0913 (what is asked, of whom, and what is compared with it)
    http: Client,
    project: str,
    *,
    account: str,
    graph: Graph,
    looker: Mapping[str, Collection[str]],
    told: Callable[[str], None] = lambda _title: None,
) -> list[Audited]:
    """Every scheduled query of a project, those not owned by the service account first, then by title.

    Args:
        http: the source's client.
        project: id of the project.
        account: service account that they should run as; empty: any will do.
        graph: our tables.
        looker: for each table, what in Looker reads it.
        told: hears the title of each as it is done.

    Raises:
        SourceError: BigQuery did not tell.
    """
    configs = list(listed(http, project))
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="audit") as pool:
        found = [one for one in pool.map(partial(_looked_at, http, project, account, told), configs) if one]
    made = [_with_readers(one, found, graph, looker) for one in found]
    return sorted(made, key=lambda one: (one.is_owned is True, one.title.lower(), one.name))


def _looked_at(
    http: Client, project: str, account: str, told: Callable[[str], None], listed_as: Item
) -> Audited | None:
    """One of them; None where it was deleted since it was listed."""
    config = details(http, listed_as["name"])
    if config is None:
        return None
    run = newest_run(http, config["name"])
    params = config.get("params") or {}
    statements = read_statements(str(params.get("query") or ""), projects_of(config, project))
    told(str(config.get("displayName")))
    return Audited(
        config,
        is_owned(owner_of(config), account),
        None if run is None else _last_run(run),
        statements,
        tuple(dict.fromkeys([*destination(config), *statements.writes])),
    )


def projects_of(config: Mapping[str, Any], project: str) -> tuple[str, str]:
    """The id and the number of the project that a configuration is in."""
    return project, str(config["name"]).split("/")[1]


def destination(config: Mapping[str, Any]) -> tuple[str, ...]:
    """The table that a configuration writes its rows to, without the part that names a partition: at most one."""
    template = (config.get("params") or {}).get("destination_table_name_template")
    dataset = config.get("destinationDatasetId")
    return (f"{dataset}.{str(template).partition('$')[0]}",) if dataset and template else ()


def _last_run(run: Item) -> LastRun:
    began = run.get("startTime") or run.get("scheduleTime") or run.get("runTime")
    status = run.get("errorStatus") or {}
    return LastRun(
        str(run.get("state")),
        datetime.fromisoformat(began) if began else None,
        str(status.get("message")) if status.get("code") else None,
    )


def _with_readers(
    one: Audited, all_: Iterable[Audited], graph: Graph, looker: Mapping[str, Collection[str]]
) -> Audited:
    tables = sorted({t.name for t in graph for i in t.inputs if _is_any(i.table, one.writes)})
    others = sorted(
        {
            other.title
            for other in all_
            if other is not one and any(_is_any(n, one.writes) for n in other.statements.reads)
        }
    )
    content = sorted({title for table, titles in looker.items() if _is_any(table, one.writes) for title in titles})
    readers = Readers(tuple(tables), tuple(others), tuple(content))
    return Audited(one.config, one.is_owned, one.last_run, one.statements, one.writes, readers)


def _is_any(read: str, written: Iterable[str]) -> bool:
    """Whether a name that is read is one of those written; either may be a pattern: `events_*`, `events_{run_date}`."""
    patterns = (name.partition("{")[0] + "*" if "{" in name else name for name in written)
    return any(fnmatchcase(read, pattern) or fnmatchcase(pattern, read) for pattern in patterns)
