"""Dagster's history in the Postgres of the operations store: named in `deploy/dagster.yaml`, used by Dagster itself.

Tables and rows are those of Dagster's own Postgres storage. Only where it is comes from us: `SG_OPERATIONS_URL`, or the
file that `SG_OPERATIONS_URL_FILE` names, which Dagster's own configuration cannot read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dagster_postgres import DagsterPostgresStorage

from sg_assets import environment
from sg_assets.operations_engine import with_driver

if TYPE_CHECKING:
    from dagster._serdes import ConfigurableClassData


class HistoryPostgres(DagsterPostgresStorage):
    """All of Dagster's history in one database."""

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """Nothing is said in `dagster.yaml`."""
        return {}

    @classmethod
    def from_config_value(
        cls,
        inst_data: ConfigurableClassData | None,
        config_value: Any,  # noqa: ANN401, ARG003 (Dagster's own signature; it is empty)
    ) -> HistoryPostgres:
        """The history at the address in the environment.

        Raises:
            EnvironmentProblem: there is none.
        """
        url = environment.load().operations_url
        if url is None:
            msg = "SG_OPERATIONS_URL is not set: set it, or SG_OPERATIONS_URL_FILE, to where Dagster's history is kept"
            raise environment.EnvironmentProblem(msg)
        return cls(with_driver(url), should_autocreate_tables=True, inst_data=inst_data)
