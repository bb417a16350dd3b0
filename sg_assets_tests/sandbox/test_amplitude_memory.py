"""What the sandbox's Amplitude keeps: each event once in seven days, by device and insert id."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sg_assets.sandbox.amplitude_memory import Memory

NOW = datetime(2026, 11, 21, 12, 30, 0, 250_000, tzinfo=UTC)
DAY = timedelta(days=1)


def test_an_id_is_known_again_for_seven_days_on_its_device_in_its_project(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    event = ("device-1", {"insert_id": "a", "event_type": "x"})
    assert memory.take(NOW, "1", [event, event]) == 1
    assert memory.take(NOW + 7 * DAY - timedelta(seconds=1), "1", [event]) == 0
    assert memory.take(NOW, "2", [event]) == 1
    assert memory.take(NOW, "1", [("device-2", event[1])]) == 1
    assert memory.take(NOW + 7 * DAY, "1", [event]) == 1


def test_events_without_an_id_are_all_kept(tmp_path: Path) -> None:
    assert Memory(tmp_path).take(NOW, "1", [("device-1", {}), ("device-1", {})]) == 2


def test_what_was_taken_comes_by_its_time(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    assert list(memory.taken("1", NOW, NOW + DAY)) == []
    assert memory.count("1", "device-1", NOW - DAY, NOW) == 0
    memory.take(NOW, "1", [("device-1", {"event_type": "x"})])
    ((number, at, device, fields),) = [(t.number, t.at, t.device, t.fields) for t in memory.taken("1", NOW, NOW + DAY)]
    assert (number, at, device, fields) == (1, NOW, "device-1", {"event_type": "x"})
    assert list(memory.taken("1", NOW - DAY, NOW)) == []
    assert memory.count("1", "device-1", NOW - DAY, NOW) == 1
