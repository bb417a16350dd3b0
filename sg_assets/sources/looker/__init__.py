"""Looker: who may do what in it, and what there is to look at.

`connection.py` signs in and lists; `people.py` has users, groups and roles; `content.py` dashboards, looks and the
explores behind them, with their tables.
"""

from sg_assets.sources.looker import content, people
from sg_assets.sources.looker.connection import looker

__all__ = ["content", "looker", "people"]
