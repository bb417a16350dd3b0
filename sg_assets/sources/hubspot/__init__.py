"""HubSpot, marketing's system: who the people are, what they answered, and the CRM of the years before Salesforce.

`session.py` declares the source, `tables.py` its tables, `fields.py` their columns. How HubSpot is asked is in one file
per protocol: `objects.py`, `associations.py` and `submissions.py`, which share `listing.py` and `values.py`;
`fivetran.py` says how what Fivetran copies of it is shown.
"""

from sg_assets.sources.hubspot import fivetran, tables
from sg_assets.sources.hubspot.session import connect, hubspot

__all__ = ["connect", "fivetran", "hubspot", "tables"]
