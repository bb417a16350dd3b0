"""What headers of real vendors say of their quotas."""

from collections.abc import Mapping

import pytest

from sg_assets.http.quota import Quota, remaining, used_of

HUBSPOT = remaining("X-HubSpot-RateLimit-Daily", "X-HubSpot-RateLimit-Daily-Remaining", "day")
SALESFORCE = used_of("Sforce-Limit-Info", r"api-usage=(\d+)/(\d+)", "day")


def test_what_is_left_says_what_was_used() -> None:
    headers = {"X-HubSpot-RateLimit-Daily": "250000", "X-HubSpot-RateLimit-Daily-Remaining": "249990"}
    assert HUBSPOT(headers) == Quota(250_000, 10, "day")


@pytest.mark.parametrize("headers", [{}, {"X-HubSpot-RateLimit-Daily": "250000"}, dict.fromkeys(("a", "b"), "1")])
def test_half_of_it_or_nothing_says_nothing(headers: Mapping[str, str]) -> None:
    assert HUBSPOT(headers) is None
    assert remaining("a", "b", "hour")({"a": "many", "b": "1"}) is None


def test_one_header_may_say_both() -> None:
    told = {"Sforce-Limit-Info": "api-usage=18/5000; per-app-api-usage=17/250(appName=sample-app)"}
    assert SALESFORCE(told) == Quota(5000, 18, "day")
    assert SALESFORCE({"Sforce-Limit-Info": "unlimited"}) is None
    assert SALESFORCE({}) is None
