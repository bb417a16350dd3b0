from datetime import timedelta
from itertools import pairwise

import pytest

from sg_assets.sandbox.company.campaigns import CAMPAIGNS
from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.tag_containers import EVENTS, TAG, TRIGGER, VARIABLE, TagContainers
from sg_assets.sandbox.company.web_traffic import ABOUT

DAY = timedelta(days=1)


@pytest.fixture
def tags(company: Company) -> TagContainers:
    return TagContainers(company)


def test_versions_are_numbered_in_the_order_of_their_publication(tags: TagContainers) -> None:
    for container in tags.containers:
        versions = tags.versions(container, tags.company.anchor)
        assert [version.number for version in versions] == list(range(1, len(versions) + 1))
        times = [version.published_at for version in versions]
        assert times == sorted(times)
        assert bool(versions) == container.is_published


def test_what_was_published_stays_as_it_was(tags: TagContainers) -> None:
    for container in tags.containers:
        before = tags.versions(container, tags.company.anchor)
        assert tags.versions(container, tags.company.anchor + 30 * DAY)[: len(before)] == before


def test_containers_go_on_being_published_after_the_anchor(tags: TagContainers) -> None:
    anchor, published = tags.company.anchor, [one for one in tags.containers if one.is_published]
    assert all(tags.live(one, anchor) != tags.live(one, anchor + 40 * DAY) for one in published)


def test_a_fingerprint_moves_with_its_element_and_with_nothing_else(tags: TagContainers) -> None:
    kinds_of_change = set()
    for container in tags.containers:
        versions = tags.versions(container, tags.company.anchor + 100 * DAY)
        for before, after in pairwise(versions):
            old, new = ({(one.kind, one.id): one for one in version.elements} for version in (before, after))
            assert old != new
            kinds_of_change |= {"gone"} if old.keys() - new.keys() else set()
            kinds_of_change |= {"new"} if new.keys() - old.keys() else set()
            for key in old.keys() & new.keys():
                assert (old[key] == new[key]) == (old[key].fingerprint == new[key].fingerprint)
                if old[key] != new[key]:
                    kinds_of_change.add("changed")
                    assert before.published_at < new[key].saved_at < after.published_at
    assert kinds_of_change == {"gone", "new", "changed"}


def test_tags_count_what_people_do_and_campaigns_conversions(tags: TagContainers) -> None:
    (about,) = (one for one in tags.containers if one.name == ABOUT)
    versions = tags.versions(about, tags.company.anchor + 100 * DAY)
    names = {element.name.partition(" (")[0] for version in versions for element in version.of(TAG)}
    assert {f"GA4 event - {event}" for event in EVENTS} <= names
    labels = {one.utm_campaign for one in CAMPAIGNS if one.utm_campaign}
    assert {name.split()[2] for name in names if name.startswith("Conversion - ")} <= labels


def test_ids_are_of_one_element_each_and_every_tag_of_the_first_version_has_its_trigger(tags: TagContainers) -> None:
    for container in tags.containers:
        for version in tags.versions(container, tags.company.anchor):
            ids = [one.id for one in version.elements]
            assert len(ids) == len(set(ids))
            assert {one.kind for one in version.elements} == {TAG, TRIGGER, VARIABLE}
            triggers = {one.id for one in version.of(TRIGGER)}
            assert all(set(one.settings["firingTriggerId"]) <= triggers for one in version.of(TAG))  # pyrefly: ignore[bad-argument-type]
