"""A real server with one table of everything that a column can be."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sg_assets.sandbox.postgres_server import ADMIN, PostgresServer, start

SCRIPT = """
create extension citext;
create table thing (
    id integer, name citext, key uuid, amount numeric, share real, happened_at timestamptz, wall_at timestamp,
    day_on date, is_good boolean, tags text[], data jsonb
);
insert into thing values
    (1, 'Ada', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 12.345678901, 0.5, '2026-01-02 03:04:05.678901+02',
     '2026-01-02 03:04:05', '2026-01-02', true, '{a,"b c",null}', '{"k": [1, null]}'),
    (2, null, null, null, null, 'infinity', '-infinity', 'infinity', null, null, null);
create role reader login password 'it''s s3cret';
grant select on thing to reader;
"""


@pytest.fixture(scope="package")
def server() -> Iterator[PostgresServer]:
    running = start()
    running.run(SCRIPT)
    yield running
    running.stop()


@pytest.fixture
def url(server: PostgresServer) -> str:
    return server.url("reader", "it's s3cret", ADMIN)
