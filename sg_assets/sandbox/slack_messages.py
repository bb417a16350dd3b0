"""What was posted to the sandbox's Slack: one SQLite file in the state folder, shared by all processes."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sg_assets.sandbox.memory_file import opened

FILE = "slack.sqlite"
SCHEMA = """create table if not exists message (
    number integer primary key autoincrement, ts text unique not null, channel text not null, thread_ts text,
    is_broadcast integer not null, text text not null, blocks text not null, metadata text, edits integer not null)"""
COLUMNS = "number, ts, channel, thread_ts, is_broadcast, text, blocks, metadata, edits"


@dataclass(frozen=True, slots=True)
class Posted:
    """One message as it reads now. `thread_ts` names the message that it answers; `edits` is how often it changed."""

    number: int
    ts: str
    channel: str
    thread_ts: str | None
    is_broadcast: bool
    text: str
    blocks: Sequence[Mapping[str, Any]]
    metadata: Mapping[str, Any] | None
    edits: int


class Messages:
    """The messages of one sandbox, in the order in which they came."""

    def __init__(self, state_dir: Path) -> None:
        """Keep the place; the file need not exist."""
        self._file = state_dir / FILE

    def all(self, channel: str | None = None) -> list[Posted]:
        """Every message, or those of a channel."""
        if not self._file.exists():
            return []
        with self._open() as database:
            rows = database.execute(f"select {COLUMNS} from message order by number").fetchall()  # noqa: S608 (ours)
        found = [
            Posted(
                number, ts, where, thread, bool(wide), text, json.loads(blocks), json.loads(metadata or "null"), edits
            )
            for number, ts, where, thread, wide, text, blocks, metadata, edits in rows
        ]
        return [one for one in found if channel in {None, one.channel}]

    def post(self, channel: str, asked: Mapping[str, Any], now: datetime) -> str:
        """Take a message; gives its ts, which is unique."""
        with self._open() as database:
            (number,) = database.execute("select coalesce(max(number), 0) + 1 from message").fetchone()
            ts = f"{int(now.timestamp())}.{number:06d}"
            database.execute(
                "insert into message (ts, channel, thread_ts, is_broadcast, text, blocks, metadata, edits)"
                " values (?, ?, ?, ?, ?, ?, ?, 0)",
                (
                    ts,
                    channel,
                    asked.get("thread_ts"),
                    bool(asked.get("reply_broadcast")),
                    asked.get("text") or "",
                    json.dumps(asked.get("blocks") or []),
                    json.dumps(asked["metadata"]) if asked.get("metadata") else None,
                ),
            )
        return ts

    def edit(self, channel: str, ts: str, asked: Mapping[str, Any]) -> bool:
        """Put other content in place; says whether there is such a message. Metadata that is not given stays."""
        if not self._file.exists():
            return False
        with self._open() as database:
            done = database.execute(
                "update message set text = ?, blocks = ?, metadata = coalesce(?, metadata), edits = edits + 1"
                " where channel = ? and ts = ?",
                (
                    asked.get("text") or "",
                    json.dumps(asked.get("blocks") or []),
                    json.dumps(asked["metadata"]) if asked.get("metadata") else None,
                    channel,
                    ts,
                ),
            )
        return bool(done.rowcount)

    def _open(self) -> AbstractContextManager[sqlite3.Connection]:
        return opened(self._file, SCHEMA, keeps_others_out=True)
