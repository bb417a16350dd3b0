"""What a SELECT gives: types that are BigQuery's, meanings of columns that it takes over, and no class too weak."""

from __future__ import annotations

import pytest

from sg_assets import discovery
from sg_assets.columns import Classification
from sg_assets.scheduled_queries.shape import ShapeError, shape_of
from sg_assets_tests.scheduled_queries.examples import EVENT, PERSON

NONE, PERSONAL = Classification.NONE, Classification.PERSONAL


def test_columns_have_the_types_meanings_and_classes_of_what_they_are_made_from() -> None:
    sql = """with x as (select id, email as address, paid_usd, tags from raw_a.person)
        select id, address, lower(address) as lowered, sum(paid_usd) as paid_usd, count(*) as n, avg(paid_usd) as mean,
            array_length(any_value(tags)) as tag_count
        from x group by id, address"""
    found = {one.name: (one.type, one.description, one.classification) for one in shape_of(sql, [PERSON]).columns}
    assert found == {
        "id": ("INT64", "Id.", NONE),
        "address": ("STRING", "Address.", PERSONAL),
        "lowered": ("STRING", "`lower(x.address)`, as the query has it.", PERSONAL),
        "paid_usd": ("NUMERIC", "`sum(x.paid_usd)`, as the query has it.", NONE),
        "n": ("INT64", "`count(*)`, as the query has it.", NONE),
        "mean": ("NUMERIC", "`avg(x.paid_usd)`, as the query has it.", NONE),
        "tag_count": ("INT64", "`ARRAY_LENGTH(ANY_VALUE(x.tags))`, as the query has it.", NONE),
    }


def test_what_cannot_be_followed_may_hold_anything_that_is_mentioned() -> None:
    sql = """select part.* from (select [struct(email as e)] as parts from raw_a.person) as x
        cross join unnest(x.parts) as part"""
    (found,) = shape_of(sql, [PERSON]).columns
    assert (found.name, found.type, found.classification) == ("e", "STRING", PERSONAL)


def test_a_star_is_all_columns() -> None:
    assert [one.name for one in shape_of("select * except (tags) from raw_a.person", [PERSON]).columns] == [
        "id", "email", "team", "paid_usd", "created_at"
    ]  # fmt: skip


def test_what_neither_tells_is_left_open_and_duckdb_says_why_it_cannot() -> None:
    shape = shape_of("select net.ip_from_string(email) as ip, null as nothing, id from raw_a.person", [PERSON])
    assert [(one.name, one.type) for one in shape.columns] == [("ip", None), ("nothing", "INT64"), ("id", "INT64")]
    assert "IP_FROM_STRING" in shape.remark


@pytest.mark.parametrize("name", ["operations.scheduled_query", "crm.contact"])
def test_types_are_those_that_people_declared_and_google_agrees_with(name: str) -> None:
    graph = discovery.graph()
    table = graph[name]
    found = shape_of(table.sql, [graph[one.table] for one in table.inputs])
    assert [(one.name, one.type) for one in found.columns] == [(one.name, one.type) for one in table.columns]
    for given, declared in zip(found.columns, table.columns, strict=True):
        assert given.classification is PERSONAL or declared.classification is not PERSONAL


@pytest.mark.parametrize("sql", ["select (", "select", "select 1 as x; select 2 as x", "insert into a.b select 1"])
def test_what_is_no_query_is_refused(sql: str) -> None:
    with pytest.raises(ShapeError):
        shape_of(sql, [EVENT])
