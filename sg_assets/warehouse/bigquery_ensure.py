"""Tables that must be there before anything is in them, and raw ones that must follow their declaration (BigQuery)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sg_assets.table import Delivery, Table
from sg_assets.warehouse import bigquery_rejected as rejected
from sg_assets.warehouse import declared
from sg_assets.warehouse.contract import EvolutionError
from sg_assets.warehouse.declared import rejected_name

if TYPE_CHECKING:
    from sg_assets.warehouse.bigquery_tables import Stored, Tables


def ensure(tables: Tables, wanted: Sequence[Table]) -> frozenset[str]:
    """Make missing tables, empty, and let raw ones that we write follow their declaration.

    Gives those that another system fills elsewhere and that are no views of it, or not any more.

    Raises:
        EvolutionError: columns of some table changed so that it must be loaded anew; nothing was changed.
    """
    names = [table.name for table in wanted] + [rejected_name(table.name) for table in wanted if is_ours(table)]
    stored = tables.all_stored(names)
    refuse_loss([table for table in wanted if is_ours(table)], stored)
    for table in wanted:
        if not is_ours(table):
            if table.name not in stored:
                tables.create(table)
            continue
        found = stored.get(table.name)
        if found is not None and found.is_view:  # it showed another system's rows, and is to be fetched now
            tables.drop(table.name)
            found = None
        tables.follow(table, found)
        if rejected_name(table.name) not in stored:
            rejected.make(tables, table)
    views = {name for name, found in stored.items() if found.is_view}
    return frozenset(table.name for table in wanted if table.origin is not None and table.name not in views)


def refuse_loss(wanted: Sequence[Table], stored: Mapping[str, Stored]) -> None:
    """Refuse declarations that tables cannot follow, all at once.

    Raises:
        EvolutionError: names them.
    """
    wrong = []
    for table in wanted:
        if table.name in stored and not stored[table.name].is_view:
            try:
                declared.refuse_loss(table, stored[table.name].types)
            except EvolutionError as error:
                wrong.append(str(error))
    if wrong:
        raise EvolutionError("\n".join(wrong))


def is_ours(table: Table) -> bool:
    """Whether we write it as a source delivers it: its columns only grow, and what does not fit is kept beside it."""
    return table.is_landed and table.delivery is not Delivery.WATCHED
