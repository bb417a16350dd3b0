from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from sg_assets.sandbox.clock import anchor_of, hour_of

NOW = datetime(2026, 11, 21, 15, 4, 5, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 21, tzinfo=UTC)


def test_the_anchor_is_the_midnight_in_utc_before_now(tmp_path: Path) -> None:
    assert anchor_of(tmp_path, lambda: NOW) == MIDNIGHT
    west = timezone(timedelta(hours=-10))
    assert anchor_of(tmp_path, lambda: datetime(2026, 11, 20, 20, tzinfo=west)) == MIDNIGHT


def test_asking_writes_nothing(tmp_path: Path) -> None:
    anchor_of(tmp_path / "state", lambda: NOW)
    assert list(tmp_path.iterdir()) == []


def test_a_remembered_anchor_stays(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    assert anchor_of(folder, lambda: NOW, remember=True) == MIDNIGHT
    assert anchor_of(folder, lambda: NOW + timedelta(days=9)) == MIDNIGHT
    assert anchor_of(folder, lambda: NOW + timedelta(days=9), remember=True) == MIDNIGHT


def test_of_many_that_remember_at_once_one_wins(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = set(
            pool.map(lambda day: anchor_of(tmp_path, lambda: NOW + timedelta(days=day), remember=True), range(8))
        )
    assert len(found) == 1


def test_an_hour_begins_on_the_hour() -> None:
    assert hour_of(NOW) == datetime(2026, 11, 21, 15, tzinfo=UTC)
