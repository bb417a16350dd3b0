"""Where BigQuery is and how it is reached: the settings of a warehouse there, and the client that speaks to it.

Google's packages are imported when a client is made, so that reading settings costs nothing.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sg_assets.warehouse.contract import WarehouseError

if TYPE_CHECKING:
    from google.cloud.bigquery import Client


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the tables are and where the jobs run.

    `project` has the tables, `job_project` pays for the jobs (empty: the same). `dataset_prefix` stands before the name
    of every dataset, for copies that people develop in. `maximum_bytes_billed` is what one query may bill (None:
    anything); a query that would bill more fails before it has billed anything. `lender_prefix` is, of a copy, what
    stands before the datasets of production, which lends what was not built there (None: this is production).
    """

    project: str
    job_project: str = ""
    location: str = "US"
    dataset_prefix: str = ""
    maximum_bytes_billed: int | None = None
    lender_prefix: str | None = None

    @property
    def production(self) -> Settings:
        """Those of production, where these are of a development copy."""
        return replace(self, dataset_prefix=self.lender_prefix or "", lender_prefix=None)


def client_of(settings: Settings, emulator_host: str | None = None, credentials: str | None = None) -> Client:
    """A client of BigQuery: of an emulator at that address, with nobody's name, or of Google's service.

    `credentials` is the JSON of a service account's key; None: those of the machine (application default).

    Raises:
        WarehouseError: there are no credentials.
    """
    project = settings.job_project or settings.project
    if emulator_host:
        from google.auth.credentials import AnonymousCredentials  # noqa: PLC0415 (slow)
        from google.cloud.bigquery import Client  # noqa: PLC0415 (slow)

        return Client(
            project=project,
            location=settings.location,
            credentials=AnonymousCredentials(),  # type: ignore[no-untyped-call]
            client_options={"api_endpoint": emulator_host},
        )
    from dagster_gcp import BigQueryResource  # noqa: PLC0415 (slow)
    from google.auth.exceptions import DefaultCredentialsError  # noqa: PLC0415 (slow)

    encoded = b64encode(credentials.encode()).decode() if credentials else None
    resource = BigQueryResource(project=project, location=settings.location, gcp_credentials=encoded)
    try:
        with resource.get_client() as client:
            return client
    except DefaultCredentialsError as error:
        msg = (
            f"no credentials for BigQuery ({settings.project}): set SG_GOOGLE_CREDENTIALS to a service account's key, "
            "or run gcloud auth application-default login"
        )
        raise WarehouseError(msg) from error
