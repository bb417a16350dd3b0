"""From rows as they were delivered to a load job of BigQuery: by way of a DuckDB of nothing, and of Parquet.

JSON travels as text, since what a load job makes of it is its own; it is parsed where the rows are read.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from google.cloud.bigquery import LoadJob, LoadJobConfig, ParquetOptions, SchemaField

from sg_assets.columns import Column
from sg_assets.warehouse import bigquery_sql as sql
from sg_assets.warehouse.bigquery_jobs import WHAT, label

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from sg_assets.warehouse.bigquery_jobs import Jobs

_MEMORY = "600MB"


@contextmanager
def in_memory() -> Generator[DuckDBPyConnection]:
    """A DuckDB of nothing, in which rows are brought into shape."""
    import duckdb  # noqa: PLC0415 (slow to import)

    with TemporaryDirectory() as folder, closing(duckdb.connect()) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"set memory_limit = '{_MEMORY}'")
        connection.execute(f"set temp_directory = '{folder}'")
        yield connection


@contextmanager
def loading(  # noqa: PLR0913, PLR0917 (what is loaded where, and for which table)
    jobs: Jobs, table: str, name: str, file: Path, columns: Sequence[Column], mark: str
) -> Generator[Callable[[str], LoadJob]]:
    """What begins, under an id, a job for a table that puts a file of Parquet in place of a staged one.

    The file goes along with the request; or it is in a bucket, where there is one, until the block ends.

    Raises:
        WarehouseError: it cannot be put into the bucket.
    """
    options = ParquetOptions()
    options.enable_list_inference = True
    config = LoadJobConfig(
        schema=[_as_loaded(column) for column in columns],
        source_format="PARQUET",
        write_disposition="WRITE_TRUNCATE",
        labels={WHAT: mark, "sg_table": label(table)},
    )
    config.parquet_options = options

    target = sql.table_id(jobs.settings, name)

    def send(job_id: str) -> LoadJob:
        size = file.stat().st_size
        with file.open("rb") as opened:
            return jobs.client.load_table_from_file(opened, target, size=size, job_id=job_id, job_config=config)

    if jobs.bucket is None:
        yield send
        return
    with jobs.bucket.holding(file, name) as uri:
        yield lambda job_id: jobs.client.load_table_from_uri(uri, target, job_id=job_id, job_config=config)


def _as_loaded(column: Column) -> SchemaField:
    """A column of a staged table: JSON travels as text, which a load job takes for what it is."""
    kind = "STRING" if column.element_type == "JSON" else column.element_type
    return SchemaField(column.name, kind, mode="REPEATED" if column.is_array else "NULLABLE")


def typed(column: Column) -> str:
    """A column of a staged table as it is declared."""
    name = sql.quoted(column.name)
    if column.element_type != "JSON":
        return name
    if column.is_array:
        return f"array(select {_parsed('x')} from unnest({name}) as x with offset o order by o)"
    return _parsed(name)


def _parsed(value: str) -> str:
    return f"parse_json({value}, wide_number_mode => 'round')"
