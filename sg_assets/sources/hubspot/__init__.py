"""HubSpot, marketing's system: who the people are, what they answered, and the CRM of the years before Salesforce.

`session.py` declares the source, `tables.py` its tables, `fields.py` their columns. How HubSpot is asked is in one file
per protocol: `objects.py`, `associations.py` and `submissions.py`, which share `listing.py` and `values.py`.
"""

from sg_assets.sources.hubspot import tables
from sg_assets.sources.hubspot.session import connect, hubspot

__all__ = ["connect", "hubspot", "tables"]
