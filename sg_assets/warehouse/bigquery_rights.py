"""The rights that the warehouse's own credential needs on BigQuery: the least roles that Google predefines.

https://cloud.google.com/bigquery/docs/access-control
"""

from __future__ import annotations

from sg_assets.right import Right

NEEDS = (
    Right("roles/bigquery.jobUser", "the project that jobs run in", "run load and query jobs"),
    Right(
        "bigquery.datasets.create",
        "the project that the tables are in, by a custom role",
        "make our datasets; it owns those that it made",
        writes=True,
    ),
    Right(
        "roles/bigquery.dataEditor",
        "our own datasets where somebody else made them: raw_…, those of derived tables, sent_…, sg_ops",
        "make and write their tables",
        writes=True,
    ),
    Right("roles/bigquery.dataViewer", "each dataset that others write and we watch", "how far its tables reach"),
    Right("roles/bigquery.connectionUser", "the connection of SG_PRODUCTION_DB_CONNECTION, if set", "EXTERNAL_QUERY"),
    Right(
        "roles/storage.objectUser",
        "the bucket of SG_BIGQUERY_STAGING, if set",
        "put files there that BigQuery loads with our rights, and remove them",
        writes=True,
    ),
    Right("roles/storage.legacyBucketReader", "that bucket", "a load job asks for storage.buckets.get, too"),
)
