from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sg_assets.sandbox.zoominfo_credits import Credits, Used
from sg_assets_tests.sandbox.world import NOW


def test_nothing_is_written_before_the_first_credit_is_spent(tmp_path: Path) -> None:
    assert Credits(tmp_path / "state").used(NOW) == Used(0, 0, 0)
    assert not (tmp_path / "state").exists()


def test_what_one_process_spent_another_one_sees_for_a_year(tmp_path: Path) -> None:
    Credits(tmp_path).spend(["company 1", "company 2"], NOW)
    Credits(tmp_path).spend(["company 2"], NOW + timedelta(days=1))
    Credits(tmp_path).spend([], NOW + timedelta(days=2))
    assert Credits(tmp_path).used(NOW + timedelta(days=3)) == Used(3, 3, 2)
    assert Credits(tmp_path).used(NOW + timedelta(days=365, hours=1)) == Used(2, 1, 1)
