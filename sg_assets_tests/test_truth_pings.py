"""What pings tell of every instance, compared with what the made-up company's generator knows to be true."""

from datetime import UTC, date, datetime, timedelta

from sg_assets.sandbox.company import releases
from sg_assets.sandbox.company.activity import anonymous, registered
from sg_assets.sandbox.company.cases import Pings
from sg_assets.sandbox.company.instances import Instance
from sg_assets.sandbox.company.ping_rows import PingRows
from sg_assets.sandbox.company.ping_times import PingTimes
from sg_assets.sandbox.company.ping_usage import growth
from sg_assets_tests.truth_world import World

DAY = timedelta(days=1)
INSTANT = timedelta(microseconds=1)


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def last_pings(world: World, day: date) -> dict[Instance, datetime]:
    """When each instance pinged last on a day that is over."""
    company = world.env.sandbox.company
    times = PingTimes(company)
    found = {one: times.last_before(one, midnight(day) + DAY - INSTANT, DAY) for one in company.instances}
    return {one: at for one, at in found.items() if at is not None and at >= midnight(day)}


def people(bits: int) -> int:
    return registered(bits) + anonymous(bits)


def test_the_active_users_and_version_of_every_instance_are_the_true_ones(world: World) -> None:
    company, rows = world.env.sandbox.company, PingRows(world.env.sandbox.company)
    for day in (date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 9)):
        found = world.by_key(
            "select instance_id, last_ping_at, version, is_critical_only, daily_active_users, weekly_active_users,"
            f" monthly_active_users, monthly_registered_users from pings.instance_day where day_on = '{day}'"
        )
        true = {}
        for one, at in last_pings(world, day).items():
            reach, is_full = rows.population(one).reach(at), one.pings_at(at) is Pings.FULL
            true[one.site_id] = (
                at,
                releases.version_of(one, company.anchor, midnight(day)),
                not is_full,
                people(reach.day) if is_full else None,
                people(reach.week) if is_full else None,
                people(reach.month),
                registered(reach.month),
            )
        assert found == true
        assert {row[2] for row in true.values()} == {True, False}


def test_growth_and_use_are_those_of_the_months_last_full_ping(world: World) -> None:
    rows = PingRows(world.env.sandbox.company)
    month_end = date(2026, 2, 28)
    growths, uses = {}, {}
    for one, at in last_pings(world, month_end).items():
        if one.pings_at(at) is Pings.FULL:
            population = rows.population(one)
            accounts, month = population.accounts_on(month_end), population.reach(midnight(month_end)).month.bit_count()
            told = growth(month_end, month, accounts)
            names = ("CreatedUsers", "DeletedUsers", "ResurrectedUsers", "ChurnedUsers", "RetainedUsers")
            growths[one.site_id] = (month_end, True, *(told[name] for name in names))
            uses[one.site_id] = (int(month * 0.8), accounts // 15)
    found = world.by_key(
        "select instance_id, reported_on, is_whole_month, created_users, deleted_users, resurrected_users,"
        " churned_users, retained_users from pings.growth_month where month_on = '2026-02-01' and is_whole_month"
    )
    assert found == growths
    found = world.by_key(
        "select instance_id, max(if(feature = 'search', users, null)), max(if(feature = 'batch changes', users, null))"
        f" from pings.feature_usage_day where day_on = '{month_end}' and period = 'month' group by instance_id"
    )
    assert found == uses


def test_an_instance_is_as_many_releases_behind_as_it_is_kept(world: World) -> None:
    company = world.env.sandbox.company
    day = date(2026, 3, 9)
    found = world.by_key(
        "select instance_day.instance_id, version_day.releases_behind from pings.instance_day"
        " inner join pings.version_day on instance_day.day_on = version_day.day_on"
        " and instance_day.version = version_day.version"
        f" where instance_day.day_on = '{day}'"
    )
    seen = {one for one in last_pings(world, day) if not one.is_developer_build}
    assert found == {one.site_id: one.releases_behind for one in seen}
    assert releases.newest_release(company.anchor, midnight(day)) == 0
