"""Which rights the role needs in sourcegraph.com's database, column by column, and which it has besides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter

from sg_assets.columns import Column
from sg_assets.postgres import Database

FURTHER = """
with
relations as (
    select oid, oid::regclass::text as relation
    from pg_class
    where relkind in ('r', 'p', 'v', 'm', 'f') and relnamespace = 'public'::regnamespace
),

role as (
    select rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls
    from pg_roles
    where rolname = current_user
)

select 'be' as may, word as what, '' as detail
from role
cross join lateral (
    values
    ('a superuser', rolsuper), ('a maker of roles', rolcreaterole), ('a maker of databases', rolcreatedb),
    ('a replica', rolreplication), ('above row-level security', rolbypassrls)
) as words (word, is_so)
where is_so
union all
select 'change' as may, relation as what, privilege as detail
from relations
cross join unnest(array['insert', 'update', 'delete', 'truncate']) as privileges (privilege)
where
    not (select rolsuper from role)
    and case
        when privilege in ('insert', 'update') then has_any_column_privilege(relations.oid, privilege)
        else has_table_privilege(relations.oid, privilege)
    end
union all
select 'change' as may, 'the schema public' as what, 'create' as detail
where not (select rolsuper from role) and has_schema_privilege('public', 'create')
union all
select 'read' as may, relation as what, attname as detail
from relations
inner join pg_attribute on relations.oid = attrelid and attnum > 0 and not attisdropped
where not (select rolsuper from role) and has_column_privilege(attrelid, attnum, 'select')
order by may, what, detail
"""
COLUMNS = (
    Column("may", "STRING", "be, change or read."),
    Column("what", "STRING", "The table, or what the role is."),
    Column("detail", "STRING", "The right, or the column."),
)


def declared(read: Mapping[str, Sequence[Column]], **others: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The names of the columns that are read, by table: those that are declared, and those of `others`."""
    named = {table: tuple(column.name for column in columns) for table, columns in read.items()}
    return named | {table: tuple(columns) for table, columns in others.items()}


def further(database: Database, needed: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """What the role may do beyond reading the needed columns, by table; of a superuser only that it is one.

    https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-ACCESS
    """
    rows = [row for batch in database.ask("the role's rights", FURTHER, COLUMNS) for row in batch.to_pylist()]
    kept = [row for row in rows if row["may"] != "read" or row["detail"] not in needed.get(row["what"], ())]
    for may, some in groupby(kept, itemgetter("may")):
        told = []
        for what, details in groupby(some, itemgetter("what")):
            listed = ", ".join(row["detail"] for row in details if row["detail"])
            told.append(f"{what} ({listed})" if listed else str(what))
        yield f"{may} {', '.join(told)}"
