"""Google Analytics: what happened on the company's websites, per day, from one GA4 property.

`session.py` declares the source, `tables.py` its tables; `reports.py` is how a report is asked for.
Protocol: https://developers.google.com/analytics/devguides/reporting/data/v1/rest
"""

from sg_assets.sources.google_analytics import tables
from sg_assets.sources.google_analytics.session import connect, google_analytics, rule

__all__ = ["connect", "google_analytics", "rule", "tables"]
