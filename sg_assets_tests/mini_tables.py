"""The derived tables of the small project in `mini.py`: one of each kind, in as few words as can be."""

from __future__ import annotations

from collections.abc import Mapping

FILE = """/*
description: {description}
owner: team:mini
promise: {promise}
key: [{key}]
{more}
columns:
{columns}
*/
{sql}
"""
HALF_PAST = "{cron: 30 * * * *, timezone: UTC, warn: 4h, fail: 8h}"
MORNING = "{cron: 30 6 * * *, timezone: UTC, warn: 30h, fail: 40h}"
WEEKDAYS = "{cron: 0 15 * * 1-5, timezone: America/Los_Angeles, warn: 60h, fail: 70h}"
ID = "  id: {type: INT64, description: Id.}"
NAME = "  name: {type: STRING, description: Name.}"
DAY_ON = "  day_on: {type: DATE, description: Day.}"
THINGS = "  things: {type: INT64, description: How many things.}"
TABLES: Mapping[str, tuple[str, str, str, list[str], str]] = {
    # name: (promise, key, more of the header, columns, SQL)
    "left": (HALF_PAST, "name", "", [NAME, ID], "select name, id from raw_mini.thing"),
    "right": (HALF_PAST, "id", "", [ID, THINGS], "select id, 1 as things from raw_mini.thing"),
    "diamond": (
        HALF_PAST, "name", "", [NAME, THINGS],
        "select l.name, r.things from m.left as l inner join m.right as r on l.id = r.id",
    ),
    "daily": (
        HALF_PAST, "id", "partition: day_on\nopen_days: 3", [DAY_ON, ID],
        "select day_on, id from raw_mini.thing",
    ),
    "trailing": (
        HALF_PAST, "day_on", "partition: day_on\nopen_days: 3\ndays: {m.daily: -1..0}", [DAY_ON, THINGS],
        (
            "select d.day_on, (select count(*) from m.daily as o"
            " where o.day_on between date_sub(d.day_on, interval 1 day) and d.day_on) as things"
            " from m.daily as d group by d.day_on"
        ),
    ),
    "listed": (
        MORNING, "id", "optional: [raw_other.extra]", [ID, NAME],
        (
            "select p.id, coalesce(e.name, p.name) as name"
            " from raw_mini.person as p left outer join raw_other.extra as e on p.id = e.id"
        ),
    ),
    "extra": (WEEKDAYS, "id", "tags: {team: research}", [ID], "select id from raw_other.extra"),
}  # fmt: skip
