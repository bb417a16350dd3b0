from urllib.parse import parse_qs, urlsplit

from sg_assets.sandbox.company.campaigns import CAMPAIGNS, campaign_of
from sg_assets.sandbox.company.dotcom_events import FIRST_PAGES


def test_every_link_with_utm_parameters_leads_to_a_campaign() -> None:
    asked = [parse_qs(urlsplit(page).query) for page in FIRST_PAGES if "utm_" in page]
    found = [campaign_of(q["utm_source"][0], q["utm_medium"][0], q["utm_campaign"][0]) for q in asked]
    assert asked
    assert None not in found


def test_campaigns_are_told_apart_and_end_after_they_began() -> None:
    assert len({one.name for one in CAMPAIGNS}) == len(CAMPAIGNS)
    assert all(one.starts < one.ends for one in CAMPAIGNS)
    assert campaign_of("nobody", "at", "all") is None
