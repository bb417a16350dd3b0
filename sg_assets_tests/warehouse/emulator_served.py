"""Serves BigQuery's emulator, with three things of it mended. Run by its Python, not by ours.

Before each use of a table, and before each query, it asks DuckDB for the tables or columns of all catalogs, which looks
into every one of them: half a second and more once there are two hundred. Which tables there are is in the metadata of
its catalog. Temporary tables, columns that must not be null and partitions by the time of arrival are never ours: there
are none, and it is told so at once.

In GROUP BY a name of the SELECT list wins over a column of FROM, as Google's own engine has it (`select lower(email) as
email … group by email` gives one row for `A` and `a`); the emulator leaves the name to DuckDB, where the column wins.

INFORMATION_SCHEMA.PARTITIONS says when each was changed last, and has no views.
"""

from __future__ import annotations

from typing import Any

from duckdb import CatalogException, DuckDBPyConnection, DuckDBPyRelation
from local_bigquery import cli
from local_bigquery.engine import database
from local_bigquery.jobs import query
from local_bigquery.sql import translate
from local_bigquery.sql.rules import information_schema
from sqlglot import exp

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
NEVER_OURS = "FROM duckdb_columns() WHERE database_name"
TEMPORARY = "SELECT table_name FROM duckdb_tables() WHERE temporary"
NOTHING = "select null limit 0"
slow_objects, slow_fetch, execute = database.objects, database.fetch, query.execute


class Cursor:
    """A cursor that knows without looking that there are no temporary tables."""

    def __init__(self, cursor: DuckDBPyConnection) -> None:
        """Nothing is asked yet."""
        self._cursor = cursor

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 (whatever a cursor has)
        """All the rest is the cursor's."""
        return getattr(self._cursor, name)

    def sql(self, text: str, **given: Any) -> DuckDBPyRelation:  # noqa: ANN401 (what DuckDB takes)
        """A relation of a query."""
        return self._cursor.sql(NOTHING if text == TEMPORARY else text, **given)


def fetch(sql: str, params: list[Any] | None = None) -> list[tuple[Any, ...]]:
    """The rows of one of the emulator's own questions."""
    return [] if NEVER_OURS in sql else list(slow_fetch(sql, params))


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


def names_of_the_list_win(tree: exp.Expr, _context: object) -> exp.Expr:
    """Each name in a GROUP BY that stands for an expression of the SELECT list as the place of that, from 1."""
    for select in tree.find_all(exp.Select):
        group, projections = select.args.get("group"), select.expressions
        places = {
            projection.alias.lower(): place
            for place, projection in enumerate(projections, 1)
            if isinstance(projection, exp.Alias) and not isinstance(projection.this, exp.Column)
        }
        if group is None or any(projection.is_star for projection in projections):
            continue
        for name in list(group.expressions):
            if isinstance(name, exp.Column) and not name.table and name.name.lower() in places:
                name.replace(exp.Literal.number(places[name.name.lower()]))
    return tree


def partitions(project_id: str, dataset_id: str | None) -> tuple[list[str], list[list[object]]]:
    """INFORMATION_SCHEMA.PARTITIONS with the time of the last change, and without views, as BigQuery has it."""
    columns, rows = information_schema.partitions(project_id, dataset_id)
    _, known = information_schema.table_storage(project_id, dataset_id)  # of tables only
    changed = {row[3]: row[-3] for row in known}
    there = [[*row, changed[row[2]]] for row in rows if row[2] in changed]
    return [*columns, "last_modified_time TIMESTAMP"], there


if __name__ == "__main__":
    database.objects, database.fetch = objects, fetch
    query.execute = lambda cursor, *args, **kwargs: execute(Cursor(cursor), *args, **kwargs)
    information_schema.VIEWS["PARTITIONS"] = partitions
    translate.STATEMENT_RULES = [names_of_the_list_win, *translate.STATEMENT_RULES]
    cli.main()
