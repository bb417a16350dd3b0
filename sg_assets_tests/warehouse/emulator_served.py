"""Serves BigQuery's emulator, with one question of its own answered faster. Run by its Python, not by ours.

Before each use of a table it asks DuckDB for the tables of all catalogs, which counts the rows of each of them: half a
second and more once there are two hundred. The same is in the two metadata tables of its catalog.
"""

from __future__ import annotations

from duckdb import CatalogException
from local_bigquery import cli
from local_bigquery.engine import database

IN_CATALOG = """
select t.table_name, 'TABLE', coalesce(s.record_count, 0)
from {catalog}.ducklake_table as t
join {catalog}.ducklake_schema as d using (schema_id)
left join {catalog}.ducklake_table_stats as s using (table_id)
where t.end_snapshot is null and d.end_snapshot is null
    and d.schema_name = $1 and t.table_name = coalesce($2, t.table_name)
union all
select v.view_name, 'VIEW', 0
from {catalog}.ducklake_view as v
join {catalog}.ducklake_schema as d using (schema_id)
where v.end_snapshot is null and d.end_snapshot is null
    and d.schema_name = $1 and v.view_name = coalesce($2, v.view_name)
order by 1
"""
OWN = "emulator"  # a plain DuckDB file, where results of queries are
slow_objects = database.objects


def objects(project_id: str, dataset_id: str, table_id: str | None = None) -> list[tuple[str, str, int]]:
    """Name, kind and row count of the tables and views of a dataset, or of one of them; none where it is not there."""
    if project_id == OWN:
        if table_id is None:
            return list(slow_objects(project_id, dataset_id))
        try:
            ((rows,),) = database.fetch(f"select count(*) from {database.quote(project_id, dataset_id, table_id)}")
        except CatalogException:
            return []
        return [(table_id, "TABLE", rows)]
    database.attach(project_id)
    catalog = database.quote(f"__ducklake_metadata_{project_id}", "main")
    return list(database.fetch(IN_CATALOG.format(catalog=catalog), [dataset_id, table_id]))


if __name__ == "__main__":
    database.objects = objects
    cli.main()
