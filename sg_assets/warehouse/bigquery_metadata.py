"""What BigQuery says of tables that other systems write, without reading them: one question for all of a dataset.

https://cloud.google.com/bigquery/docs/information-schema-partitions
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from sg_assets.table import in_project
from sg_assets.warehouse import bigquery_sql as sql

if TYPE_CHECKING:
    from sg_assets.warehouse.bigquery_jobs import Jobs
    from sg_assets.warehouse.contract import Watch


@dataclass(frozen=True, slots=True)
class Written:
    """What BigQuery says of a table: rows, when it last changed, a mark of each partition."""

    rows: int
    modified: datetime
    partitions: Mapping[str, str]


class Metadata:
    """Asked once for each dataset and look, about all tables in it that are looked at together."""

    def __init__(self, jobs: Jobs) -> None:
        """Nothing is asked yet."""
        self._jobs = jobs
        self._known: dict[tuple[str, datetime], dict[str, Written]] = {}

    def place(self, name: str) -> str:
        """Where a table of another system is: in a project of its own, or in that of the warehouse."""
        return in_project(name, self._jobs.settings.project)

    def written(self, places: Mapping[str, str], watch: Watch) -> dict[str, Written]:
        """What is said of tables, by the names that are given with their places; what has none is left out.

        Views, tables without a partition, and tables that are not there have none.

        Raises:
            WarehouseError: a dataset is not there, or may not be asked about.
        """
        settings = self._jobs.settings
        others = {self.place(name) for name in watch.beside} | {sql.table_id(settings, name) for name in watch.own}
        found = {}
        for name, place in places.items():
            dataset, _, table = place.rpartition(".")
            if (dataset, watch.now) not in self._known:
                beside = {one for one in {*others, *places.values()} if one.rpartition(".")[0] == dataset}
                self._known = {key: said for key, said in self._known.items() if key[1] == watch.now}
                self._known[dataset, watch.now] = self._said(dataset, [one.rpartition(".")[2] for one in beside])
            if (said := self._known[dataset, watch.now].get(table)) is not None:
                found[name] = said
        return found

    def _said(self, dataset: str, tables: Iterable[str]) -> dict[str, Written]:
        script = sql.Script()
        rows = self._jobs.run(
            "select table_name, partition_id, sum(ifnull(total_rows, 0)), "
            "ifnull(max(last_modified_time), timestamp_seconds(0)) "
            f"from {quoted_place(dataset, 1)}.INFORMATION_SCHEMA.PARTITIONS "
            f"where table_name in unnest({script.values('STRING', sorted(tables))}) group by 1, 2",
            script.parameters,
        )
        partitions: dict[str, list[tuple[str, int, datetime]]] = defaultdict(list)
        for name, partition, count, modified in rows:
            at = cast("datetime", modified).astimezone(UTC)
            partitions[str(name)].append((str(partition or ""), int(str(count)), at))
        return {
            name: Written(
                rows=sum(count for _, count, _ in found),
                modified=max(at for *_, at in found),
                partitions={partition: f"{at.isoformat()}:{count}" for partition, count, at in found},
            )
            for name, found in partitions.items()
        }


def quoted_place(place: str, names: int) -> str:
    """A project, which may have dots in it, and so many names, as SQL takes them."""
    return ".".join(sql.quoted(part) for part in place.rsplit(".", names))
