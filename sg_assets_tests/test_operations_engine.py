"""Both kinds of store behave alike, also where several processes meet."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from sg_assets.operations import Operations
from sg_assets.operations_engine import engine_of, make, only_one, put, with_driver
from sg_assets.operations_tables import heartbeat, metadata

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)


def test_several_processes_that_make_the_tables_at_once_do_not_meet(store_url: str) -> None:
    def start(_number: int) -> None:
        engine = engine_of(store_url)
        make(engine, metadata)
        engine.dispose()

    if store_url.startswith("sqlite"):
        start(0)  # a file is made by whoever starts first, as `sg-assets up` does
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(start, range(4)))
    opened = Operations(store_url)
    opened.beat("watch", NOW)
    assert opened.heartbeats() == {"watch": NOW}
    opened.close()


def test_those_who_put_the_same_rows_in_another_order_wait_for_each_other(store_url: str) -> None:
    opened = Operations(store_url)
    opened.close()
    names = [f"n{number}" for number in range(200)]

    def write(number: int) -> None:
        engine = engine_of(store_url)
        for _ in range(5):
            with engine.begin() as connection:
                put(connection, heartbeat, [{"name": n, "beat_at": NOW} for n in names[:: 1 if number % 2 else -1]])
        engine.dispose()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    assert set(opened.heartbeats()) == set(names)
    opened.close()


def test_words_from_outside_may_hold_what_a_postgres_refuses(store_url: str) -> None:
    opened = Operations(store_url)
    opened.record_try("a.b", "f", NOW, None, "they said \0")
    assert opened.attempts()["a.b"].reason == "they said \N{REPLACEMENT CHARACTER}"
    opened.close()


def test_only_one_delivers_whatever_machine_it_is_on(store_url: str) -> None:
    first, second = engine_of(store_url), engine_of(store_url)
    with only_one(first, "watchdog") as is_first, only_one(second, "watchdog") as is_second:
        assert is_first
        assert is_second is store_url.startswith("sqlite")
        with only_one(second, "another") as is_other:
            assert is_other
    with only_one(second, "watchdog") as is_free:
        assert is_free
    first.dispose()
    second.dispose()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://u:p@h/d?sslmode=require", "postgresql+psycopg2://u:p@h/d?sslmode=require"),
        ("postgresql+psycopg2://u:p@h/d", "postgresql+psycopg2://u:p@h/d"),
        ("sqlite:////a/b", "sqlite:////a/b"),
    ],
)
def test_a_postgres_is_reached_by_the_driver_that_is_installed(url: str, expected: str) -> None:
    assert with_driver(url) == expected
