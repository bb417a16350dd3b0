"""Sent within 65 minutes of its landing, and found again: asked of ledgers where it holds and where it does not."""

from datetime import UTC, date, datetime, timedelta

from sg_assets.discovery import graph
from sg_assets.tables.amplitude import checks
from sg_assets_tests.tables.cases import Row
from sg_assets_tests.tables.engines import STATES, asked

NOON = datetime(2026, 1, 9, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def sent(id_: str, arrived_at: datetime, sent_at: datetime, project: str = "Dotcom") -> Row:
    return {
        "event_on": date(2026, 1, 9),
        "insert_id": id_,
        "project": project,
        "arrived_at": arrived_at,
        "sent_at": sent_at,
        "is_accepted": True,
    }


def late(*ledger: Row) -> list[Row]:
    """What is found where the hour to 12:00 landed at 12:10, and that to 13:00 at 13:10."""
    landings = [("raw_events.dotcom_event", hours) for hours in range(3)]
    given: dict[str, list[Row]] = {
        "sent_amplitude.event": list(ledger),
        STATES.name: [
            {"table_name": name, "built_at": NOON + hours * HOUR + 10 * MINUTE, "data_through": NOON + hours * HOUR}
            for name, hours in [*landings, ("raw_events.managed_event", 2)]
        ],
    }
    return asked(checks.SENT_IN_TIME, [graph()["sent_amplitude.event"], STATES], given)


FIRST = sent("first", NOON, NOON + 11 * MINUTE)


def test_sixty_five_minutes_after_the_landing_is_in_time_and_a_second_more_is_not() -> None:
    landed = NOON + HOUR + 10 * MINUTE
    assert late(FIRST, sent("a", NOON + HOUR, landed + 65 * MINUTE)) == []
    after = landed + 65 * MINUTE + timedelta(seconds=1)
    assert late(FIRST, sent("a", NOON + HOUR, after), sent("b", NOON + HOUR, after)) == [
        {"project": "Dotcom", "landed_at": landed, "sent_at": after, "events": 2}
    ]


def test_what_had_landed_before_the_first_upload_of_all_does_not_count() -> None:
    assert late(sent("first", NOON, NOON + 5 * HOUR), sent("a", NOON - HOUR, NOON + 5 * HOUR)) == []


def test_an_hour_that_came_late_is_in_time_after_its_own_landing() -> None:
    of_managed = sent("a", NOON + HOUR, NOON + 2 * HOUR + 70 * MINUTE, "Managed instances")
    assert late(FIRST, of_managed) == []  # its stream reached 13:00 only at 14:10


def test_what_was_late_is_told_for_a_day() -> None:
    old = sent("a", NOON + HOUR, NOON + 5 * HOUR)
    assert len(late(FIRST, old)) == 1
    assert late(FIRST, old, sent("b", NOON + 2 * HOUR, NOON + 29 * HOUR))[0]["sent_at"] == NOON + 29 * HOUR


def test_an_event_that_is_not_in_the_export_is_told() -> None:
    def row(project: str, missing: int | None) -> Row:
        return {"uploaded_hour_at": NOON, "project": project, "sent_count": 3, "missing_count": missing}

    given = {"amplitude.upload_hour": [row("Dotcom", 0), row("Managed instances", None)]}
    assert asked(checks.NOTHING_MISSING, [graph()["amplitude.upload_hour"]], given) == []
    given = {"amplitude.upload_hour": [row("Dotcom", 2)]}
    assert [
        found["missing_count"] for found in asked(checks.NOTHING_MISSING, [graph()["amplitude.upload_hour"]], given)
    ] == [2]
