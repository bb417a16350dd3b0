"""ZoomInfo: what it knows of the companies and people in our CRM, through its legacy Enterprise API.

`session.py` declares the source, `tables.py` its tables, `enrichment.py` spends its credits.
"""

from sg_assets.sources.zoominfo import tables
from sg_assets.sources.zoominfo.session import connect, rule, zoominfo

__all__ = ["connect", "rule", "tables", "zoominfo"]
