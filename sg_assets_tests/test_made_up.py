from datetime import UTC, date, datetime
from pathlib import Path

from sg_assets.environment import load


def test_the_sandbox_keeps_sixty_days_before_its_anchor_or_as_many_as_are_said() -> None:
    assert load({"SG_SANDBOX_ANCHOR": "2026-03-02"}).history_start == date(2026, 1, 1)
    assert load({"SG_SANDBOX_ANCHOR": "2026-03-02", "SG_SANDBOX_DAYS": "2"}).history_start == date(2026, 2, 28)


def test_the_anchor_stays_where_the_first_start_remembered_it(tmp_path: Path) -> None:
    first = load({"SG_HOME": str(tmp_path), "SG_CLOCK": "2026-01-05T12:00:00Z"})
    first.remember_anchor()
    later = load({"SG_HOME": str(tmp_path), "SG_CLOCK": "2026-02-05T12:00:00Z"})
    assert later.anchor == datetime(2026, 1, 5, tzinfo=UTC)
