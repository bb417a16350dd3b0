from datetime import UTC, datetime

import pytest

from sg_assets.sandbox.company.marketing_record import Record
from sg_assets.sandbox.hubspot_search import SearchError, bounds, found, names

AT = datetime(2022, 3, 1, 10, 11, 12, 345_000, UTC)
RECORDS = [
    Record(str(n), AT, AT, AT if n == 4 else None, {"size": str(n), "name": "x" if n % 2 else None}) for n in (10, 9, 4)
]


def ids(*filters: dict[str, object], **asked: object) -> list[str]:
    groups = {"filterGroups": [{"filters": list(filters)}]} if filters else {}
    return [record.id for record in found({**groups, **asked}, RECORDS, "lastmodifieddate")]


def condition(name: str, operator: str, value: object = None) -> dict[str, object]:
    return {"propertyName": name, "operator": operator, "value": value}


@pytest.mark.parametrize(
    ("name", "operator", "value", "expected"),
    [
        ("size", "EQ", "9", ["9"]),
        ("size", "NEQ", "9", ["10"]),
        ("size", "GT", "9", ["10"]),
        ("size", "GTE", "9", ["10", "9"]),
        ("size", "LT", "10", ["9"]),
        ("size", "LTE", "10", ["10", "9"]),
        ("name", "HAS_PROPERTY", None, ["9"]),
        ("name", "NOT_HAS_PROPERTY", None, ["10"]),
        ("name", "EQ", "x", ["9"]),
        ("hs_object_id", "GT", "9", ["10"]),
        ("lastmodifieddate", "GTE", "1646129472345", ["10", "9"]),
        ("lastmodifieddate", "GT", "1646129472345", []),
        ("lastmodifieddate", "LTE", "2022-03-01T10:11:12.345Z", ["10", "9"]),
        ("hs_lastmodifieddate", "GTE", "0", []),
    ],
)
def test_filters(name: str, operator: str, value: object, expected: list[str]) -> None:
    assert ids(condition(name, operator, value)) == expected


def test_numbers_are_sorted_by_size() -> None:
    assert ids(sorts=[{"propertyName": "hs_object_id", "direction": "ASCENDING"}]) == ["9", "10"]
    assert ids(sorts=[{"propertyName": "size", "direction": "DESCENDING"}]) == ["10", "9"]


def test_one_of_several_values_and_one_of_several_groups() -> None:
    assert ids({"propertyName": "size", "operator": "IN", "values": ["9", "7"]}) == ["9"]
    groups = [{"filters": [condition("size", "EQ", n)]} for n in ("9", "10")]
    assert ids(filterGroups=groups) == ["10", "9"]


def test_what_cannot_be_asked() -> None:
    with pytest.raises(SearchError, match="Unknown operator"):
        ids(condition("size", "ABOUT", "9"))
    with pytest.raises(SearchError, match="maximum number of filters"):
        ids(*[condition("size", "EQ", "9")] * 11)


def test_a_page_may_not_reach_beyond_ten_thousand() -> None:
    assert bounds({"limit": 200, "after": "9800"}, 500) == (9800, 200)
    assert bounds({}, 500) == (0, 10)
    assert bounds({"limit": 200}, 40) == (0, 40)
    for asked in ({"limit": 200, "after": "9801"}, {"limit": 201}):
        with pytest.raises(SearchError):
            bounds(asked, 500)


def test_the_properties_that_are_asked_for() -> None:
    assert names({"properties": ["email"]}) == ["email"]
    assert names({}) == []
