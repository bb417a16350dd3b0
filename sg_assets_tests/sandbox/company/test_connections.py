"""The truth about Fivetran's connections."""

from __future__ import annotations

from itertools import islice, pairwise

import pytest

from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.connections import HISTORICAL, Connection, Connections, Sync, newest_ends
from sg_assets_tests.sandbox.world import ANCHOR, DAY, HOUR, NOW


@pytest.fixture
def connections(company: Company) -> Connections:
    return Connections(company)


def of(connections: Connections, service: str) -> Connection:
    return next(one for one in connections.all if one.service == service)


def test_syncs_follow_the_schedule_and_do_not_overlap(connections: Connections) -> None:
    one = of(connections, "salesforce")
    newest = list(islice(connections.scheduled(one, NOW), 50))
    assert all(later.start - earlier.start == one.every for later, earlier in pairwise(newest))
    assert all(later.start > earlier.end for later, earlier in pairwise(newest))
    assert newest[0].start <= NOW
    assert list(islice(connections.scheduled(one, NOW + 6 * HOUR), 1, 51)) == newest


def test_the_first_sync_takes_longer_and_succeeds(connections: Connections) -> None:
    one = of(connections, "github")
    *_, first = connections.scheduled(one, NOW)
    assert first.start == one.created_at
    assert first.end - first.start > HISTORICAL * one.takes / 2
    assert first.has_succeeded


def test_in_times_of_trouble_every_sync_fails(connections: Connections) -> None:
    one = of(connections, "github")
    since, until = one.troubles[0]
    inside = [sync for sync in connections.scheduled(one, NOW) if since <= sync.end < until]
    assert len(inside) == 10
    assert not any(sync.has_succeeded for sync in inside)
    others = list(connections.scheduled(one, since))
    assert 0.9 < sum(sync.has_succeeded for sync in others) / len(others) < 1


def test_a_paused_one_and_one_that_is_not_set_up_do_not_sync(connections: Connections) -> None:
    paused = of(connections, "google_sheets")
    assert next(connections.scheduled(paused, NOW)).start < ANCHOR - 99 * DAY
    assert connections.last_ends(of(connections, "zendesk"), NOW) == {True: None, False: None}


def test_ends_are_seen_when_they_have_come() -> None:
    syncs = [Sync(NOW + n * HOUR, NOW + (n + 0.5) * HOUR, has_succeeded=n != 1) for n in range(3)]
    seen = [newest_ends(iter(syncs[::-1]), (), NOW + hours * HOUR) for hours in (0, 1, 2, 3)]
    first, second, third = (sync.end for sync in syncs)
    assert [(each[True], each[False]) for each in seen] == [
        (None, None),
        (first, None),
        (first, second),
        (third, second),
    ]
    asked_for = (Sync(NOW, NOW + 5 * HOUR, has_succeeded=False),)
    assert newest_ends(iter(syncs[::-1]), asked_for, NOW + 6 * HOUR) == {True: third, False: NOW + 5 * HOUR}
