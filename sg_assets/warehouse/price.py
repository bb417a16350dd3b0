"""What work in a warehouse costs, where it is paid for by the byte: BigQuery's on-demand price, in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from sg_assets.warehouse.bigquery_jobs import Cost

USD_PER_TIB = 6.25
"""US dollars for each TiB that queries bill, on demand, in the US and EU multi-regions.

https://cloud.google.com/bigquery/pricing#on_demand_pricing (other regions differ, a reservation is paid for by the
slot; the first TiB of a month, which is free, is not taken off).
"""
TIB = 2**40


@runtime_checkable
class Metered(Protocol):
    """A warehouse whose work is paid for by the byte."""

    def spent(self, table: str) -> Cost:
        """What the jobs for a table took since this was asked for it last."""

    def would_read(self, table: str, sql: str) -> int:
        """Bytes that a query for a table would read, at most: nothing is run, and nothing is paid for that.

        Raises:
            WarehouseError: it cannot be run, for instance since a table that it reads is not there yet.
        """


def usd(bytes_billed: int) -> float:
    """The price of so many billed bytes, in US dollars, to a millionth."""
    return round(bytes_billed / TIB * USD_PER_TIB, 6)


def metadata(cost: Cost) -> dict[str, int | float]:
    """A cost as metadata of a materialization."""
    return {
        "bytes_processed": cost.bytes_processed,
        "bytes_billed": cost.bytes_billed,
        "slot_milliseconds": cost.slot_ms,
        "estimated_price_usd": usd(cost.bytes_billed),
    }
