"""Where BigQuery is and how it is reached: the settings of a warehouse there, and the client that speaks to it.

Google's packages are imported when a client is made, so that reading settings costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sg_assets import google_key
from sg_assets.warehouse.contract import WarehouseError

if TYPE_CHECKING:
    from google.cloud.bigquery import Client
    from google.cloud.storage import Client as StorageClient
    from google.oauth2.service_account import Credentials


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the tables are and where the jobs run.

    `project` has the tables, `job_project` pays for the jobs (empty: the same). `dataset_prefix` stands before the name
    of every dataset, for copies that people develop in. `maximum_bytes_billed` is what one query may bill (None:
    anything); a query that would bill more fails before it has billed anything. `lender_prefix` is, of a copy, what
    stands before the datasets of production, which lends what was not built there (None: this is production).
    `staging` is where in Cloud Storage files wait for their load jobs, `gs://bucket/prefix` (empty: nowhere).
    """

    project: str
    job_project: str = ""
    location: str = "US"
    dataset_prefix: str = ""
    maximum_bytes_billed: int | None = None
    lender_prefix: str | None = None
    staging: str = ""

    @property
    def production(self) -> Settings:
        """Those of production, where these are of a development copy."""
        return replace(self, dataset_prefix=self.lender_prefix or "", lender_prefix=None)


def client_of(settings: Settings, emulator_host: str | None = None, credentials: str | None = None) -> Client:
    """A client of BigQuery: of an emulator at that address, with nobody's name, or of Google's service.

    `credentials` is a service account's key, as JSON or the path of a file; None: those of the machine (application
    default). A key is read here and not by `dagster_gcp`, which writes it into a file and the environment for a moment,
    and refuses where `GOOGLE_APPLICATION_CREDENTIALS` is set, as it is in a deployment for the compute logs.

    Raises:
        WarehouseError: there are no credentials, or the key cannot be read.
    """
    project = settings.job_project or settings.project
    if emulator_host or credentials:
        from google.auth.credentials import AnonymousCredentials  # noqa: PLC0415 (slow)
        from google.cloud.bigquery import Client  # noqa: PLC0415 (slow)

        if emulator_host:
            nobody, address = AnonymousCredentials(), {"api_endpoint": emulator_host}
            return Client(project, nobody, location=settings.location, client_options=address)
        return Client(project, _account(credentials or ""), location=settings.location)
    from dagster_gcp import BigQueryResource  # noqa: PLC0415 (slow)
    from google.auth.exceptions import DefaultCredentialsError  # noqa: PLC0415 (slow)

    resource = BigQueryResource(project=project, location=settings.location)
    try:
        with resource.get_client() as client:
            return client
    except DefaultCredentialsError as error:
        msg = (
            f"no credentials for BigQuery ({settings.project}): set SG_GOOGLE_CREDENTIALS to a service account's key, "
            "or run gcloud auth application-default login"
        )
        raise WarehouseError(msg) from error


def storage_client_of(
    settings: Settings, emulator_host: str | None = None, credentials: str | None = None
) -> StorageClient:
    """A client of Cloud Storage for the bucket of `settings.staging`, signed in as that of BigQuery is.

    Raises:
        WarehouseError: there are no credentials, or the key cannot be read.
    """
    from google.auth.credentials import AnonymousCredentials  # noqa: PLC0415 (slow)
    from google.auth.exceptions import DefaultCredentialsError  # noqa: PLC0415 (slow)
    from google.cloud.storage import Client as StorageClient  # noqa: PLC0415 (slow)

    project = settings.job_project or settings.project
    if emulator_host:
        nobody, address = AnonymousCredentials(), {"api_endpoint": emulator_host}
        return StorageClient(project, nobody, client_options=address)
    if credentials:
        return StorageClient(project, _account(credentials))
    try:
        return StorageClient(project)
    except DefaultCredentialsError as error:
        msg = f"no credentials for {settings.staging}: set SG_GOOGLE_CREDENTIALS to a service account's key"
        raise WarehouseError(msg) from error


def _account(credentials: str) -> Credentials:
    try:
        return google_key.read(credentials)
    except google_key.UnreadableKeyError as error:
        msg = f"the credentials for BigQuery cannot be read ({error}): {google_key.WANTED}"
        raise WarehouseError(msg) from None
