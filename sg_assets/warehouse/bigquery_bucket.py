"""Files on their way to BigQuery by a bucket of our own in Cloud Storage: put there, loaded from there, removed.

Where nobody names a bucket (`SG_BIGQUERY_STAGING`), a file goes along with the request for its load job. What is put
here is what would be sent there: rows brought into their declared shape, in which a licence key is a hash.
https://cloud.google.com/bigquery/docs/loading-data-cloud-storage-parquet
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from google.api_core.exceptions import GoogleAPIError
from google.auth.exceptions import GoogleAuthError

from sg_assets.warehouse.bigquery_jobs import words_of
from sg_assets.warehouse.contract import WarehouseError

if TYPE_CHECKING:
    from google.cloud.storage import Client


class StagingBucket:
    """A place in Cloud Storage (`gs://bucket/prefix`), reached by a client that is made when a file comes."""

    def __init__(self, place: str, connect: Callable[[], Client]) -> None:
        """Nothing is opened yet."""
        self._bucket, _, prefix = place.removeprefix("gs://").partition("/")
        self._prefix = f"{prefix.rstrip('/')}/" if prefix else ""
        self._connect = connect
        self._client: Client | None = None

    @contextmanager
    def holding(self, file: Path, name: str) -> Generator[str]:
        """Keep a file there for as long as the block runs; gives where it is, below a name that nobody else has.

        Whoever tries the same step again puts another one there, so that none is removed under somebody's job.

        Raises:
            WarehouseError: it cannot be put there, or not be removed: then it stays until the bucket's own rule.
        """
        if self._client is None:
            with self._refusals(name):
                self._client = self._connect()
        where = f"{self._prefix}{name}/{uuid4().hex}.parquet"
        blob = self._client.bucket(self._bucket).blob(where)
        with self._refusals(where):
            blob.upload_from_filename(str(file), content_type="application/vnd.apache.parquet")
        try:
            yield f"gs://{self._bucket}/{where}"
        finally:
            with self._refusals(where):
                blob.delete()

    def close(self) -> None:
        """Give the connections back."""
        if self._client is not None:
            self._client.close()
            self._client = None

    @contextmanager
    def _refusals(self, where: str) -> Generator[None]:
        try:
            yield
        except GoogleAPIError as error:
            msg = f"gs://{self._bucket}/{where}: Cloud Storage refused: {words_of(error)}"
            raise WarehouseError(msg) from None
        except (GoogleAuthError, OSError) as error:  # a connection that fails is an OSError, too
            said = "does not take the credentials" if isinstance(error, GoogleAuthError) else "does not answer"
            msg = f"gs://{self._bucket}/{where}: Cloud Storage {said} ({type(error).__name__})"
            raise WarehouseError(msg) from None  # its message may have parts of what was sent
