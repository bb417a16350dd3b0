"""What the declarations of a source module make: tables with all that a reader and a warehouse must know."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sg_assets.columns import Column
from sg_assets.http import Client
from sg_assets.promise import DAILY, HOURLY, Frozen
from sg_assets.source import Arrival, Files, Page, Pull, Row, Source
from sg_assets.table import Delivery, Input, Mode

ID = Column("id", "STRING", "Identifier.")
AT = Column("happened_at", "TIMESTAMP", "When.")


def connect(base_url: str, _settings: Mapping[str, str]) -> Client:
    return Client(base_url, name="shop")


shop = Source("shop", "The shop.", "team:shop", HOURLY, connect, known_delay=timedelta(hours=2))


@shop.pull(columns=(ID,), key=("id",))
def order(pull: Pull) -> Iterator[Page]:
    """One row per order.

    Cancelled ones stay.
    """
    yield Page([{"id": pull.settings["which"]}])


@shop.pull(columns=(ID,), key=("id",), mode=Mode.SNAPSHOT, promise=DAILY, may_be_empty=False, inputs=("raw_a.b",))
def shelf(pull: Pull) -> Iterator[Page]:
    """One row per shelf."""
    yield Page([], cursor={"at": pull.now.isoformat()})


@shop.frozen("sold in 2019", columns=(ID,), key=("id",))
def old_order(_pull: Pull) -> Iterator[Page]:
    """One row per order of the old shop."""
    yield Page([])


@shop.files(Files("SG_SHOP_BUCKET", "visits", ("door",)), columns=(ID, AT), event_column="happened_at", open_days=3)
def visit(row: Row, _arrival: Arrival) -> list[Row]:
    """One row per visit."""
    return [row]


def test_a_table_is_named_after_its_source_and_its_function() -> None:
    assert list(shop.tables) == [f"raw_shop.{name}" for name in ("order", "shelf", "old_order", "visit")]
    assert {raw.table.source for raw in shop.tables.values()} == {"shop"}


def test_a_table_says_what_its_function_and_its_source_say() -> None:
    table = shop.tables["raw_shop.order"].table
    assert table.description == "One row per order.\n\nCancelled ones stay."
    assert (table.owner, table.promise, table.known_delay) == ("team:shop", HOURLY, timedelta(hours=2))
    assert (table.delivery, table.mode) == (Delivery.PULL, Mode.MERGE)


def test_a_table_points_at_the_very_line_that_declares_it() -> None:
    table = shop.tables["raw_shop.order"].table
    assert table.file == Path(__file__)
    assert Path(__file__).read_text().splitlines()[table.line - 1].startswith("@shop.pull(")


def test_a_table_may_have_its_own_promise() -> None:
    assert shop.tables["raw_shop.shelf"].table.promise == DAILY
    assert shop.tables["raw_shop.old_order"].table.promise == Frozen("sold in 2019")


def test_fields_that_nobody_declared_have_a_column_at_the_end() -> None:
    for raw in shop.tables.values():
        assert raw.table.columns[-1].name == "_extra"


def test_a_snapshot_says_since_when_a_row_is_missing() -> None:
    assert [c.name for c in shop.tables["raw_shop.shelf"].table.columns] == ["id", "_deleted_at", "_extra"]
    assert not shop.tables["raw_shop.shelf"].table.may_be_empty


def test_a_files_table_says_where_each_row_came_from_and_is_cut_by_the_day_of_arrival() -> None:
    raw = shop.tables["raw_shop.visit"]
    assert raw.table.key == ("_object", "_line", "_item")
    assert [c.name for c in raw.table.columns][:4] == ["_object_on", "_object", "_line", "_item"]
    assert (raw.table.partition, raw.table.event_column, raw.table.open_days) == ("_object_on", "happened_at", 3)
    assert raw.files
    assert raw.files.feeds == ("door",)


def test_the_functions_stay_what_they_were() -> None:
    assert shop.tables["raw_shop.order"].fetch is order
    assert shop.tables["raw_shop.visit"].parse is visit


def test_the_variable_for_another_address_is_named_after_the_source() -> None:
    assert shop.url_variable == "SG_SHOP_URL"


def test_what_a_pull_asks_about_does_not_count_for_its_freshness() -> None:
    assert shop.tables["raw_shop.shelf"].table.inputs == (Input("raw_a.b", is_lookup=True, is_optional=True),)
    assert shop.tables["raw_shop.order"].table.inputs == ()


def test_without_a_warehouse_a_pull_finds_no_rows() -> None:
    with connect("http://127.0.0.1:1", {}) as client:
        assert not Pull(client, {}, datetime(2026, 1, 1, tzinfo=UTC)).read("raw_a.b", ())
