import duckdb
import pyarrow as pa
import pytest

from sg_assets.columns import DUCKDB_TYPES, Column, arrow_schema

ALL_TYPES = [*DUCKDB_TYPES, *(f"ARRAY<{name}>" for name in DUCKDB_TYPES)]


@pytest.mark.parametrize("name", ["TEXT", "int64", "ARRAY<TEXT>", "ARRAY<ARRAY<INT64>>", "STRUCT<a INT64>", ""])
def test_a_type_that_not_every_warehouse_has_is_refused_where_it_is_written(name: str) -> None:
    with pytest.raises(ValueError, match="column seats: type"):
        Column("seats", name, "Seats.")


def test_an_array_knows_what_it_is_made_of() -> None:
    tags = Column("tags", "ARRAY<STRING>", "Tags.")
    assert tags.is_array
    assert tags.element_type == "STRING"
    assert not Column("tag", "STRING", "A tag.").is_array


@pytest.mark.parametrize("name", ALL_TYPES)
def test_what_travels_as_arrow_is_stored_as_the_duckdb_type(name: str) -> None:
    column = Column("it", name, "It.")
    nothing = pa.table({"it": pa.array([None], column.arrow_type)})
    with duckdb.connect() as connection:
        connection.register("nothing", nothing)
        connection.execute(f"create table stored (it {column.duckdb_type})")
        connection.execute("insert into stored select * from nothing")
        assert connection.execute("select it from stored").fetchall() == [(None,)]
        stored = connection.table("stored").to_arrow_table().schema.field("it").type
    assert pa.types.is_list(stored) == column.is_array


def test_a_schema_keeps_the_order_of_the_columns() -> None:
    schema = arrow_schema((Column("b", "DATE", "B."), Column("a", "ARRAY<INT64>", "A.")))
    assert schema == pa.schema([("b", pa.date32()), ("a", pa.list_(pa.int64()))])


def test_instants_are_in_utc_and_json_is_text() -> None:
    assert Column("at", "TIMESTAMP", "When.").arrow_type == pa.timestamp("us", tz="UTC")
    assert Column("it", "JSON", "It.").arrow_type == pa.string()


@pytest.mark.parametrize("name", ["a b", 'x"); drop table t; --', "x`", "1st", "", "ä", "a.b", "a\n"])
def test_a_name_that_sql_does_not_take_as_it_is_is_refused_where_it_is_written(name: str) -> None:
    with pytest.raises(ValueError, match="a name is letters, digits and underscores"):
        Column(name, "STRING", "X.")
