"""What is told at once is in Dagster's history as if it had been told one by one, whichever storage it has."""

from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pytest

from sg_assets import history_batch
from sg_assets.sandbox.postgres_server import PostgresServer

DAYS = [f"2025-01-{day:02}" for day in range(1, 10)]
PARTITIONS = dg.StaticPartitionsDefinition(DAYS)
MATERIALIZATION = dg.DagsterEventType.ASSET_MATERIALIZATION
STORAGES = {
    "sqlite": "storage: {custom: {module: sg_assets.history_storage, class: HistoryStorage, config: {base_dir: .}}}\n",
    "postgres": "storage: {custom: {module: sg_assets.history_postgres, class: HistoryPostgres}}\n",
}
Tell = Callable[[dg.AssetExecutionContext, list[dg.AssetMaterialization]], None]


def one_by_one(context: dg.AssetExecutionContext, told: list[dg.AssetMaterialization]) -> None:
    for one in told:
        context.log_event(one)


@pytest.fixture(params=["memory", *STORAGES])
def history(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dg.DagsterInstance]:
    if request.param == "memory":
        with dg.DagsterInstance.ephemeral() as instance:
            yield instance
        return
    if request.param == "postgres":
        server: PostgresServer = request.getfixturevalue("postgres")
        server.run(f"create database {tmp_path.name}")
        monkeypatch.setenv("SG_OPERATIONS_URL", server.url("postgres", "", tmp_path.name))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dagster.yaml").write_text(STORAGES[request.param] + "telemetry: {enabled: false}")
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        yield instance


def told(history: dg.DagsterInstance, tell: Tell) -> tuple[dg.AssetKey, str]:
    """An asset whose step tells of days; the number of its run."""

    @dg.asset(name=tell.__name__, partitions_def=PARTITIONS)
    def asset(context: dg.AssetExecutionContext) -> dg.MaterializeResult[object]:
        days = [
            dg.AssetMaterialization(
                context.asset_key, partition=day, metadata={"rows": n}, tags={"dagster/data_version": f"v{n}"}
            )
            for n, day in enumerate(DAYS[:-1])
        ]
        tell(context, days)
        return dg.MaterializeResult(data_version=dg.DataVersion("last"))

    return asset.key, dg.materialize([asset], instance=history, partition_key=DAYS[-1]).run_id


def events(history: dg.DagsterInstance, run_id: str) -> list[tuple[object, ...]]:
    """What the log of the run says of each day, but for what is the run's own."""
    found = []
    for entry in history.all_logs(run_id, of_type=MATERIALIZATION):
        event = entry.get_dagster_event()
        one = event.step_materialization_data.materialization
        words = (event.message or "").replace(one.label, "it"), entry.user_message.replace(one.label, "it")
        found.append((entry.level, *words, event.step_kind_value, event.pid, one.partition, one.metadata, one.tags))
    return [one[:-1] for one in found[:-1]] + [one[:-2] for one in found[-1:]]  # the last is the step's own


def test_what_is_told_at_once_is_kept_as_if_told_one_by_one(
    history: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_batch, "MOST", 3)
    (single, single_run), (many, many_run) = told(history, one_by_one), told(history, history_batch.report)
    assert events(history, many_run) == events(history, single_run)
    for key in (single, many):
        tags = history.event_log_storage.get_latest_tags_by_partition(key, MATERIALIZATION, ["dagster/data_version"])
        assert {day: found["dagster/data_version"] for day, found in tags.items()} == {
            **{day: f"v{n}" for n, day in enumerate(DAYS[:-1])}, DAYS[-1]: "last",
        }  # fmt: skip
        assert history.get_materialized_partitions(key) == set(DAYS)
        records = history.fetch_materializations(key, limit=99).records
        assert [record.partition_key for record in records] == DAYS[::-1]
        (asset,) = history.get_asset_records([key])
        assert asset.asset_entry.last_materialization_record == records[0]


def test_until_the_step_says_more_the_last_one_is_the_newest() -> None:
    newest = []

    def at_once(context: dg.AssetExecutionContext, days: list[dg.AssetMaterialization]) -> None:
        history_batch.report(context, days)
        newest.append(context.instance.get_latest_materialization_event(context.asset_key))
        history_batch.report(context, [])

    with dg.DagsterInstance.ephemeral() as history:
        told(history, at_once)
    (event,) = newest
    assert event is not None
    assert event.asset_materialization is not None
    assert event.asset_materialization.partition == DAYS[-2]
