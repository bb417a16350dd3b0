from datetime import timedelta

import pytest

from sg_assets.sandbox.company import releases
from sg_assets.sandbox.company.company import Company
from sg_assets_tests.sandbox.world import ANCHOR, DAY


def test_the_newest_release_at_the_anchor_is_5_1_and_a_new_one_comes_every_30_days() -> None:
    newest = [
        releases.version_text(releases.newest_release(ANCHOR, ANCHOR + day * DAY)) for day in (-12, 0, 18, 19, 49)
    ]
    assert newest == ["5.0.0", "5.1.0", "5.1.0", "5.2.0", "5.3.0"]


@pytest.mark.parametrize(
    ("release", "text"), [(-1, "5.0.0"), (-2, "4.5.0"), (-7, "4.0.0"), (-8, "3.43.0"), (-46, "3.5.0")]
)
def test_versions_go_back_through_the_majors(release: int, text: str) -> None:
    assert releases.version_text(release) == text


def test_an_instance_keeps_its_distance_and_knows_that_there_is_an_update(company: Company) -> None:
    old = company.instances_of(company.case("old managed"))[0]
    assert releases.version_of(old, ANCHOR, ANCHOR) == "4.1.1"
    assert releases.has_update(old, ANCHOR, ANCHOR)
    current = company.instances_of(company.case("cloud"))[0]
    assert not releases.has_update(current, ANCHOR, ANCHOR)


def test_the_old_managed_instance_names_its_events_only_later(company: Company) -> None:
    old = company.instances_of(company.case("old managed"))[0]
    named = [releases.release_of(old, ANCHOR, ANCHOR + day * DAY) >= releases.NAMES_EVENTS for day in (-20, 25)]
    assert named == [False, True]


def test_developer_builds_are_named_by_number_day_and_hash(company: Company) -> None:
    instance = company.instances_of(company.case("developer build"))[0]
    text = releases.version_of(instance, ANCHOR, ANCHOR)
    number, day, digest = text.split("_")
    assert number.isdigit()
    assert day == (ANCHOR - 50 * DAY).date().isoformat()
    assert len(digest) >= 6
    assert releases.has_update(instance, ANCHOR, ANCHOR)  # it is over 40 days old
    assert releases.developer_build(ANCHOR, ANCHOR) == releases.developer_build(ANCHOR, ANCHOR + timedelta(minutes=5))
