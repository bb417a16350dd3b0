"""Which warehouse this is: an id of its own, and the environment that it belongs to.

Both are stored inside the file, so that sandbox rows never mix with real ones and state of another warehouse is never
taken for this one's. A note beside the file repeats them for processes that must not open it.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sg_assets.warehouse.contract import WarehouseError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True, slots=True)
class Identity:
    """Id (a UUID) and environment (`sandbox` or `production`) of a warehouse."""

    id: str
    environment: str


def stored(connection: DuckDBPyConnection) -> Identity | None:
    """The identity stored in an open warehouse; None where it has none yet."""
    import duckdb  # noqa: PLC0415 (slow to import; who has a connection has it)

    try:
        rows = connection.execute("select id, environment from sg_ops.warehouse").fetchall()
    except duckdb.CatalogException:
        return None
    return Identity(*rows[0]) if rows else None


def establish(connection: DuckDBPyConnection, environment: str) -> Identity:
    """Store an identity in a new warehouse."""
    made = Identity(str(uuid.uuid4()), environment)
    connection.execute("create table if not exists sg_ops.warehouse (id varchar, environment varchar)")
    connection.execute("insert into sg_ops.warehouse values (?, ?)", [made.id, made.environment])
    return made


def refuse_other(identity: Identity, path: Path, environment: str) -> None:
    """Stop when a warehouse is not of the wanted environment.

    Raises:
        WarehouseError: it is not.
    """
    if identity.environment != environment:
        msg = (
            f"{path} is a warehouse of the environment {identity.environment!r}, this is {environment!r}: "
            "set SG_ENV or SG_WAREHOUSE so that they agree"
        )
        raise WarehouseError(msg)


def write_note(path: Path, identity: Identity) -> None:
    """Repeat the identity beside the warehouse's file, with the file's inode: another file there has another one."""
    note = json.dumps({"id": identity.id, "environment": identity.environment, "inode": path.stat().st_ino})
    file = _note_file(path)
    if not file.exists() or file.read_text() != note:
        new = file.with_name(file.name + ".new")
        new.write_text(note)
        new.replace(file)


def read_note(path: Path) -> Identity | None:
    """The identity noted beside the file; None when there is no note or it is about another file."""
    try:
        note = json.loads(_note_file(path).read_text())
        if note["inode"] == path.stat().st_ino:
            return Identity(note["id"], note["environment"])
    except (FileNotFoundError, ValueError, KeyError):
        return None
    return None


def _note_file(path: Path) -> Path:
    return path.with_name(path.name + ".identity")
