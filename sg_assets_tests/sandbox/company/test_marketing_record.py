from datetime import UTC, date, datetime, timedelta

import pytest

from sg_assets.sandbox.company.marketing_record import AHEAD, archived, latest, record_id, stamp, text, time

AT = datetime(2022, 3, 1, 10, 11, 12, 345_678, UTC)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, None),
        ("x", "x"),
        (True, "true"),
        (False, "false"),
        (7, "7"),
        (45600.0, "45600"),
        (45600.5, "45600.5"),
        (date(2022, 3, 1), "2022-03-01"),
        (AT, "2022-03-01T10:11:12.345Z"),
    ],
)
def test_every_value_is_a_text_or_null(value: object, written: str | None) -> None:
    assert text(value) == written


def test_the_latest_moment_is_past_and_in_whole_milliseconds() -> None:
    assert time(latest([AT, None, AT + timedelta(days=2)], AT + timedelta(days=1))) == "2022-03-01T10:11:12.345Z"
    assert latest([AT, None], AT).microsecond == 345_000
    assert latest([None], AT) < AT - timedelta(days=4000)


def test_hubspot_knows_a_thing_before_salesforce() -> None:
    assert stamp({"CreatedDate": AT}, "CreatedDate") == AT - AHEAD
    assert archived({"DeletedDate": AT}) == AT - AHEAD
    assert archived({}) is None
    with pytest.raises(TypeError):
        stamp({"CreatedDate": "yesterday"}, "CreatedDate")


def test_ids_are_numbers_of_their_own_for_each_kind() -> None:
    assert record_id("contact", "a@b.c").isdigit()
    assert len({record_id(kind, str(n)) for kind in ("contact", "deal") for n in range(2000)}) == 4000
