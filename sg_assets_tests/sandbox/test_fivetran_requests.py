"""What Fivetran was asked to do, as every process remembers it."""

from __future__ import annotations

from pathlib import Path

from sg_assets.sandbox.fivetran_requests import Asked, Requests
from sg_assets_tests.sandbox.world import NOW


def test_requests_are_kept_in_their_order_by_connection(tmp_path: Path) -> None:
    asked = [Asked(NOW, "a", "POST sync", {"force": False}), Asked(NOW, "b", "PATCH", {}), Asked(NOW, "a", "PATCH", {})]
    for one in asked:
        Requests(tmp_path).add(one)
    assert Requests(tmp_path).all() == asked
    assert Requests(tmp_path).all("a") == [asked[0], asked[2]]


def test_asking_for_them_writes_nothing(tmp_path: Path) -> None:
    assert Requests(tmp_path / "none").all() == []
    assert list(tmp_path.iterdir()) == []
