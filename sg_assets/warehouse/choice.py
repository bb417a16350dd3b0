"""Which warehouse `SG_WAREHOUSE` means, and what follows from its kind before it is opened.

A DuckDB file has one writer at a time and a copy for readers; BigQuery has many writers, and readers ask it directly.
Nothing is opened here before it is asked for, and what is slow to import is imported then.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Protocol

from sg_assets.variables import EnvironmentProblem
from sg_assets.warehouse import bigquery_identity, identity
from sg_assets.warehouse.bigquery_client import Settings, client_of, storage_client_of
from sg_assets.warehouse.bigquery_settings import is_project, settings_of
from sg_assets.warehouse.duckdb_known import Known
from sg_assets.warehouse.unpublished import is_at_rest

if TYPE_CHECKING:
    from google.cloud.bigquery import Client
    from google.cloud.storage import Client as StorageClient

    from sg_assets.warehouse.bigquery import BigQueryWarehouse
    from sg_assets.warehouse.contract import Warehouse
    from sg_assets.warehouse.readcopy import Answer
    from sg_assets.warehouse.state import TableState

WANTED = "duckdb:PATH or bigquery:PROJECT"


class Reader(Protocol):
    """What people query."""

    def query(self, sql: str) -> Answer:
        """The result of a query in BigQuery's dialect.

        Raises:
            WarehouseError: there is nothing yet, or the query is wrong; the message says how.
        """


class Place(Protocol):
    """Where a warehouse is, of which environment."""

    has_one_writer: ClassVar[bool]
    """Whether a run has to wait for another one, whichever tables they write."""
    is_metered: ClassVar[bool]
    """Whether work is paid for by the byte (`price.Metered`)."""

    def open(self) -> Warehouse:
        """The warehouse, not yet opened; close it."""

    @property
    def id(self) -> str:
        """The id of the warehouse, from a note where there is one; else it is opened for it.

        Raises:
            WarehouseError: it belongs to another environment.
        """

    @property
    def reader(self) -> Reader:
        """What people query."""

    def lent(self) -> Mapping[str, TableState]:
        """In a development copy, the states of the tables that it reads from production; else none."""

    @property
    def is_at_rest(self) -> bool:
        """Whether it can be said from here that nobody writes it, or was killed while writing it."""


@dataclass(frozen=True, slots=True)
class DuckDBPlace:
    """A DuckDB file; the copy for its readers lies beside it. `lender` is production's, for a development copy.

    `known` is what was read of it in this process: the next one who opens it reads nothing of that again.
    """

    has_one_writer: ClassVar[bool] = True
    is_metered: ClassVar[bool] = False
    path: Path
    environment: str
    lender: Path | None = None
    known: Known = field(default_factory=Known, repr=False, compare=False)

    @property
    def read_copy(self) -> Path:
        """The file that readers open."""
        return self.path.with_suffix(".read.duckdb")

    def open(self) -> Warehouse:
        """The warehouse, not yet opened; close it."""
        from sg_assets.warehouse.duckdb import DuckDBWarehouse  # noqa: PLC0415 (slow to import)

        self.path.parent.mkdir(parents=True, exist_ok=True)
        return DuckDBWarehouse(
            self.path, self.environment, read_copy=self.read_copy, lender=self.lender, known=self.known
        )

    @property
    def id(self) -> str:
        """The id; a file that nobody looked into yet is opened for it, which waits for its writer.

        Raises:
            WarehouseError: it belongs to another environment.
        """
        if noted := identity.read_note(self.path):
            identity.refuse_other(noted, self.path, self.environment)
            return noted.id
        with closing(self.open()) as warehouse:
            return warehouse.id

    @property
    def reader(self) -> Reader:
        """The copy of the warehouse that the last run published."""
        from sg_assets.warehouse.readcopy import ReadCopy  # noqa: PLC0415 (brings DuckDB)

        return ReadCopy(self.read_copy, self.lender)

    def lent(self) -> Mapping[str, TableState]:
        """The states of production's tables, as its readers have them; none where this is production.

        Raises:
            WarehouseError: production has nothing to read yet.
        """
        if self.lender is None:
            return {}
        from sg_assets.warehouse.duckdb_lent import states_of  # noqa: PLC0415 (brings DuckDB)

        return states_of(self.lender, self.environment)

    @property
    def is_at_rest(self) -> bool:
        """Whether nobody writes the file, and the last writer came to its end."""
        return is_at_rest(self.path)


@dataclass(frozen=True, slots=True)
class BigQueryPlace:
    """Datasets of a project in BigQuery, or in an emulator at an address; `folder` is where its identity is noted.

    `storage_emulator` is the address of one of Cloud Storage, for the bucket of the settings.
    """

    has_one_writer: ClassVar[bool] = False
    is_metered: ClassVar[bool] = True
    settings: Settings
    environment: str
    folder: Path
    emulator: str | None = None
    credentials: str | None = field(default=None, repr=False)
    storage_emulator: str | None = None

    def client(self) -> Client:
        """What speaks with BigQuery; close it.

        Raises:
            WarehouseError: there are no credentials.
        """
        return client_of(self.settings, self.emulator, self.credentials)

    def storage_client(self) -> StorageClient:
        """What speaks with Cloud Storage, where files wait for their load jobs; close it.

        Raises:
            WarehouseError: there are no credentials.
        """
        return storage_client_of(self.settings, self.storage_emulator, self.credentials)

    def open(self) -> BigQueryWarehouse:
        """The warehouse; nothing is asked of BigQuery yet."""
        from sg_assets.warehouse.bigquery import BigQueryWarehouse  # noqa: PLC0415 (slow to import)
        from sg_assets.warehouse.bigquery_bucket import StagingBucket  # noqa: PLC0415 (slow to import)

        bucket = StagingBucket(self.settings.staging, self.storage_client) if self.settings.staging else None
        return BigQueryWarehouse(self.client(), self.settings, self.environment, note=self._note, bucket=bucket)

    @property
    def id(self) -> str:
        """The id; BigQuery is asked for it once, then it is noted in the state folder.

        Raises:
            WarehouseError: it belongs to another environment.
        """
        if noted := bigquery_identity.read_note(self._note, self.settings):
            bigquery_identity.refuse_other(noted, self.settings, self.environment)
            return noted.id
        with closing(self.open()) as warehouse:
            return warehouse.id

    @property
    def reader(self) -> Reader:
        """BigQuery itself: a reader is in nobody's way there."""
        from sg_assets.warehouse.bigquery_reader import BigQueryReader  # noqa: PLC0415 (slow to import)

        return BigQueryReader(self.open().jobs)

    def lent(self) -> Mapping[str, TableState]:
        """The states of production's tables that were not built here; none where this is production."""
        if self.settings.lender_prefix is None:
            return {}
        with closing(self.open()) as warehouse:
            return warehouse.lent()

    @property
    def is_at_rest(self) -> bool:
        """Never: who else writes there cannot be seen from here."""
        return False

    @property
    def _note(self) -> Path:
        return self.folder / "bigquery.identity"


def place_of(variables: Mapping[str, str], environment: str, home: Path, root: Path, target: str = "") -> Place:
    """The warehouse that the variables mean; relative paths count from `root`, by default it is a file in `home`.

    That of a development copy (`target`) is in a folder of its own in `home`, or in datasets of its own beside
    production's, which it reads.

    Raises:
        EnvironmentProblem: a variable cannot be read.
    """
    kind, _, where = (variables.get("SG_WAREHOUSE") or "duckdb:").partition(":")
    if kind == "duckdb":
        production = DuckDBPlace((root / where).resolve() if where else home / "warehouse.duckdb", environment)
        if not target:
            return production
        return DuckDBPlace(home / target / "warehouse.duckdb", environment, lender=production.read_copy)
    if kind != "bigquery" or not is_project(where):
        msg = f"SG_WAREHOUSE={variables['SG_WAREHOUSE']}: set it to {WANTED}"
        raise EnvironmentProblem(msg)
    settings = settings_of(variables, where)
    emulator, credentials = variables.get("BIGQUERY_EMULATOR_HOST"), variables.get("SG_GOOGLE_CREDENTIALS")
    buckets = variables.get("STORAGE_EMULATOR_HOST")
    if target:
        settings = replace(settings, dataset_prefix=f"{target}_", lender_prefix=settings.dataset_prefix)
    return BigQueryPlace(settings, environment, home / target, emulator, credentials, buckets)
