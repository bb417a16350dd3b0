from datetime import UTC, datetime, timedelta

import pytest

from sg_assets.http import Client, SourceError
from sg_assets.source import Pull
from sg_assets.sources.hubspot.listing import everything, is_due, next_of, pages
from sg_assets_tests.scripted_vendor import Answer, scripted

NOW = datetime(2026, 11, 21, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("answer", "after"),
    [
        ({"results": []}, None),
        ({"paging": None}, None),
        ({"paging": {"next": None}}, None),
        ({"paging": {"next": {"after": "513", "link": "https://api.hubapi.com/x?after=513"}}}, "513"),
        ({"paging": {"next": {"after": 200}}}, "200"),
    ],
)
def test_the_next_page(answer: dict[str, object], after: str | None) -> None:
    assert next_of(answer) == after


def test_the_link_is_not_followed_but_its_cursor() -> None:
    first = {"results": [{"id": "1"}], "paging": {"next": {"after": "2", "link": "https://elsewhere.example/?after=2"}}}
    with scripted(Answer.json(first), Answer.json({"results": [{"id": "2"}]})) as vendor:
        found = list(pages(Client(vendor.url, name="hubspot"), "/crm/v3/owners", {"limit": "1"}))
    assert found == [([{"id": "1"}], "2"), ([{"id": "2"}], None)]
    assert [asked.query for asked in vendor.asked] == [{"limit": "1"}, {"limit": "1", "after": "2"}]


def test_a_listing_that_goes_in_circles_ends() -> None:
    circle = Answer.json({"results": [], "paging": {"next": {"after": "2"}}})
    with scripted(circle) as vendor, pytest.raises(SourceError, match="page 2 says that it comes after itself"):
        list(pages(Client(vendor.url, name="hubspot"), "/crm/v3/owners", {}))
    assert len(vendor.asked) == 2


@pytest.mark.parametrize(("age", "due"), [(timedelta(days=6), False), (timedelta(days=6, hours=13), True)])
def test_everything_is_listed_at_first_and_about_once_a_week(age: timedelta, due: bool) -> None:  # noqa: FBT001 (a case)
    http = Client("http://127.0.0.1:1", name="hubspot")
    assert is_due(Pull(http, {}, NOW))
    assert is_due(Pull(http, {}, NOW, {"listed_at": (NOW - age).isoformat()})) is due


def test_a_complete_listing_covers_all_times() -> None:
    assert str(everything("created_at").low) < "2006" < str(NOW + timedelta(days=36_500)) < str(everything("x").high)
