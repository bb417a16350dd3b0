"""The DuckDB file of a warehouse: locked, opened late, written in transactions, given back, copied for readers.

Nothing here knows what a landing or a build is. `on_step` hears of every step after which the file, its copy or the
notes beside them are in a new state: tests kill the process there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from sg_assets.warehouse import identity, readcopy, unpublished
from sg_assets.warehouse.contract import WarehouseError
from sg_assets.warehouse.duckdb_sql import text
from sg_assets.warehouse.duckdb_state import SCHEMA
from sg_assets.warehouse.lock import WriterLock
from sg_assets.warehouse.readcopy import LENT

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from sg_assets.warehouse.duckdb_known import Known
    from sg_assets.warehouse.identity import Identity

ATTACHED = "sg_file"
"""The name of the file's catalog; a dataset must not have the same."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How a file is opened.

    How many seconds to wait for whoever has it, whom to tell meanwhile, how much memory DuckDB may take before it
    spills to disk, and who hears of each step.
    """

    lock_timeout: float = 3600.0
    on_wait: Callable[[str], None] | None = None
    memory_limit: str = "600MB"
    on_step: Callable[[str], None] = lambda _step: None


class DuckDBFile:
    """The file at `path`, of one environment, with the copy that readers open (None: nobody reads).

    `known` hears when it is opened, written, left. `lender` is another such copy, beside it in the catalog `LENT`.
    """

    def __init__(  # noqa: PLR0913, PLR0917 (where it is, and who is told)
        self,
        path: Path,
        environment: str,
        read_copy: Path | None,
        settings: Settings,
        known: Known,
        lender: Path | None = None,
    ) -> None:
        """Nothing is opened yet."""
        self.path = path
        self.lender = lender
        self.step = settings.on_step
        self._environment = environment
        self._read_copy = read_copy
        self._settings = settings
        self._known = known
        self._lock = WriterLock(path, timeout=settings.lock_timeout, on_wait=settings.on_wait)
        self._engine: DuckDBPyConnection | None = None
        self._connection: DuckDBPyConnection | None = None  # the engine while the file is open
        self._unpublished = unpublished.mark(path)
        self._identity: Identity | None = None  # while the file is open
        self._memory = settings.memory_limit
        self._has_functions = False

    @property
    def identity(self) -> Identity:
        """Which warehouse this is, read beside the file where possible, so that a running writer is not waited for.

        Raises:
            WarehouseError: the warehouse is of another environment.
        """
        if self._identity is not None and self._connection is not None:
            return self._identity
        noted = identity.read_note(self.path)
        if noted is None:
            return self._establish(self.connection("read which warehouse it is"))
        identity.refuse_other(noted, self.path, self._environment)
        return noted

    def connection(self, what: str, *, with_functions: bool = False) -> DuckDBPyConnection:
        """The open file; opened, and everybody else kept out, where it is not yet. `what` is told to those who wait.

        `with_functions`: also those that SQL translated from BigQuery's dialect calls.

        Raises:
            WarehouseError: somebody else kept it for too long, or it is of another environment.
        """
        if self._connection is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(what)
            with ExitStack() as undo:
                undo.callback(self._lock.release)
                self._connection = self._open()
                undo.pop_all()
        if with_functions and not self._has_functions:
            from sg_assets.warehouse import dialect  # noqa: PLC0415 (brings sqlglot, slow to import)

            dialect.prepare(self._connection)
            self._has_functions = True
        return self._connection

    def allow(self, memory: str) -> None:
        """Let queries take so much memory; DuckDB, which then looks through all that it has, is told only once."""
        if memory != self._memory:
            self.connection("allow memory").execute(f"set memory_limit = {text(memory)}")
            self._memory = memory

    @contextmanager
    def transaction(self, what: str) -> Generator[DuckDBPyConnection]:
        """Everything within happens, or nothing."""
        connection = self.connection(what)
        self._unpublished.touch()
        self._known.writing()
        connection.execute("begin transaction")
        with ExitStack() as undo:
            undo.callback(_roll_back, connection)
            yield connection
            self.step("written")
            connection.execute("commit")
            undo.pop_all()
        self.step("committed")

    def release(self) -> None:
        """Close the file and let others at it."""
        try:
            if self._connection is not None:
                self._connection.execute(f"use memory; detach {ATTACHED}; detach database if exists {LENT}")
                self._connection = None
                self._has_functions = False  # the engine has them still, but looks for them no more
            if self._lock.is_held:
                self._known.left(self.path)
        finally:
            if self._connection is not None:
                self._stop()  # what cannot be let go of is closed with everything else
            self._lock.release()

    def close(self) -> None:
        """Copy the file for readers, if this or a killed writer left it newer than the copy, and release it."""
        with ExitStack() as undo:
            undo.callback(self._stop)
            undo.callback(self.release)
            if self._read_copy is not None and self._is_copy_behind(self._read_copy) and self._may_publish():
                self._publish(self._read_copy)

    def _open(self) -> DuckDBPyConnection:
        """Attach the file to the engine, which lives on: installing our functions takes longer than opening a file."""
        if self._engine is None:
            self._engine = self._start()
        engine = self._engine
        with ExitStack() as undo:
            undo.callback(self._stop)
            if self.lender is not None:  # first, so that nothing is made where there is nothing to read
                lend(engine, self.lender, self._environment)
            self._known.opened(self.path)
            self._attach(engine)
            engine.execute(f"use {ATTACHED}")
            self._identity = self._establish(engine)
            undo.pop_all()
        self.step("opened")
        return engine

    def _start(self) -> DuckDBPyConnection:
        with ExitStack() as undo:
            engine = undo.enter_context(closing(duckdb.connect()))
            self._set_up(engine)
            undo.pop_all()
        return engine

    def _set_up(self, engine: DuckDBPyConnection) -> None:
        self._memory = self._settings.memory_limit
        engine.execute("set TimeZone = 'UTC'; set enable_progress_bar = false")
        engine.execute("set autoinstall_known_extensions = false")  # never reach for the network
        engine.execute(f"set temp_directory = {text(f'{self.path}.tmp')}; set memory_limit = {text(self._memory)}")

    def _stop(self) -> None:
        if self._engine is not None:
            self._engine.close()
        self._engine = self._connection = None
        self._has_functions = False

    def _attach(self, engine: DuckDBPyConnection) -> None:
        """Open the file, waiting for programs that know nothing of our lock (a notebook, DuckDB's own shell)."""
        deadline = time.monotonic() + self._settings.lock_timeout
        while True:
            try:
                engine.execute(f"attach {text(str(self.path))} as {ATTACHED}")
            except duckdb.IOException as error:
                if "lock" not in str(error) or time.monotonic() > deadline:
                    msg = f"{self.path} cannot be opened: {error}"
                    raise WarehouseError(msg) from error
                self._lock.tell(f"{self.path} is open in a program that does not share our lock ({error}); waiting")
                time.sleep(0.5)
            else:
                return

    def _establish(self, connection: DuckDBPyConnection) -> Identity:
        if (found := identity.stored(connection)) is None:
            connection.execute(f"begin transaction; {SCHEMA}")
            found = identity.establish(connection, self._environment)
            connection.execute("commit")
        identity.refuse_other(found, self.path, self._environment)
        identity.write_note(self.path, found)
        return found

    def _is_copy_behind(self, copy: Path) -> bool:
        return self.path.exists() and (self._unpublished.exists() or not copy.exists())

    def _may_publish(self) -> bool:
        """Whether the file is ours to publish now.

        What this process wrote it waits for; what another left behind only where nobody is writing, as that one will.
        """
        return self._known.is_unpublished or self._lock.is_held or self._lock.try_acquire("publish the read copy")

    def _publish(self, copy: Path) -> None:
        connection = self.connection("publish the read copy")
        if not self._is_copy_behind(copy):  # somebody did it while we waited
            return
        connection.execute(f"checkpoint {ATTACHED}")
        self._stop()
        self.step("checkpointed")
        readcopy.publish(self.path, copy, self.step)
        self.step("published")
        self._unpublished.unlink(missing_ok=True)
        self._known.is_unpublished = False


def lend(connection: DuckDBPyConnection, lender: Path, environment: str) -> None:
    """Attach the copy of another warehouse of the same environment, to be read.

    Raises:
        WarehouseError: there is none yet, or it is of another environment.
    """
    readcopy.attach(connection, lender)
    row = connection.execute(f"select id, environment from {LENT}.sg_ops.warehouse").fetchone()
    if row is not None:
        identity.refuse_other(identity.Identity(*row), lender, environment)


def _roll_back(connection: DuckDBPyConnection) -> None:
    """End a transaction without a trace; a commit that failed has done so itself."""
    with suppress(duckdb.TransactionException):
        connection.execute("rollback")
