"""What is remembered of an open file is what is in it, whichever verb wrote."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from sg_assets.columns import DUCKDB_TYPES, Column
from sg_assets.warehouse import duckdb_state, evolution
from sg_assets.warehouse.contract import UnsoundError, Warehouse
from sg_assets.warehouse.duckdb import DuckDBWarehouse
from sg_assets.warehouse.duckdb_file import Settings
from sg_assets.warehouse.duckdb_known import Known
from sg_assets.warehouse.state import Change, TableState
from sg_assets_tests.warehouse.examples import HOUR, NOW, PING, build, derived, land, load, pinged, raw, row

ID = Column("id", "STRING", "Id.")
DAY_ON = Column("day_on", "DATE", "Day.")
TODAY = date(2026, 3, 10)
DAILY = derived([ID, DAY_ON], ["id", "day_on"], partition="day_on", name="crm.daily")
WHOLE = derived([ID], ["id"], name="crm.whole")
DAYS = "select 'a' as id, d as day_on from unnest([date '2026-03-09', date '2026-03-10']) as d"
UNDATED = "select 'a' as id, cast(null as date) as day_on"
STATE = TableState("crm.whole", 1, NOW, 1, NOW, "1:0", "1", Change.BUILD)


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        opened.execute(duckdb_state.SCHEMA)
        yield opened


def test_after_each_verb_the_states_are_those_in_the_file(warehouse: Warehouse, tmp_path: Path) -> None:
    yesterday = TODAY - timedelta(days=1)
    verbs: list[Callable[[], object]] = [
        lambda: warehouse.ensure([raw(), PING], NOW),
        lambda: land(warehouse, tmp_path, raw(), [row("a")], cursor={"since": 1}),
        lambda: land(warehouse, tmp_path, raw(), [row("a")], is_part=True, now=NOW + HOUR),
        lambda: load(warehouse, tmp_path, [pinged(TODAY, 3, [NOW]), pinged(yesterday, 3, [NOW])]),
        lambda: load(warehouse, tmp_path, [pinged(TODAY, 3, [NOW, NOW], generation="2")]),
        lambda: build(warehouse, WHOLE, "select id from raw_crm.account"),
        lambda: build(warehouse, DAILY, DAYS, partitions={yesterday: {"x": "1"}, TODAY: {}}),
        lambda: build(warehouse, DAILY, DAYS.replace("'a'", "'b'"), partitions={TODAY: {"x": "2"}}, now=NOW + HOUR),
        lambda: build(warehouse, DAILY, "", now=NOW + 2 * HOUR, is_carry=True),
        lambda: build(warehouse, derived([ID, DAY_ON], ["id"], name=DAILY.name), UNDATED),
    ]
    for verb in verbs:
        verb()
        known = warehouse.states()
        warehouse.release()
        assert warehouse.states() == known


def test_a_build_that_is_refused_leaves_what_was_known(warehouse: Warehouse) -> None:
    build(warehouse, WHOLE, "select 'a' as id")
    before = warehouse.states()
    with pytest.raises(UnsoundError):
        build(warehouse, WHOLE, "select id from unnest(['b', 'b']) as id")
    assert warehouse.states() == before
    assert warehouse.preview(WHOLE.name, 5).to_pylist() == [{"id": "a"}]


def test_a_table_that_followed_its_declaration_is_in_the_file_as_it_is_known(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    types = [*DUCKDB_TYPES, "ARRAY<STRING>"]
    table = derived([Column(f"c{n}", type_, f"It's {type_}.") for n, type_ in enumerate(types)], ["c0"])
    known = Known()
    assert known.shape(connection, table.name) is None
    evolution.create(connection, table)
    known.wrote(table, STATE)
    assert known.shape(connection, table.name) == evolution.stored(connection, table.name)[table.name]


def test_what_is_not_known_is_asked_for_once_until_all_is_forgotten(connection: duckdb.DuckDBPyConnection) -> None:
    known = Known()
    assert (known.states(connection), known.shape(connection, WHOLE.name)) == ({}, None)
    evolution.create(connection, WHOLE)
    duckdb_state.add(connection, STATE)
    assert (known.states(connection), known.shape(connection, WHOLE.name)) == ({}, None)
    known.forget()
    assert known.state(connection, STATE.table) == STATE
    assert WHOLE.name in known.shapes(connection)


def opened(folder: Path, known: Known, settings: Settings | None = None) -> DuckDBWarehouse:
    return DuckDBWarehouse(folder / "w.duckdb", "sandbox", settings=settings, known=known)


def test_of_a_file_that_is_as_it_was_left_nothing_is_read_again(tmp_path: Path) -> None:
    known = Known()
    with closing(opened(tmp_path, known)) as warehouse:
        build(warehouse, WHOLE, "select 'a' as id")
        first = warehouse.states()
        warehouse.release()
        assert warehouse.states()[WHOLE.name] is first[WHOLE.name]
    with closing(opened(tmp_path, known)) as warehouse:
        assert warehouse.states()[WHOLE.name] is first[WHOLE.name]


def test_of_a_file_that_another_one_wrote_everything_is_read_again(tmp_path: Path) -> None:
    known = Known()
    with closing(opened(tmp_path, known)) as mine, closing(opened(tmp_path, Known())) as other:
        for number in range(1, 4):
            for writer, reader in ((mine, other), (other, mine)):
                state = build(writer, WHOLE, f"select '{number}' as id", now=NOW + number * HOUR).state
                writer.release()
                assert reader.states() == {WHOLE.name: state}
                reader.release()
    (tmp_path / "w.duckdb").unlink()
    with closing(opened(tmp_path, known)) as anew:
        assert anew.states() == {}


def test_what_was_committed_and_never_told_is_read_again(tmp_path: Path) -> None:
    def interrupt(step: str) -> None:
        if step == "committed" and is_interrupted:
            raise KeyboardInterrupt

    known, is_interrupted = Known(), False
    with closing(opened(tmp_path, known, Settings(on_step=interrupt))) as warehouse:
        build(warehouse, WHOLE, "select 'a' as id")
        is_interrupted = True
        with pytest.raises(KeyboardInterrupt):
            build(warehouse, WHOLE, "select 'b' as id", now=NOW + HOUR)
        is_interrupted = False
        warehouse.release()
        assert warehouse.states()[WHOLE.name].seq == 2
