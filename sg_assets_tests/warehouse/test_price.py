"""What bytes cost."""

from sg_assets.warehouse.bigquery_jobs import Cost
from sg_assets.warehouse.price import metadata, usd


def test_a_tebibyte_has_its_price_and_less_costs_as_much_less() -> None:
    assert usd(2**40) == 6.25
    assert usd(10 * 2**20) == 0.00006
    assert usd(0) == 0


def test_a_cost_is_told_with_its_price() -> None:
    assert metadata(Cost(jobs=3, bytes_processed=5, bytes_billed=2**39, slot_ms=7)) == {
        "bytes_processed": 5, "bytes_billed": 2**39, "slot_milliseconds": 7, "estimated_price_usd": 3.125
    }  # fmt: skip
