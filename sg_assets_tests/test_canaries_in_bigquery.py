"""Nothing that BigQuery is sent holds a secret: no SQL, label, id or value of a job, no description, no row of a load.

The small world of `canary_world.py` is refreshed into a BigQuery that keeps every request and runs no SQL; what its
tables then hold is searched on DuckDB, by `test_canaries_in_files.py`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from email import message_from_bytes
from io import BytesIO
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sg_assets.environment import load
from sg_assets_tests.canaries import found_in
from sg_assets_tests.canary_world import TABLES, live_through, planted
from sg_assets_tests.scripted_vendor import Asked
from sg_assets_tests.warehouse.played_bigquery import SOUND, Played, played

SOME = ("raw_site_admin.license", "raw_pings.ping", "raw_salesforce.user", "raw_github.repository")
"""Two with licence keys in what comes, one with fields that nobody declared, and one whose vendor refuses."""


@pytest.fixture
def there() -> Iterator[Played]:
    """An empty BigQuery, for whom everything is new and sound."""
    with played() as made:
        made.answers |= {
            "select id, environment": [("an-id", "sandbox")],
            SOUND: [(1, 1, 0, 0)],
            "group by _sg_change": [("new", 1), ("", 0)],
            "select (select count(*)": [(0, 1)],
        }
        yield made


def test_no_request_to_it_holds_a_secret(there: Played, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    variables, secrets = planted(tmp_path)
    env = load({**variables, "SG_WAREHOUSE": "bigquery:some-project", "BIGQUERY_EMULATOR_HOST": there.vendor.url})
    told = live_through(env, tmp_path, {name: TABLES[name] for name in SOME})
    env.operations.close()
    sent = b"\n".join({part for asked in there.vendor.asked for part in parts(asked)})
    assert there.queries("begin transaction")
    assert hashlib.sha256(secrets["licence key 0"].encode()).hexdigest().encode() in sent, "rows were loaded, too"
    assert found_in(sent, secrets) == set()
    assert found_in("\n".join([told, *capfd.readouterr()]).encode(), secrets) == set()


def parts(asked: Asked) -> Iterator[bytes]:
    """A request as it was sent; and each value of the rows in it, which Parquet packs."""
    yield f"{asked.method} {asked.path} {asked.query} {asked.headers}".encode()
    yield asked.body
    kind = next((value for name, value in asked.headers.items() if name.lower() == "content-type"), "")
    if kind.startswith("multipart/"):
        message = message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + asked.body)
        boundary = message.get_boundary("").encode()
        rows = re.split(b"\r?\n\r?\n", asked.body.split(b"--" + boundary)[2], maxsplit=1)[1]
        table = pq.read_table(BytesIO(rows[: rows.rindex(b"PAR1") + 4]))
        yield f"{table.column_names} {table.to_pylist()}".encode()
