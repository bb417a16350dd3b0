from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.looker_content import (
    BOARDS,
    DASHBOARDS,
    EXPLORES,
    LOOKS,
    dashboards,
    looks,
    plans,
    tables_read,
)
from sg_assets_tests.sandbox.world import ANCHOR, DAY


def test_what_people_rely_on_is_there(company: Company) -> None:
    assert set(DASHBOARDS) <= {int(one.id) for one in dashboards(company)}
    assert set(LOOKS) <= {int(one.id) for one in looks(company)}
    for _, on_dashboards, on_looks in BOARDS.values():
        assert set(on_dashboards) <= set(DASHBOARDS)
        assert set(on_looks) <= set(LOOKS)


def test_some_content_is_used_some_no_more_and_some_never(company: Company) -> None:
    every = [one for one in (*dashboards(company), *looks(company)) if one.is_there(ANCHOR)]
    viewed = [one.viewed_at(ANCHOR) for one in every]
    assert None in viewed
    assert any(at and at < ANCHOR - 150 * DAY for at in viewed)
    assert any(at and at > ANCHOR - DAY for at in viewed)
    assert all((one.view_count(ANCHOR) > 0) == (one.viewed_at(ANCHOR) is not None) for one in every)


def test_content_goes_into_the_bin_and_then_for_good(company: Company) -> None:
    one = next(one for one in (*dashboards(company), *looks(company)) if one.purged_at)
    assert (one.is_there(ANCHOR), one.is_binned(ANCHOR)) == (True, True)
    assert not one.is_there(ANCHOR + 3 * DAY)


def test_every_kind_of_tile_occurs(company: Company) -> None:
    tiles = [tile for one in dashboards(company) for tile in one.tiles]
    assert len({tile.id for tile in tiles}) == len(tiles)
    assert {len(tile.explores) for tile in tiles} == {0, 1, 2}
    assert {tile.is_merged for tile in tiles} == {True, False}
    assert any(tile.look_id for tile in tiles)


def test_the_tables_that_content_reads_are_known(company: Company) -> None:
    found = tables_read(company, ANCHOR)
    assert found["look 1366"] == {"customers.telemetry_status", "crm.account"}
    assert found["dashboard 128"] >= {"product.nps_response"}
    written = {table for tables in EXPLORES.values() for table in tables}
    assert any(table.startswith("`telligentsourcegraph.") for table in written)
    assert not any("`" in table or "telligentsourcegraph" in table for tables in found.values() for table in tables)
    binned = next(one for one in looks(company) if one.is_binned(ANCHOR))
    assert f"look {binned.id}" not in found


def test_looks_are_saved_after_the_anchor_too(company: Company) -> None:
    assert len(tables_read(company, ANCHOR + 8 * DAY)) > len(tables_read(company, ANCHOR + 3 * DAY))


def test_plans_deliver_a_dashboard_or_a_look(company: Company) -> None:
    assert {(one.dashboard_id is None) != (one.look_id is None) for one in plans(company)} == {True}
    assert {one.is_enabled for one in plans(company)} == {True, False}
