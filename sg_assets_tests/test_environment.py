from datetime import UTC, datetime
from pathlib import Path

import pytest

from sg_assets import discovery, environment
from sg_assets.environment import EnvironmentProblem, load

SOURCES = {source.name: source for source in discovery.sources()}


def test_an_empty_environment_is_the_sandbox_with_everything_connected() -> None:
    env = load({})
    assert env.name == "sandbox"
    assert all(env.is_connected(source) for source in SOURCES.values())


def test_an_unknown_environment_is_refused_by_name() -> None:
    with pytest.raises(EnvironmentProblem, match="SG_ENV=staging: set it to sandbox or production"):
        load({"SG_ENV": "staging"})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("SG_CLOCK", "noon"),
        ("SG_HISTORY_START", "last year"),
        ("SG_SANDBOX_ANCHOR", "2026-13-01"),
        ("SG_SANDBOX_SCALE", "big"),
        ("SG_SANDBOX_SCALE", "-1"),
        ("SG_SANDBOX_SEED", "1.5"),
    ],
)
def test_a_value_that_cannot_be_read_is_refused_by_its_name(name: str, text: str, tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match=rf"^{name}={text}: set it to "):
        _ = (env := load({name: text, "SG_HOME": str(tmp_path)})).sandbox, env.history_start


@pytest.mark.parametrize(
    "variables",
    [
        {"SG_CLOCK": "2999-01-01T00:00:00Z"},
        {"SG_CLOCK": "2026-01-01T00:00:00"},
        {"SG_CLOCK": "2026-01-01T00:00:00Z", "SG_ENV": "production"},
    ],
    ids=["in the future", "without an offset", "in production"],
)
def test_a_clock_that_cannot_be_is_refused(variables: dict[str, str]) -> None:
    with pytest.raises(EnvironmentProblem, match="SG_CLOCK"):
        load(variables)


def test_links_lead_to_where_people_open_dagster() -> None:
    assert load({}).dagster_url == "http://127.0.0.1:3000"
    assert load({"SG_DAGSTER_URL": "https://dagster.example.com/"}).dagster_url == "https://dagster.example.com"


def test_a_frozen_clock_stands_still() -> None:
    env = load({"SG_CLOCK": "2026-01-02T03:04:05+01:00"})
    assert env.clock() == datetime(2026, 1, 2, 2, 4, 5, tzinfo=UTC)
    assert env.is_clock_frozen


def test_a_production_without_variables_has_nothing_connected_and_says_what_is_missing() -> None:
    env = load({"SG_ENV": "production"})
    env.check_sources(SOURCES.values())
    reason = env.connection(SOURCES["salesforce"]).reason
    assert "SG_SALESFORCE_URL" in reason
    assert "SG_SALESFORCE_CLIENT_SECRET" in reason


def test_a_half_configured_source_stops_the_start_with_what_is_missing() -> None:
    env = load({"SG_ENV": "production", "SG_SALESFORCE_CLIENT_ID": "abc"})
    with pytest.raises(EnvironmentProblem, match="SG_SALESFORCE_URL, SG_SALESFORCE_CLIENT_SECRET") as raised:
        env.check_sources(SOURCES.values())
    assert "abc" not in str(raised.value)


@pytest.mark.parametrize("name", ["sandbox", "production"])
@pytest.mark.parametrize("text", ["yourcompany.my.salesforce.com", "https://", "ftp://host.example"])
def test_a_source_that_is_to_be_reached_where_nothing_is_stops_the_start(name: str, text: str) -> None:
    env = load({"SG_ENV": name, "SG_SALESFORCE_URL": text})
    with pytest.raises(EnvironmentProblem, match=f"SG_SALESFORCE_URL={text}: set it to an address such as https://"):
        env.check_sources(SOURCES.values())


def test_credentials_that_sources_share_do_not_make_one_of_them_half_configured() -> None:
    env = load({"SG_ENV": "production", "SG_GOOGLE_CREDENTIALS": "key.json", "SG_PINGS_BUCKET": "pings"})
    env.check_sources(SOURCES.values())
    assert env.is_connected(SOURCES["pings"])
    assert not env.is_connected(SOURCES["events"])


def test_a_disconnected_source_is_not_read_and_says_so() -> None:
    env = load({"SG_DISCONNECTED": "salesforce, pings", "SG_ENV": "production"})
    assert env.connection(SOURCES["salesforce"]).reason == "salesforce is listed in SG_DISCONNECTED"


def test_a_warehouse_in_bigquery_is_no_file_and_has_many_writers() -> None:
    env = load({"SG_WAREHOUSE": "bigquery:some-project"})
    assert (env.has_one_writer, env.pool) == (False, None)
    with pytest.raises(EnvironmentProblem, match="SG_WAREHOUSE=bigquery:some-project is no file"):
        _ = env.warehouse_path
    assert load({}).pool == "warehouse"


def test_what_another_system_writes_is_connected_where_its_warehouse_is_ours() -> None:
    watched = next(source for source in SOURCES.values() if source.is_only_watched)
    file = load({"SG_ENV": "production"})
    assert not file.is_connected(watched)
    assert "into BigQuery" in file.connection(watched).reason
    variables = {"SG_ENV": "production", "SG_WAREHOUSE": "bigquery:some-project"}
    assert load(variables).is_connected(watched)
    assert load(variables).connection(watched).is_connected
    without = load({**variables, "SG_DISCONNECTED": watched.name})
    assert not without.is_connected(watched)
    assert without.connection(watched).reason == f"{watched.name} is listed in SG_DISCONNECTED"


def test_secrets_do_not_show_when_an_environment_is_printed() -> None:
    assert "hunter2" not in repr(load({"SG_SITE_ADMIN_TOKEN": "hunter2"}))


def test_variables_may_be_kept_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    (tmp_path / ".env").write_text('SG_ENV=production\nSG_DISCONNECTED="pings, events" # for now\n')
    env = load()
    assert env.name == "production"
    assert env.disconnected == {"pings", "events"}


def test_a_variable_with_two_values_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    (tmp_path / ".env").write_text("SG_ENV=production\nSG_SITE_ADMIN_TOKEN=hunter2\n")
    monkeypatch.setenv("SG_ENV", "sandbox")
    monkeypatch.setenv("SG_SITE_ADMIN_TOKEN", "hunter2")
    with pytest.raises(EnvironmentProblem, match="SG_ENV: set to one value in the environment and to another in"):
        load()


def test_an_address_with_a_password_is_not_shown_and_must_be_one_of_the_source(tmp_path: Path) -> None:
    source = SOURCES["production_db"]
    with pytest.raises(EnvironmentProblem, match=r"^SG_PRODUCTION_DB_URL=\*\*\*: set it to .* postgresql:"):
        load({"SG_PRODUCTION_DB_URL": "https://u:s3cret@db.example/x"}).check_sources([source])
    url = "postgresql://u:s3cret@db.example/x?sslmode=verify-full"
    env = load({"SG_ENV": "production", "SG_HOME": str(tmp_path), source.url_variable: url})
    assert env.connection(source).base_url == url
    assert "s3cret" not in repr(env) + repr(env.connection(source))


def test_the_operations_store_is_in_a_postgres_where_one_is_named_and_its_password_is_not_shown() -> None:
    url = "postgresql://u:s3cret@db.example/dagster"
    assert load({"SG_OPERATIONS_URL": url}).operations_url == url
    assert load({}).operations_url is None
    with pytest.raises(
        EnvironmentProblem, match=r"^SG_OPERATIONS_URL=\*\*\*: set it to an address such as postgresql://"
    ):
        _ = load({"SG_OPERATIONS_URL": "mysql://u:s3cret@db.example/x"}).operations_url


def test_dagsters_home_is_the_checkout_but_in_production_where_it_is_told() -> None:
    assert load({"DAGSTER_HOME": "/elsewhere"}).dagster_home == environment.ROOT
    assert load({"SG_ENV": "production"}).dagster_home == environment.ROOT
    told = load({"SG_ENV": "production", "DAGSTER_HOME": "/elsewhere"})
    assert told.dagster_home == Path("/elsewhere")
