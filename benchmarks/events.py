"""What the derived graph costs beside plain DuckDB where rows, not tables, cost: at ten million events.

`python benchmarks/events.py [EVENTS] [--scale SCALE] [--rounds N]` makes a sandbox, puts so many made-up events more
into its raw table by SQL, and has all derived tables built, in turn by plain DuckDB (the compiled SQL, one process, one
connection) and by us. The figure claimed (1.25 times plain DuckDB) comes from here; nothing is asserted, as machines
are busy.
"""

import argparse
import shutil
import sys
import tempfile
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import duckdb
from building import OURS, World, by_us, plainly
from derived import machine, made, measured

from sg_assets.warehouse.duckdb_build import BUILD_MEMORY

EVENTS = 10_000_000
# Events as the vendor's stream has them, of so many people in the days before the last one of the world.
FILL = """
insert into raw_events.dotcom_event by name
select
    cast(sent_at as date) as _object_on,
    'bench/' || i // 100000 as _object,
    i % 100000 as _line,
    0 as _item,
    (['ViewBlob', 'ViewRepository', 'SearchResultsFetched', 'ViewSearchResults', 'hover'])[1 + i % 5] as name,
    md5(cast(i % {people} as varchar)) as anonymous_user_id,
    'https://about.sourcegraph.com/' as first_source_url,
    case when i % 3 = 0 then i % {people} + 1 else 0 end as user_id,
    'WEB' as source,
    sent_at as timestamp,
    '249280_2026-09-21_48a4f7f9116f' as version,
    cast('{{"search-ownership": true}}' as json) as feature_flags,
    date '2026-03-23' - cast(i % 40 as integer) * 7 as cohort_id,
    'https://www.google.com/' as referrer,
    cast('{{}}' as json) as public_argument
from (
    select i, timestamptz '{end}' - ({events} - i) * interval '{step} microseconds' as sent_at
    from range({events}) as r (i)
)
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("events", nargs="?", type=int, default=EVENTS)
    parser.add_argument("--scale", type=float, default=0.05)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="a folder for the sandbox, to be taken up again the next time")
    asked = parser.parse_args()
    machine()
    with tempfile.TemporaryDirectory() as folder:
        small = made((asked.keep or Path(folder)) / f"world-{asked.scale:g}", asked.scale)
        world = replace(small, home=Path(folder) / "filled")
        shutil.copytree(small.home, world.home)
        print(f"putting {asked.events:,} events into {world.home}", file=sys.stderr)
        fill(world, asked.events)
        cases = {
            "plain DuckDB": partial(plainly, world),
            "ours, history in memory": partial(by_us, world, None),
            "ours, our SQLite history": partial(by_us, world, OURS),
        }
        words = f"scale {asked.scale:g} and {asked.events:,} events"
        found = measured(world, words, cases, asked.rounds)
        for clock, by in enumerate(("by the wall clock", "by processor time")):
            plain, *others = (both[clock] for both in found.values())
            print(f"{by}, against plain DuckDB: " + ", ".join(f"{ours / plain:.2f} times" for ours in others))


def fill(world: World, events: int) -> None:
    """Put further events into the world."""
    env = world.environment(world.home)
    step, people = int(timedelta(days=30) / timedelta(microseconds=1)) // events, max(events // 200, 1)
    with closing(duckdb.connect(str(env.warehouse_path))) as connection:
        connection.execute(f"set TimeZone = 'UTC'; set memory_limit = '{BUILD_MEMORY}'")
        connection.execute("set enable_progress_bar = false")
        sql = FILL.format(events=events, people=people, step=step, end=f"{env.anchor:%Y-%m-%d %H:%M:%S}+00")
        connection.execute(sql)


if __name__ == "__main__":
    main()
