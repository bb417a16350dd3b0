"""How the database is reached: through a BigQuery connection where one is set, else over Postgres."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from sg_assets import discovery
from sg_assets.environment import EnvironmentProblem, load
from sg_assets.fetching import Pull
from sg_assets.http import Client
from sg_assets.postgres import Database, Federated
from sg_assets.sources.production_db import production_db
from sg_assets_tests.scripted_vendor import Answer, answering

ADDRESS = {"SG_PRODUCTION_DB_URL": "postgresql://reader:secret@db.example/sg"}
THROUGH = {"SG_PRODUCTION_DB_CONNECTION": "acme.us.dotcom", "SG_GOOGLE_CREDENTIALS": "sandbox"}


@pytest.mark.parametrize(("given", "kind"), [(ADDRESS, Database), (THROUGH, Federated), (ADDRESS | THROUGH, Federated)])
def test_either_way_connects_and_a_connection_comes_first(given: dict[str, str], kind: type) -> None:
    env = load({"SG_ENV": "production", **given})
    env.check_sources([production_db])
    assert env.is_connected(production_db)
    connection = env.connection(production_db)
    assert connection.settings is not None
    with production_db.connect(connection.base_url, connection.settings) as client:
        assert isinstance(client, kind)


def test_a_connection_without_credentials_is_half_configured() -> None:
    env = load({"SG_ENV": "production", "SG_PRODUCTION_DB_CONNECTION": "acme.us.dotcom"})
    with pytest.raises(EnvironmentProblem, match="production_db: set SG_GOOGLE_CREDENTIALS too"):
        env.check_sources([production_db])


def test_credentials_that_are_there_for_others_do_not_connect_it() -> None:
    env = load({"SG_ENV": "production", "SG_GOOGLE_CREDENTIALS": "sandbox"})
    env.check_sources(discovery.sources())
    assert not env.is_connected(production_db)


def test_every_table_is_asked_for_through_the_connection_too() -> None:
    nothing = {"jobReference": {"jobId": "j", "location": "us"}, "jobComplete": True, "totalRows": "0"}
    with answering(lambda _asked: Answer.json(nothing)) as vendor:
        database = Federated(Client(vendor.url, name="production_db"), "acme.us.dotcom")
        pull = Pull(database, {}, datetime(2026, 1, 1, tzinfo=UTC), {"id": 7})
        for raw in production_db.tables.values():
            assert raw.fetch is not None
            assert sum(len(page.rows) + (page.arrow.num_rows if page.arrow else 0) for page in raw.fetch(pull)) == 0
        assert production_db.examination is not None
        assert all(found.is_permitted for found in production_db.examination(database, {}))
    asked = [json.loads(one.body)["query"] for one in vendor.asked]
    assert len(asked) == 2 * len(production_db.tables)
    (events,) = [query for query in asked if "event_logs where id > 7" in query]
    assert events.endswith("order by id")
