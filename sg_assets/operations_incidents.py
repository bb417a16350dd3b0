"""What the watch remembers: how every table stood, what changed when, and which incidents there are.

In the operations store; a tick of the watch writes what it found in one transaction, messages included, so that an
incident is never known without being told, nor told without being known. What it writes is decided in `freshness/`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Column, Connection, Engine, Integer, RowMapping, Table, Text, func, insert, select

from sg_assets.freshness.incidents import Changes, Incident
from sg_assets.freshness.transitions import Standing, Transition
from sg_assets.message import Severity
from sg_assets.operations_engine import UtcTime, Words, make, put
from sg_assets.operations_tables import metadata
from sg_assets.outbox import Outbox

incident = Table(
    "watch_incident",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("severity", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("since", UtcTime, nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("told_at", UtcTime, nullable=False),
    Column("title", Words, nullable=False),
    Column("cure", Text, nullable=False),
    Column("aspects", Text, nullable=False),
    Column("late", Integer, nullable=False),
    Column("messages", Integer, nullable=False),
    Column("relapses", Integer, nullable=False),
    Column("links", Text, nullable=False),
    Column("healed_at", UtcTime),
    Column("resolved_at", UtcTime),
    Column("outcome", Text, nullable=False),
    Column("until", UtcTime),
)
standing = Table(
    "table_standing",
    metadata,
    Column("table_name", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("since", UtcTime, nullable=False),
    Column("data_through", UtcTime),
    Column("roots", Text, nullable=False),  # names, a space between them
)
transition = Table(
    "state_transition",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("table_name", Text, nullable=False, index=True),
    Column("state", Text, nullable=False),
    Column("since", UtcTime, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
)
shown = Table(
    "shown",
    metadata,
    Column("table_name", Text, primary_key=True),
    Column("verdict", Text, nullable=False),
    Column("materialization", Text, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """What Dagster shows as a table's check `fresh`: which verdict, and which materialization it was about."""

    verdict: str
    materialization: str


class WatchBook:
    """The watch's own part of the operations store behind an engine; made where it is missing."""

    def __init__(self, engine: Engine, outbox: Outbox) -> None:
        """Create what is missing; messages go to the outbox of the same store."""
        self._engine = engine
        self._outbox = outbox
        make(engine, metadata, [incident, standing, transition, shown])

    def incidents(self) -> dict[str, Incident]:
        """The newest incident of each subject, open or not."""
        newest = select(incident.c.subject, func.max(incident.c.number).label("number")).group_by(incident.c.subject)
        last = newest.subquery()
        wanted = select(incident).join(
            last, (incident.c.subject == last.c.subject) & (incident.c.number == last.c.number)
        )
        with self._engine.connect() as connection:
            return {row["subject"]: _incident(row) for row in connection.execute(wanted).mappings()}

    def open_incidents(self) -> list[Incident]:
        """What is open, the oldest first."""
        wanted = select(incident).where(incident.c.resolved_at.is_(None)).order_by(incident.c.opened_at)
        with self._engine.connect() as connection:
            return [_incident(row) for row in connection.execute(wanted).mappings()]

    def standings(self) -> dict[str, Standing]:
        """How each table stood when it was looked at last."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(standing)).all()
        return {
            name: Standing(state, since, through, tuple(roots.split())) for name, state, since, through, roots in rows
        }

    def record(self, standings: Mapping[str, Standing], transitions: Sequence[Transition], changes: Changes) -> None:
        """Write what a tick found out, all of it or nothing; `standings` are those that are not as they were."""
        if not (standings or transitions or changes.incidents or changes.messages):
            return
        with self._engine.begin() as connection:
            self._record_history(connection, standings, transitions)
            if changes.incidents:
                put(connection, incident, [_incident_row(one) for one in changes.incidents])
            self._outbox.add(changes.messages, connection)

    def _record_history(
        self, connection: Connection, standings: Mapping[str, Standing], transitions: Sequence[Transition]
    ) -> None:
        if standings:
            rows = [
                {"table_name": name, **asdict(one), "roots": " ".join(one.roots)} for name, one in standings.items()
            ]
            put(connection, standing, rows)
        if transitions:
            connection.execute(
                insert(transition),
                [
                    {"table_name": t.table, "state": str(t.state), "since": t.since, "recorded_at": t.recorded_at}
                    for t in transitions
                ],
            )

    def transitions(self) -> list[Transition]:
        """Everything that ever changed, of each table in the order in which it did."""
        wanted = select(transition).order_by(transition.c.table_name, transition.c.id)
        with self._engine.connect() as connection:
            rows = connection.execute(wanted).all()
        return [Transition(row.table_name, row.state, row.since, row.recorded_at) for row in rows]

    def shown(self) -> dict[str, Shown]:
        """What Dagster shows, by table; a table of which it was never told anything is left out."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(shown)).all()
        return {name: Shown(verdict, materialization) for name, verdict, materialization in rows}

    def record_shown(self, table: str, told: Shown) -> None:
        """Remember what Dagster was just told."""
        with self._engine.begin() as connection:
            put(connection, shown, [{"table_name": table, **asdict(told)}])


def _incident_row(one: Incident) -> dict[str, object]:
    listed = {"aspects": json.dumps(sorted(one.aspects)), "links": json.dumps(one.links)}
    return {**asdict(one), "severity": str(one.severity), **listed}


def _incident(row: RowMapping) -> Incident:
    links = tuple((words, url) for words, url in json.loads(row["links"]))
    aspects = frozenset(json.loads(row["aspects"]))
    told: dict[str, Any] = {str(name): value for name, value in row.items()}
    return Incident(**told | {"severity": Severity(row["severity"]), "aspects": aspects, "links": links})
