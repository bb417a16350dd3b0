"""What was translated once is not translated again, and what comes of it is the same."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from sg_assets import discovery
from sg_assets.build_sql import build_sql
from sg_assets.warehouse.dialect import DialectError, places, places_of, remembered, to_duckdb, translated

NOON = datetime(2025, 6, 5, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(remembered, "MEMORY", tmp_path / "memory")
    return tmp_path / "memory"


def not_again(_sql: str) -> str:
    raise AssertionError


@pytest.mark.parametrize("name", ["pings.instance_day", "crm.account_snapshot_day", "events.session"])
def test_a_build_of_other_days_is_not_translated_again(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = discovery.graph()
    texts = [
        build_sql(
            graph[name], graph.tables, [now.date() - DAY], now, now if graph[name].is_day_snapshot else None
        )
        for now in (NOON, NOON + 20.3 * DAY)
    ]  # fmt: skip
    assert translated(texts[0]) == to_duckdb(texts[0])
    wanted = to_duckdb(texts[1])
    monkeypatch.setattr(remembered, "to_duckdb", not_again)
    assert translated(texts[1]) == wanted


@pytest.mark.parametrize(
    "sql",
    [
        "select 'a\r\nb' as lines",
        "select date '2025-01-01' as d, '9000-01-01' as far",
        "select date '2025-01-01' as a, date '2025-01-01' as b, timestamp '2025-01-01 00:00:00.5+00' as c",
        "select a -- until date '2025-01-01'\nfrom x.y",
        "select a from x.y where b in ({})".format(", ".join(f"date '{NOON.date() - n * DAY}'" for n in range(60))),
    ],
)
def test_what_is_remembered_is_what_it_becomes(sql: str) -> None:
    assert [translated(sql), translated(sql)] == [to_duckdb(sql)] * 2


def test_what_is_refused_is_refused_each_time_with_its_own_words() -> None:
    for _ in range(2):
        with pytest.raises(DialectError, match="2025-01-02"):
            translated("select a from x.y for system_time as of timestamp '2025-01-02 00:00:00+00'")


def test_where_tables_are_named_is_remembered_too(monkeypatch: pytest.MonkeyPatch) -> None:
    sql = "select a from x.y as t join x.z using (a)"
    assert places_of(sql) == places(sql)
    wanted = places(sql)
    monkeypatch.setattr(remembered, "places", not_again)
    assert places_of(sql) == wanted


def test_other_code_translates_anew_and_what_the_old_made_goes(memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    translated("select 1 as one")
    (before,) = memory.iterdir()
    monkeypatch.setattr(remembered, "_code", lambda: "translated-other")
    assert translated("select 1 as one") == to_duckdb("select 1 as one")
    assert [folder.name for folder in memory.iterdir()] == ["translated-other"] != [before.name]


def test_where_nothing_can_be_written_it_only_takes_longer(memory: Path) -> None:
    memory.write_text("a file where a folder should be")
    assert translated("select date '2025-01-01' as d") == to_duckdb("select date '2025-01-01' as d")


def test_a_date_is_a_literal_of_the_result() -> None:
    assert translated(f"select date '{date(2025, 1, 1)}' as d") == "SELECT CAST('2025-01-01' AS DATE) AS d"
