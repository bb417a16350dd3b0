"""How a field of BigQuery's answer is called, and how its values are given; the rest is asked of a real BigQuery."""

import pytest
from google.cloud.bigquery import SchemaField

from sg_assets.warehouse.bigquery_reader import type_of, values


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
