"""The seats of every subscription, compared with what the made-up company's generator knows to be true."""

from datetime import UTC, date, datetime, timedelta

from sg_assets.sandbox import truth
from sg_assets_tests.truth_world import World

DAY = timedelta(days=1)


def seats_on(world: World, day: date) -> dict[str, int]:
    """The seats of each subscription that has any by the end of a day, or now, by its uuid.

    Without subscriptions that were archived before anybody asked: the vendor does not list them.
    """
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    end = min(midnight + DAY - timedelta(microseconds=1), world.env.clock())
    found = {}
    for one in truth.subscriptions(world.env.sandbox.company):
        active = one.active_license(end)
        if active is None or one.is_archived(world.env.clock()) or active.expires_at < midnight:
            continue
        if active.revoked_at is None or active.revoked_at > end:
            found[one.uuid] = active.user_count
    return found


def test_the_seats_of_every_day_are_the_true_ones(world: World) -> None:
    rows = world.rows(
        "select seat_day.day_on, subscription.subscription_uuid, seat_day.seats from licensing.seat_day"
        " inner join licensing.subscription on seat_day.subscription_id = subscription.subscription_id"
    )
    found: dict[object, dict[object, object]] = {}
    for day, uuid, seats in rows:
        found.setdefault(day, {})[uuid] = seats
    days = [date(2026, 1, 9) + n * DAY for n in range(61)]
    assert found == {day: seats_on(world, day) for day in days}
    assert len({frozenset(of_day.items()) for of_day in found.values()}) > 5, "licences come and go"


def test_the_users_of_the_seats_are_those_of_the_busiest_instance(world: World) -> None:
    company = world.env.sandbox.company
    monthly = world.by_key(
        "select instance_id, monthly_active_users from pings.instance_day where day_on = '2026-03-09'"
    )
    true: dict[str, int] = {}
    for one in company.instances:
        users = monthly.get(one.site_id)
        if isinstance(users, int) and one.subscription is not None:
            true[one.subscription.uuid] = max(users, true.get(one.subscription.uuid, 0))
    found = world.by_key(
        "select subscription.subscription_uuid, seat_day.monthly_active_users from licensing.seat_day"
        " inner join licensing.subscription on seat_day.subscription_id = subscription.subscription_id"
        " where seat_day.day_on = '2026-03-09' and seat_day.instance_count > 0"
    )
    assert found == {uuid: users for uuid, users in true.items() if uuid in seats_on(world, date(2026, 3, 9))}
