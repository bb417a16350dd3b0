"""Salesforce, the CRM: a package of one file per protocol, because there are three.

`session.py` declares the source, `tables.py` its tables.
"""

from sg_assets.sources.salesforce import tables
from sg_assets.sources.salesforce.session import connect, rule, salesforce

__all__ = ["connect", "rule", "salesforce", "tables"]
