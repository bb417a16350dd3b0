"""Postgres, for sources that read one: directly (`database.py`), or through BigQuery (`federated.py`).

`errors.py` says what an error of Postgres means.
"""

from sg_assets.postgres.database import SCHEMES, Database
from sg_assets.postgres.federated import BASE_URL, SCOPE, Federated

__all__ = ["BASE_URL", "SCHEMES", "SCOPE", "Database", "Federated"]
