"""Which tables must be there before a run, although nothing may have landed in them yet."""

from __future__ import annotations

from collections.abc import Collection, Container
from typing import TYPE_CHECKING

from sg_assets.freshness.graph import Graph
from sg_assets.order import Order
from sg_assets.table import Table

if TYPE_CHECKING:
    from sg_assets.warehouse.contract import Warehouse


def loaded_anew(graph: Graph, order: Order, unconnected: Collection[str]) -> frozenset[str]:
    """The raw tables of which an order's run keeps no row.

    They need not be able to follow their declaration: loading them is how a column that cannot be converted is mended.
    """
    return frozenset(t.name for t in graph if t.is_raw and order.is_full_for(t.name) and t.name not in unconnected)


def prepared(graph: Graph, warehouse: Warehouse, leave: Container[str]) -> list[Table]:
    """The tables that must be there before they landed, but those to `leave`.

    A development copy has only those that were loaded into it: it reads all others from production.
    """
    wanted = [table for table in graph.there_from_the_start if table.name not in leave]
    if not (lent := warehouse.lent()):
        return wanted
    own = warehouse.states()
    return [table for table in wanted if table.name in own or table.name not in lent]
