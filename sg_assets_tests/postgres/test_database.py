"""A database is read as columns of declared types, as of one instant, and never written."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest

from sg_assets.columns import Column, arrow_schema
from sg_assets.http import SourceError
from sg_assets.postgres import Database
from sg_assets.postgres.database import selected, with_options
from sg_assets.sandbox.postgres_server import PostgresServer

COLUMNS = (
    Column("id", "INT64", "Id."),
    Column("name", "STRING", "Name, in Postgres a text that knows no case."),
    Column("key", "STRING", "UUID."),
    Column("amount", "NUMERIC", "Exact number."),
    Column("share", "FLOAT64", "Number."),
    Column("happened_at", "TIMESTAMP", "Instant."),
    Column("wall_at", "DATETIME", "Time on a wall."),
    Column("day_on", "DATE", "Day."),
    Column("is_good", "BOOL", "Flag."),
    Column("tags", "ARRAY<STRING>", "List."),
    Column("data", "JSON", "Document."),
)
NUMBER = Column("n", "INT64", "Number.")


def test_every_type_comes_as_declared(url: str) -> None:
    with Database(url, name="shop") as database:
        (batch,) = database.read("thing", COLUMNS, order_by="id")
    assert batch.schema == arrow_schema(COLUMNS)
    first, second = batch.to_pylist()
    assert first == {
        "id": 1,
        "name": "Ada",
        "key": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        "amount": Decimal("12.345678901"),
        "share": 0.5,
        "happened_at": datetime(2026, 1, 2, 1, 4, 5, 678901, tzinfo=UTC),
        "wall_at": datetime(2026, 1, 2, 3, 4, 5),  # noqa: DTZ001 (it has no zone)
        "day_on": date(2026, 1, 2),
        "is_good": True,
        "tags": ["a", "b c"],
        "data": '{"k": [1, null]}',
    }
    assert second == dict.fromkeys(first) | {"id": 2}, "infinite times are none"


def test_a_table_without_rows_gives_none(url: str) -> None:
    with Database(url, name="shop") as database:
        assert sum(batch.num_rows for batch in database.read("thing", COLUMNS, where="false")) == 0


def test_much_comes_in_batches_and_reading_may_stop(url: str) -> None:
    with Database(url, name="shop") as database:
        batches = database.ask("series", "select i as n from generate_series(1, 3000000) i", (NUMBER,))
        first = next(batches)
        assert 0 < first.num_rows < 3_000_000
        batches.close()  # pyrefly: ignore[missing-attribute]
        assert next(database.ask("one", "select 1 as n", (NUMBER,))).to_pylist() == [{"n": 1}]


def test_nothing_is_opened_before_it_is_asked(server: PostgresServer) -> None:
    with Database(server.url("nobody", "", "nothing"), name="shop") as database:
        assert database.calls == 0


def test_all_of_one_run_is_as_of_one_instant_and_the_next_run_sees_more(server: PostgresServer, url: str) -> None:
    with Database(url, name="shop") as database:
        before = [batch.num_rows for batch in database.read("thing", COLUMNS)]
        server.run("insert into thing (id) values (3);")
        assert [batch.num_rows for batch in database.read("thing", COLUMNS)] == before == [2]
        database.close()
        assert [batch.num_rows for batch in database.read("thing", COLUMNS)] == [3]
    server.run("delete from thing where id = 3;")


def test_a_snapshot_that_was_lost_is_an_error_and_then_another_one(server: PostgresServer, url: str) -> None:
    with Database(url, name="shop") as database:
        list(database.read("thing", COLUMNS))
        server.run("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'reader';")
        with pytest.raises(
            SourceError, match=r"read thing: .*snapshot was lost. A next try begins a new one"
        ) as caught:
            list(database.read("thing", COLUMNS))
        assert caught.value.status is None
        assert list(database.read("thing", COLUMNS))


def test_nothing_is_left_open(server: PostgresServer, url: str) -> None:
    with Database(url, name="shop") as database:
        for _ in range(3):
            list(database.read("thing", COLUMNS))
        count = server.run("select count(*) from pg_stat_activity where application_name = 'sg-assets'").strip()
        assert count == "2"  # one holds the snapshot, one reads
    while server.run("select count(*) from pg_stat_activity where application_name = 'sg-assets'").strip() != "0":
        pass  # the server notices in a moment


def test_it_cannot_write_and_cannot_wait_for_ever(server: PostgresServer, url: str) -> None:
    server.run("grant insert on thing to reader;")
    with Database(url, name="shop") as database:
        with pytest.raises(SourceError, match="cannot execute INSERT in a read-only transaction"):
            list(database.ask("thing", "insert into thing (id) values (9) returning id as n", (NUMBER,)))
        shown = "select extract(epoch from current_setting('statement_timeout')::interval)::bigint as n"
        assert next(database.ask("setting", shown, (NUMBER,))).to_pylist() == [{"n": 900}]


def test_a_wrong_password_is_not_shown(url: str) -> None:
    wrong = url.replace("s3cret", "wr0ng")
    with Database(wrong, name="shop") as database, pytest.raises(SourceError, match="password authentic") as caught:
        list(database.read("thing", COLUMNS))
    assert "wr0ng" not in str(caught.value)


def test_an_address_that_libpq_cannot_read_does_not_show_its_password() -> None:
    database = Database("postgresql://reader:s3cret@/x?host=/nowhere&sslmoode=s3cret", name="shop")
    with database, pytest.raises(SourceError, match='invalid URI query parameter: "sslmoode"') as caught:
        list(database.read("thing", COLUMNS))
    assert "s3cret" not in str(caught.value)


def test_names_are_quoted() -> None:
    assert selected((Column("order", "BOOL", "A word of SQL."),)) == '"order"::boolean as "order"'


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("postgresql://u:p@db.example/x", {"sslmode": ["require"]}),
        ("postgresql://u:p@db.example/x?sslmode=verify-full", {"sslmode": ["verify-full"]}),
        ("postgresql://u:p@127.0.0.1/x", {}),
        ("postgresql://u:p@/x?host=/var/run/postgresql", {"host": ["/var/run/postgresql"]}),
        ("postgresql://u:p@/x?host=db.example", {"host": ["db.example"], "sslmode": ["require"]}),
        ("postgresql://u:p@localhost/x?application_name=mine", {"application_name": ["mine"]}),
    ],
)
def test_a_password_goes_over_no_network_in_the_clear_unless_somebody_says_so(
    url: str, options: dict[str, list[str]]
) -> None:
    given = urlsplit(with_options(url, 2.5))
    assert parse_qs(given.query) == {"application_name": ["sg-assets"], "connect_timeout": ["2"]} | options
    assert given._replace(query="") == urlsplit(url)._replace(query="")
