from datetime import UTC, date, datetime

import pytest

from sg_assets.sandbox import soql

RECORD = {
    "Id": "1",
    "Name": "O'Neil",
    "Amount": 5.0,
    "At": datetime(2026, 11, 1, 10, tzinfo=UTC),
    "On": date(2026, 11, 1),
    "Gone": None,
}


def holds(condition: str) -> bool:
    return all(one.holds(RECORD) for one in soql.read(f"SELECT Id FROM Thing WHERE {condition}").conditions)


def test_a_whole_query_is_read() -> None:
    query = soql.read(
        "SELECT Id, Name, Unique_Account_ID__c FROM Account WHERE SystemModstamp >= 2026-11-01T10:11:12Z"
        " AND SystemModstamp < 2026-11-02T00:00:00+00:00 AND IsDeleted = false"
        " ORDER BY SystemModstamp, Id DESC, Name ASC LIMIT 7"
    )
    assert query.object == "Account"
    assert query.fields == ("Id", "Name", "Unique_Account_ID__c")
    assert [(one.field, one.sign, one.value) for one in query.conditions] == [
        ("SystemModstamp", ">=", datetime(2026, 11, 1, 10, 11, 12, tzinfo=UTC)),
        ("SystemModstamp", "<", datetime(2026, 11, 2, tzinfo=UTC)),
        ("IsDeleted", "=", False),
    ]
    assert query.order == (("SystemModstamp", False), ("Id", True), ("Name", False))
    assert query.limit == 7
    assert query.names == {"Id", "Name", "Unique_Account_ID__c", "SystemModstamp", "IsDeleted"}


def test_keywords_may_be_written_small_and_a_query_may_count() -> None:
    assert soql.read("select count() from Lead where Id != null").fields == ()


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (r"Name = 'O\'Neil'", True),
        ("Name = 'oneil'", False),
        ("Amount >= 5", True),
        ("Amount < 5.0", False),
        ("At > 2026-11-01T09:59:59Z", True),
        ("At >= 2026-11-01T05:00:00-05:00", True),
        ("On <= 2026-10-31", False),
        ("Gone = null", True),
        ("Gone > 3", False),
        ("Gone != null", False),
        ("Id IN ('1', '2')", True),
        ("Id in ('2')", False),
        ("Id = '1' AND Amount <> 5", False),
    ],
)
def test_conditions_hold_or_not(condition: str, expected: bool) -> None:  # noqa: FBT001
    assert holds(condition) is expected


@pytest.mark.parametrize(
    "text",
    [
        "", "SELECT", "SELECT Id", "SELECT Id FROM", "SELECT Id FROM A WHERE", "SELECT Id FROM A WHERE x ~ 1",
        "SELECT Id FROM A extra", "SELECT Id FROM A WHERE x = y", "SELECT Id FROM A WHERE x IN ()", "SELECT Id, FROM A",
        "SELECT Id FROM A LIMIT x",
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(soql.SoqlError) as refused:
        soql.read(text)
    assert refused.value.code == "MALFORMED_QUERY"


@pytest.mark.parametrize("condition", ["At > 2026-11-01", "Amount > 'x'", "On >= 2026-11-01T00:00:00Z"])
def test_values_of_another_type_are_refused(condition: str) -> None:
    with pytest.raises(soql.FieldError, match="another type"):
        holds(condition)
