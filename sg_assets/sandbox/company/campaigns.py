"""The company's marketing campaigns: their names in Salesforce, and the UTM parameters of links that lead to them.

What a visitor's first address carries (`dotcom_events.py`) is one of these, so that a touch in one system can be found
again in another.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Campaign:
    """One campaign, from one day to another, counted from the anchor; `utm_*` are empty where it has no links.

    `parent` is the name of the campaign that it is a part of.
    """

    name: str
    type: str
    utm_source: str
    utm_medium: str
    utm_campaign: str
    starts: int
    ends: int
    budget_usd: float
    parent: str | None = None

    def is_running(self, day: float) -> bool:
        """Whether it runs on a day, counted from the anchor."""
        return self.starts <= day < self.ends


CAMPAIGNS = (
    Campaign("Newsletter, autumn", "Email", "newsletter", "email", "autumn", -90, 45, 12_000.0),
    Campaign('Search: "code search"', "Advertisement", "search", "cpc", "code-search", -420, 400, 90_000.0),
    Campaign("Developer conferences", "Conference", "", "", "", -700, 300, 150_000.0),
    Campaign("Booth in Berlin", "Conference", "", "", "", -35, -32, 40_000.0, parent="Developer conferences"),
    Campaign("Webinar: batch changes", "Webinar", "newsletter", "email", "batch-changes", -210, -150, 8_000.0),
    Campaign("Referral programme", "Referral Program", "partner", "referral", "partners", -900, 600, 5_000.0),
)  # fmt: skip


def campaign_of(utm_source: str, utm_medium: str, utm_campaign: str) -> Campaign | None:
    """The campaign that a link with these parameters leads to."""
    wanted = (utm_source, utm_medium, utm_campaign)
    return next((one for one in CAMPAIGNS if (one.utm_source, one.utm_medium, one.utm_campaign) == wanted), None)
