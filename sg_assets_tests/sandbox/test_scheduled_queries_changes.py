"""What a change of a scheduled query may say, and that it is remembered."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from sg_assets.sandbox.scheduled_queries_changes import Change, Changes, MaskError, read_change
from sg_assets_tests.sandbox.world import NOW

BODY = {"name": "n", "displayName": "x", "dataSourceId": "scheduled_query", "params": {}, "schedule": "every 24 hours"}
SA = "sa@p.iam.gserviceaccount.com"


def test_only_what_the_mask_names_is_taken_in_either_spelling() -> None:
    asked = {"updateMask": "service_account_name,displayName", "serviceAccountName": SA}
    assert read_change(NOW, "n", asked, BODY) == Change(NOW, "n", {"displayName": "x"}, SA)
    assert read_change(NOW, "n", {"updateMask": "schedule"}, BODY).fields == {"schedule": "every 24 hours"}
    assert read_change(NOW, "n", {"updateMask": "disabled"}, BODY).fields == {"disabled": None}


def test_an_account_that_the_mask_does_not_name_is_not_taken() -> None:
    assert read_change(NOW, "n", {"updateMask": "schedule", "serviceAccountName": SA}, BODY).account is None


@pytest.mark.parametrize(
    ("asked", "body", "why"),
    [
        ({}, BODY, "update_mask must be specified"),
        ({"updateMask": "ownerInfo"}, BODY, "Invalid field in update_mask: ownerInfo"),
        ({"updateMask": "service_account_name"}, BODY, "service_account_name must be set"),
        ({"updateMask": "schedule"}, {"schedule": ""}, "dataSourceId, displayName, params must be set"),
        ({"updateMask": "schedule"}, {**BODY, "name": "other"}, "name differs"),
    ],
)
def test_what_is_no_change_is_refused(asked: dict[str, str], body: dict[str, object], why: str) -> None:
    with pytest.raises(MaskError, match=why):
        read_change(NOW, "n", asked, body)


def test_changes_are_kept_in_their_order_until_an_instant(tmp_path: Path) -> None:
    made = [Change(NOW, "a", {"schedule": None}), Change(NOW + timedelta(hours=1), "a", {}, SA), Change(NOW, "b", {})]
    for one in made:
        Changes(tmp_path).add(one)
    assert Changes(tmp_path).of("a", NOW) == made[:1]
    assert Changes(tmp_path).of("a", NOW + timedelta(hours=1)) == made[:2]
    assert Changes(tmp_path / "none").of("a", NOW) == []
    assert not (tmp_path / "none").exists()
