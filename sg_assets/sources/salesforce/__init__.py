"""Salesforce, the CRM: a package of one file per protocol, because there are three.

`session.py` declares the source, `tables.py` its tables, `fivetran.py` how they are shown where Fivetran copies them.
"""

from sg_assets.sources.salesforce import fivetran, tables
from sg_assets.sources.salesforce.session import connect, rule, salesforce

__all__ = ["connect", "fivetran", "rule", "salesforce", "tables"]
