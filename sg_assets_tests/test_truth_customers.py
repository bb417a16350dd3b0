"""Tables about customers, compared with what the made-up company's generator knows to be true."""

from datetime import datetime, timedelta

from sg_assets.sandbox.company.environment_answers import latest_answers
from sg_assets.sandbox.company.offline_customers import offline_customers
from sg_assets.sandbox.truth_history import telemetry_history
from sg_assets.sandbox.truth_use import falls_of_use
from sg_assets_tests.truth_world import World


def test_the_telemetry_of_every_customer_on_every_day_is_the_true_one(world: World) -> None:
    at = world.env.clock()
    found: dict[object, list[tuple[object, ...]]] = {}
    for account, *stretch in world.rows(
        "select account_id, valid_from_on, coalesce(valid_to_on, date '2026-03-10'), telemetry_status"
        " from customers.telemetry_status_history order by account_id, valid_from_on"
    ):
        found.setdefault(account, []).append(tuple(stretch))
    true = telemetry_history(world.env.sandbox, world.env.history_start, at)
    assert found == {
        account: [(one.first, one.last, one.telemetry.text) for one in stretches] for account, stretches in true.items()
    }
    assert sum(len(stretches) > 1 for stretches in true.values()) >= 4, "some changed"


def test_the_history_ends_with_the_status_of_now(world: World) -> None:
    ends = world.by_key("select account_id, telemetry_status from customers.telemetry_status_history where is_current")
    assert ends == world.by_key("select account_id, telemetry_status from customers.telemetry_status")


def test_an_alert_is_raised_where_use_fell_and_nowhere_else(world: World) -> None:
    found = {
        (site, week): rest
        for site, week, *rest in world.rows(
            "select instance_id, week_on, weekly_active_users, usual_weekly_active_users from customers.usage_alert"
        )
    }
    sandbox = world.env.sandbox
    true = falls_of_use(sandbox, world.env.history_start, world.env.clock())
    assert found == {key: list(figures) for key, figures in true.items()}
    fallen = sandbox.company.instances_of(sandbox.company.case("renewal due"))[0]
    assert fallen.site_id in {site for site, _ in true}


def test_the_newest_answers_about_environments_are_the_true_ones(world: World) -> None:
    found = world.by_key(
        "select account_id, timestamp_trunc(submitted_at, second), user_count from customers.environment_latest"
    )
    latest = latest_answers(world.env.sandbox.company, world.env.clock())
    assert found == {
        account: (one.submitted_at.replace(microsecond=0), one.answers.get("user_count"))
        for account, one in latest.items()
    }


def test_everybody_known_to_be_offline_is_and_who_stopped_is_too(world: World) -> None:
    found = world.by_key("select instance_id, offline_status from customers.offline_instance")
    known = {one.instance.site_id for one in offline_customers(world.env.sandbox.company, world.env.clock())}
    assert {site for site, status in found.items() if status == "known offline"} == known
    silent = world.by_key("select instance_id, telemetry_status from customers.instance_telemetry")
    assert {site for site, status in found.items() if status == "stopped"} == {
        site for site, status in silent.items() if status == "no telemetry" and site not in known
    }
    ((last,),) = world.rows(
        "select max(last_ping_at) from customers.offline_instance where is_ping_data_due_for_deletion"
    )
    assert isinstance(last, datetime), "somebody has been silent for so long"
    assert last < world.env.clock() - timedelta(days=3 * 365)
