"""How a field of BigQuery's answer is called, and how its values are given; the rest is asked of a real BigQuery."""

from contextlib import closing
from pathlib import Path

import pytest
from google.cloud.bigquery import SchemaField

from sg_assets.warehouse import bigquery_reader
from sg_assets.warehouse.bigquery import BigQueryWarehouse
from sg_assets.warehouse.bigquery_client import Settings, client_of
from sg_assets.warehouse.bigquery_jobs import Jobs
from sg_assets.warehouse.bigquery_reader import BigQueryReader, type_of, values
from sg_assets.warehouse.contract import WarehouseError
from sg_assets_tests.scripted_bigquery import bigquery, configurations
from sg_assets_tests.warehouse.examples import NOW, land, raw, row
from sg_assets_tests.warehouse.kinds import KINDS, of_bigquery


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (SchemaField("x", "INTEGER"), "INT64"),
        (SchemaField("x", "FLOAT", mode="REPEATED"), "ARRAY<FLOAT64>"),
        (SchemaField("x", "NUMERIC"), "NUMERIC"),
        (SchemaField("x", "JSON"), "JSON"),
        (
            SchemaField(
                "x", "RECORD", mode="REPEATED", fields=(SchemaField("a", "BOOLEAN"), SchemaField("b", "TIMESTAMP"))
            ),
            "ARRAY<STRUCT<a BOOL, b TIMESTAMP>>",
        ),
    ],
)
def test_types_have_the_names_that_sql_has(field: SchemaField, expected: str) -> None:
    assert type_of(field) == expected


def test_json_is_a_text_wherever_it_stands() -> None:
    schema = [
        SchemaField("one", "JSON"),
        SchemaField("none", "JSON"),
        SchemaField("many", "JSON", mode="REPEATED"),
        SchemaField("inside", "RECORD", fields=(SchemaField("a", "JSON"), SchemaField("n", "INTEGER"))),
        SchemaField("list", "INTEGER", mode="REPEATED"),
    ]
    row = [{"ä": [1, None]}, None, ["x", 1], {"a": {}, "n": 2}, [1, 2]]
    assert values(row, schema) == ('{"ä":[1,null]}', None, ['"x"', "1"], {"a": "{}", "n": 2}, [1, 2])


def test_what_bigquery_says_is_no_query_is_not_run() -> None:
    settings = Settings("some-project")
    with bigquery({}) as vendor, closing(client_of(settings, vendor.url)) as client:
        reader = BigQueryReader(Jobs(client, settings))
        with pytest.raises(WarehouseError, match="only queries are answered, and this is DROP_TABLE"):
            reader.query("drop table raw_crm.account")
    assert [wanted["dryRun"] for wanted in configurations(vendor)] == [True]


def test_people_do_not_wait_for_a_bigquery_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bigquery_reader, "PATIENCE", 0.1)
    settings = Settings("some-project")
    said = r"a query: BigQuery does not answer: Timeout of 0\.1s exceeded"
    with closing(client_of(settings, "http://127.0.0.1:9")) as client, pytest.raises(WarehouseError, match=said):
        BigQueryReader(Jobs(client, settings)).query("select 1")


if "bigquery" in KINDS:

    def test_a_query_is_answered_of_the_tables_as_they_are_and_nothing_else_is_done(tmp_path: Path) -> None:
        with of_bigquery() as (client, settings):
            warehouse = BigQueryWarehouse(client, settings, "sandbox")
            land(warehouse, tmp_path, raw(), [row("a", seats=3, tags=["x"], seen_at=NOW, profile='{"a":1}'), row("b")])
            reader = BigQueryReader(warehouse.jobs)
            answer = reader.query("select id, seats, arr_usd, tags, seen_at, profile from raw_crm.account order by id")
            assert [type_ for _, type_ in answer.columns] == [
                "STRING", "INT64", "NUMERIC", "ARRAY<STRING>", "TIMESTAMP", "JSON"
            ]  # fmt: skip
            assert answer.rows == [("a", 3, None, ["x"], NOW, '{"a":1}'), ("b", None, None, [], None, None)]
            assert answer.as_of == NOW
            for sql in ("drop table raw_crm.account", "select 1; select 2", "select nope from raw_crm.account"):
                with pytest.raises(WarehouseError, match=r"must be one SELECT|nope"):
                    reader.query(sql)
