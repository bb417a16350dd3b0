"""A history as long as one likes: one day of a small sandbox, put into its raw tables again for every day.

No benchmark itself: `history.py` measures with it.
"""

from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
from building import World, clocks, since

from sg_assets import checks
from sg_assets.environment import Environment
from sg_assets.warehouse.contract import Load
from sg_assets.warehouse.duckdb_sql import text
from sg_assets.warehouse.state import LoadedObject

DAY = timedelta(days=1)
COPIES = {"raw_pings.ping": 2, "raw_events.dotcom_event": 10, "raw_events.managed_event": 2}
"""How often each row of the day that is taken as the pattern is had, as that of another instance or person."""
WHO = {
    "raw_pings.ping": ("remote_site_id",),
    "raw_events.dotcom_event": ("anonymous_user_id",),
    "raw_events.managed_event": ("anonymous_user_id", "insert_id"),
}
ROWS = """
copy (
    select t.* replace (
        (_object_on + day.n) as _object_on,
        replace(_object, '{pattern}', cast(_object_on + day.n as varchar)) as _object,
        _line * {copies} + copy.n as _line,
        timestamp + to_days(day.n) as timestamp,
        {who}
    )
    from {table} as t, range({copies}) as copy (n),
        (select cast(range as integer) as n from range({first}, {last})) as day
    where _object_on = date '{pattern}'
    order by day.n
) to {file} (format parquet, compression zstd)
"""
OBJECTS = """
select
    replace(object, '{pattern}', cast(day + d.n as varchar)), feed, day + d.n, hour,
    cast(row_count * {copies} as bigint),
    [
        struct_pack(
            day := cast(e as date) + d.n, rows := cast(json_extract(event_days, '$."' || e || '"') as bigint) * {copies}
        )
        for e in json_keys(event_days)
    ]
from sg_ops.loaded_object, (select cast(range as integer) as n from range({first}, {last})) as d
where table_name = '{table}' and day = date '{pattern}'
order by 3, 1
"""


def put(env: Environment, world: World, home: Path, days: tuple[date, date], *, is_all: bool) -> tuple[float, float]:
    """Load the objects of the days from the first up to the second, without it, as one run does.

    Gives seconds of the wall clock and of the processors.
    """
    first, end = days
    made = {name: objects_of(world, home / f"{name}.parquet", name, first, end) for name in COPIES}
    through = datetime.combine(end, datetime.min.time(), UTC)
    with closing(env.open_warehouse()) as warehouse:
        began = clocks()
        seqs = {name: state.seq for name, state in warehouse.states().items()}
        for name, objects in made.items():
            load = Load(env.clock(), seqs[name], through, objects, full=is_all)
            warehouse.load(world.project.graph[name], [home / f"{name}.parquet"], load, checks.judge)
        env.operations.copy_states(warehouse.id, warehouse.states())
        return since(began)


def objects_of(world: World, file: Path, name: str, first: date, end: date) -> list[LoadedObject]:
    """Write the rows of a table's objects of some days into a file; gives the objects."""
    pattern, copies = world.environment(world.home).anchor.date() - 2 * DAY, COPIES[name]
    known = {
        "pattern": pattern, "copies": copies, "table": name, "first": (first - pattern).days,
        "last": (end - pattern).days, "file": text(str(file)),
        "who": ", ".join(f"{column} || '-' || copy.n as {column}" for column in WHO[name]),
    }  # fmt: skip
    with closing(duckdb.connect(str(world.environment(world.home).warehouse_path), read_only=True)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(ROWS.format(**known))
        return [
            LoadedObject(object_, "1", feed, on, hour, rows, 0, {e["day"]: e["rows"] for e in events})
            for object_, feed, on, hour, rows, events in connection.execute(OBJECTS.format(**known)).fetchall()
        ]
