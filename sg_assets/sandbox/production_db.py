"""The database of sourcegraph.com: a real Postgres server of this process, as the company is at the sandbox's time.

Its faults are a real server's: no server, a refused password, no connection left, a right that was taken away, a column
that was renamed, a connection that is cut.
"""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sg_assets.sandbox.company import event_log
from sg_assets.sandbox.company.dotcom_database import TABLES, Content, contents
from sg_assets.sandbox.company.event_log import EventLog
from sg_assets.sandbox.faults import ANY, Kind
from sg_assets.sandbox.postgres_relay import Relay
from sg_assets.sandbox.postgres_server import PostgresServer, start
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets.sandbox.stand_in import OwnServer

DATABASE, ROLE, PASSWORD = "sourcegraph", "sg_assets", "sandbox-reader"
SCHEMA = Path(__file__).with_suffix(".sql")
EVENTS = "event_logs"
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
_started: dict[tuple[int, Sandbox], ProductionDb] = {}
_lock = threading.Lock()


@dataclass
class ProductionDb:
    """One sandbox's database, as it was when it was last asked for."""

    sandbox: Sandbox
    server: PostgresServer
    _log: EventLog = field(init=False, repr=False)
    _shown: dict[str, Content] = field(default_factory=dict, repr=False)
    _now: datetime = field(init=False)
    _broken: Sequence[str] = ()
    _relay: Relay | None = None

    def __post_init__(self) -> None:
        """Make the empty tables."""
        self._log = EventLog(self.sandbox.company)
        self._now = self.sandbox.anchor - event_log.HISTORY
        self.server.run(f"create database {DATABASE};")
        self.run(SCHEMA.read_text())

    def run(self, script: str) -> str:
        """Run a script of psql in the database as its superuser; gives what it prints."""
        return self.server.run(script, DATABASE)

    def bring_to(self, now: datetime) -> None:
        """Mend what faults broke, and change what is not as it is at an instant."""
        script = ["begin;", *_mending(self._broken)]
        self._broken = ()
        if now < self._now:
            script.append(f"delete from {EVENTS};")  # noqa: S608 (its own name)
            self._log = EventLog(self.sandbox.company)
        self._now = now
        for name, content in contents(self.sandbox.company, now).items():
            if content != self._shown.get(name):
                script += [f"delete from {name};", *_copied(name, content.columns, content.rows)]  # noqa: S608 (its own names)
                self._shown[name] = content
        script += _copied(EVENTS, event_log.COLUMNS, self._log.until(now))
        self.run("\n".join([*script, "commit;", ""]))

    def url(self) -> str:
        """Where the reader reaches it, after the faults that are on were done to it."""
        faults = self.sandbox.faults
        if broken := _breaking(self.sandbox):
            self.run("\n".join(broken))
            self._broken = broken
        password = "expired" if faults.take(Kind.EXPIRED_TOKEN, stand_in.source, DATABASE) else PASSWORD
        url = self.server.url(ROLE, password, DATABASE)
        folder = str(self.server.folder)
        if faults.take(Kind.SERVER_ERROR, stand_in.source, DATABASE):
            return url.replace(folder, f"{folder}/nothing-here")
        if any(fault.kind is Kind.CUT_BODY and fault.source in {ANY, stand_in.source} for fault in faults.list()):
            self._relay = self._relay or Relay(self.server.folder / "relay", self.server.folder, self._is_cut)
            return url.replace(folder, str(self._relay.folder))
        return url

    def stop(self) -> None:
        """End the server."""
        if self._relay is not None:
            self._relay.stop()
        self.server.stop()

    def _is_cut(self, table: str) -> bool:
        return self.sandbox.faults.take(Kind.CUT_BODY, stand_in.source, table) is not None


def _breaking(sandbox: Sandbox) -> list[str]:
    """The statements that do what the faults of tables that are on say."""
    faults, script = sandbox.faults, list[str]()
    for table in (*TABLES, EVENTS):
        if faults.take(Kind.FORBIDDEN, stand_in.source, table):
            script.append(f"revoke all on {table} from {ROLE};")
        if fault := faults.take(Kind.RENAMED_FIELD, stand_in.source, table):
            script.append(f"alter table {table} rename column {fault.options['field']} to {fault.options['to']};")
        if faults.on(Kind.FURTHER_RIGHTS, stand_in.source, table):
            script.append(f"grant select, insert, delete on {table} to {ROLE};")
    if faults.take(Kind.TOO_MANY_REQUESTS, stand_in.source, DATABASE):
        script.append(f"alter role {ROLE} connection limit 0;")
    return script


def _mending(broken: Sequence[str]) -> list[str]:
    """The statements that undo those of `_breaking`: names are given back, and all rights given anew."""
    if not broken:
        return []
    renamed = [words for line in broken if (words := line.rstrip(";").split())[:2] == ["alter", "table"]]
    names = [f"alter table {words[2]} rename column {words[7]} to {words[5]};" for words in renamed]
    grants = [f"{part};" for part in SCHEMA.read_text().split(";") if part.strip().startswith("grant")]
    taken = [line.replace("grant", "revoke").replace(" to ", " from ") for line in broken if line.startswith("grant")]
    return [*names, *taken, f"alter role {ROLE} connection limit -1;", *grants]


def of_this_process(sandbox: Sandbox) -> ProductionDb:
    """The database of this process for a sandbox, started at the first call; a forked child starts its own."""
    key = (os.getpid(), sandbox)
    with _lock:
        if key not in _started:
            _started[key] = ProductionDb(sandbox, start())
        return _started[key]


@atexit.register
def end_all() -> None:
    """End every database of this process; one that is wanted again is started anew."""
    with _lock:
        for pid, sandbox in list(_started):
            ended = _started.pop((pid, sandbox))
            if pid == os.getpid():  # else it is the database of whoever forked us
                ended.stop()


def url_of(sandbox: Sandbox) -> str:
    """Where the database is reached, after it was brought to the sandbox's time."""
    found = of_this_process(sandbox)
    with _lock:
        found.bring_to(sandbox.now())
        return found.url()


def _copied(table: str, columns: Iterable[str], rows: Iterable[tuple[object, ...]]) -> list[str]:
    """Lines of a script that copies rows into a table."""
    return [f"copy {table} ({', '.join(columns)}) from stdin;", *("\t".join(map(_text, row)) for row in rows), r"\."]


def _text(value: object) -> str:
    """A value as COPY reads it: https://www.postgresql.org/docs/current/sql-copy.html, text format."""
    if value is None:
        return r"\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, tuple):
        quoted = ('"' + str(item).replace("\\", "\\\\").replace('"', '\\"') + '"' for item in value)
        value = "{" + ",".join(quoted) + "}"
    return str(value).translate(_ESCAPES)


stand_in = OwnServer(source="production_db", settings={}, url=url_of)
