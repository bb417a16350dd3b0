"""Postgres, for sources that read one: `database.py` is what they use, `errors.py` says what an error means."""

from sg_assets.postgres.database import SCHEMES, Database

__all__ = ["SCHEMES", "Database"]
