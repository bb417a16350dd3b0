import json
from datetime import UTC, date, datetime

import pytest

from sg_assets.sandbox import salesforce_shapes as shapes


def test_times_are_in_utc_with_milliseconds_that_are_zero() -> None:
    assert shapes.wire(datetime(2026, 11, 1, 10, 11, 12, tzinfo=UTC)) == "2026-11-01T10:11:12.000+0000"
    assert shapes.wire(date(2026, 11, 1)) == "2026-11-01"
    assert [shapes.wire(value) for value in (None, True, 5.0, "x")] == [None, True, 5.0, "x"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Id", "id"), ("OwnerId", "reference"), ("IsWon", "boolean"), ("ARR__c", "currency"), ("CloseDate", "date"),
        ("SystemModstamp", "datetime"), ("Stage_Number__c", "int"), ("Name", "string"),
    ],
)  # fmt: skip
def test_fields_have_the_types_of_their_names(name: str, expected: str) -> None:
    assert shapes.field_type(name) == expected


def test_refusals_are_an_array() -> None:
    assert json.loads(shapes.refuse(401).body)[0]["errorCode"] == "INVALID_SESSION_ID"
    status, refusal = shapes.QUOTA
    assert (status, json.loads(refusal.body)[0]["errorCode"]) == (403, "REQUEST_LIMIT_EXCEEDED")
