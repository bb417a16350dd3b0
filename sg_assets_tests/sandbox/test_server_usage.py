from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from sg_assets.sandbox.faults import Kind
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets.sandbox.server_usage import server_day
from sg_assets_tests.sandbox.world import NOW

DAY = timedelta(days=1)


def days(sandbox: Sandbox) -> dict[date, set[str]]:
    """The instances of each day."""
    found = defaultdict(set)
    for row in server_day(sandbox):
        assert isinstance(row["day_on"], date)
        found[row["day_on"]].add(str(row["site_id"]))
    return found


def test_sixty_days_were_written_up_to_the_day_before_tonights_run(sandbox: Sandbox) -> None:
    written = days(sandbox)
    newest = (NOW - timedelta(hours=2)).date() - DAY
    assert (min(written), max(written)) == (sandbox.anchor.date() - 60 * DAY, newest)
    assert len(written) == (newest - min(written)).days + 1


def test_only_instances_that_send_usage_are_in_it_once_a_day(sandbox: Sandbox) -> None:
    rows = list(server_day(sandbox))
    assert len({(row["site_id"], row["day_on"]) for row in rows}) == len(rows)
    assert all(int(str(row["user_count"])) >= 0 for row in rows)
    assert {row["site_id"] for row in rows} < {instance.site_id for instance in sandbox.company.instances}


def test_a_job_that_stopped_writes_no_more_days(sandbox: Sandbox) -> None:
    since = sandbox.anchor - 5 * DAY
    sandbox.faults.switch_on(Kind.STOPPED_FEED, "server_usage", since=since.isoformat())
    assert max(days(sandbox)) == since.date() - DAY
