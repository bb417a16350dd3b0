"""By which columns the rows of a SELECT are unique, where its text says so."""

from __future__ import annotations

import pytest

from sg_assets.scheduled_queries.shape import shape_of
from sg_assets_tests.scheduled_queries.examples import EVENT, PERSON


@pytest.mark.parametrize(
    ("sql", "key"),
    [
        ("select team, count(*) as n from raw_a.person group by team", ("team",)),
        ("select date(created_at) as day_on, team, 1 as n from raw_a.person group by 1, team", ("day_on", "team")),
        ("select date(created_at) as d, count(*) as n from raw_a.person group by date(created_at)", ("d",)),
        ("select count(*) as n from raw_a.person group by team", ()),
        ("select team, count(*) as n from raw_a.person group by rollup (team)", ()),
        ("select count(*) as n from raw_a.person", ()),
        ("select distinct team, email from raw_a.person", ("team", "email")),
        ("select id as person_id, email from raw_a.person where id > 1", ("person_id",)),
        ("select email from raw_a.person", ()),
        ("select p.id from raw_a.person as p join raw_a.event as e on e.person_id = p.id", ()),
        ("select id, tag from raw_a.person cross join unnest(tags) as tag", ()),
        ("select id from raw_a.person union all select id from raw_a.event", ()),
        ("select team, id from raw_a.person qualify row_number() over (partition by team order by id) = 1", ("team",)),
        ("select team, id from raw_a.person qualify row_number() over (partition by team order by id) = 2", ()),
        ("select team, id from raw_a.person qualify rank() over (partition by team order by id) = 1", ()),
    ],
)
def test_a_key_is_told_only_where_the_text_says_it(sql: str, key: tuple[str, ...]) -> None:
    assert shape_of(sql, [PERSON, EVENT]).key == key
