"""Tables of sales and of the CRM, compared with what the made-up company's generator knows to be true."""

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from sg_assets.sandbox.company.arr import Movement, movements
from sg_assets.sandbox.company.crm import Crm
from sg_assets.sandbox.company.crm_changes import CrmChanges
from sg_assets_tests.truth_world import World

DAY = timedelta(days=1)


def true_movements(world: World) -> list[Movement]:
    """Of every customer and month, up to the midnight up to which finance's sheet is kept."""
    midnight = datetime.combine(world.env.clock().date(), time(), UTC)
    return movements(world.env.sandbox.company, midnight)


def test_the_movements_of_every_customers_revenue_are_the_true_ones(world: World) -> None:
    found = world.rows(
        "select month_on, account_id, opening_arr_usd, new_arr_usd, expansion_arr_usd, churned_arr_usd,"
        " closing_arr_usd, committed_users from sales.arr_customer_month order by month_on, account_id"
    )
    true = [
        (
            one.month,
            one.customer.account_id,
            *map(Decimal, (one.opening, one.new, one.expansion, one.churned, one.closing)),
            one.users,
        )
        for one in true_movements(world)
    ]
    assert found == sorted(true)


def test_the_movements_of_every_month_are_the_true_ones(world: World) -> None:
    found = world.rows(
        "select month_on, opening_arr_usd, new_arr_usd, expansion_arr_usd, churned_arr_usd, closing_arr_usd,"
        " customer_count, new_customer_count, lost_customer_count from sales.arr_month order by month_on"
    )
    by_month: dict[date, list[Movement]] = defaultdict(list)
    for one in true_movements(world):
        by_month[one.month].append(one)
    true = [
        (
            month,
            *(
                Decimal(sum(getattr(one, name) for one in many))
                for name in ("opening", "new", "expansion", "churned", "closing")
            ),
            sum(one.closing > 0 for one in many),
            sum(one.new > 0 for one in many),
            sum(one.opening > 0 and not one.closing for one in many),
        )
        for month, many in sorted(by_month.items())
    ]
    assert found == true
    assert all(any(row[place] for row in true) for place in range(1, 9)), "there is every kind of movement"


def test_what_was_kept_of_a_years_customers_is_the_true_share(world: World) -> None:
    found = world.rows(
        "select month_on, net_retention_12_months, gross_retention_12_months from sales.arr_month order by month_on"
    )
    balances = {(one.customer.account_id, one.month): (one.opening, one.closing) for one in true_movements(world)}
    months = sorted({month for _, month in balances})
    for month, net, gross in found[11:]:
        assert isinstance(month, date)
        begun = months[months.index(month) - 11]
        paid = {account: opening for (account, at), (opening, _) in balances.items() if at == begun and opening}
        kept = {account: balances.get((account, month), (0.0, 0.0))[1] for account in paid}
        total = sum(paid.values())
        assert net == pytest.approx(sum(kept.values()) / total, rel=1e-12)
        assert gross == pytest.approx(sum(min(paid[one], kept[one]) for one in paid) / total, rel=1e-12)
    assert [row[1:] for row in found[:11]] == [(None, None)] * 11
    assert len(found) > 24


def test_every_opportunity_that_was_not_deleted_is_in_its_true_stage(world: World) -> None:
    found = world.rows(
        "select opportunity.opportunity_id, opportunity.stage_name, history.stage_name, opportunity.account_id"
        " from crm.opportunity"
        " left join crm.opportunity_stage_history as history"
        " on opportunity.opportunity_id = history.opportunity_id and history.is_current order by 1"
    )
    records = Crm(CrmChanges(world.env.sandbox.company)).at(world.env.clock())["Opportunity"]
    true = [
        (id_, one["StageName"], one["StageName"], one["AccountId"])
        for id_, one in sorted(records.items())
        if not one["IsDeleted"]
    ]
    assert found == true
    assert len(true) < len(records), "some were deleted"


def test_yesterday_is_in_the_snapshots_as_it_is_known_now(world: World) -> None:
    yesterday = world.env.clock().date() - DAY
    assert world.rows("select distinct day_on, is_carried from sales.pipeline_snapshot_day") == [(yesterday, False)]
    (pipeline,) = world.rows(
        "select sum(opportunity_count), sum(amount_usd), sum(if(is_qualified, amount_usd, 0))"
        " from sales.pipeline_snapshot_day"
    )
    now = world.rows(
        "select countif(not is_closed), sum(if(not is_closed, amount_usd, 0)),"
        " sum(if(not is_closed and is_qualified, amount_usd, 0)) from crm.opportunity"
    )
    assert [pipeline] == now
    accounts = "select account_id, arr_usd, open_pipeline_usd, contract_ends_on from"
    assert world.by_key(f"{accounts} crm.account_snapshot_day where day_on = date '{yesterday}'") == world.by_key(
        f"{accounts} crm.account"
    )
