"""What verbs make of states; the whole of it is in the contract's tests, here is what both kinds take from it."""

from dataclasses import replace

import pytest

from sg_assets.table import Mode
from sg_assets.warehouse import transitions
from sg_assets.warehouse.contract import Landing, Load, Rejected, ShrunkError, WarehouseError
from sg_assets_tests.warehouse.examples import HOUR, NOW, pinged, raw

TABLE = raw(Mode.SNAPSHOT)
LANDING = Landing(NOW, 0, NOW)
FIRST = transitions.landed(TABLE, LANDING, None, rows=3, changed=3)


def test_the_version_of_a_raw_table_is_the_number_of_the_last_change() -> None:
    same = transitions.landed(TABLE, LANDING, FIRST, rows=3, changed=0)
    other = transitions.landed(TABLE, LANDING, same, rows=3, changed=1)
    assert [state.content_version for state in (FIRST, same, other)] == ["1", "1", "3"]
    assert transitions.created(TABLE, NOW).content_version == transitions.NOTHING_YET


def test_half_is_enough_and_less_is_not() -> None:
    transitions.refuse_shrunk(TABLE, 4, 2)
    with pytest.raises(ShrunkError, match=r"1 rows came where 4 are live.*--accept-shrink"):
        transitions.refuse_shrunk(TABLE, 4, 1)


def test_rows_that_did_not_fit_are_known_by_their_keys_or_none_is() -> None:
    def keys(*originals: str | None) -> list[list[str]] | None:
        rejected = [Rejected("bad", original, "0" * 64) for original in originals]
        return transitions.rejected_keys(TABLE, replace(LANDING, rejected=rejected))

    assert keys() == []
    assert keys('{"id": 7, "x": 1}', '{"id": "b"}') == [["7"], ["b"]]
    assert keys('{"id": 7}', None) is None
    assert keys('{"name": "x"}') is None


def test_who_comes_second_writes_nothing() -> None:
    assert transitions.landed_meanwhile(TABLE, None, 0) is None
    assert transitions.landed_meanwhile(TABLE, FIRST, 1) is None
    assert transitions.landed_meanwhile(TABLE, transitions.created(TABLE, NOW), 0) is None
    skipped = transitions.landed_meanwhile(TABLE, FIRST, 0)
    assert skipped is not None
    assert skipped.state == FIRST
    with pytest.raises(WarehouseError, match="replaced meanwhile"):
        transitions.landed_meanwhile(TABLE, None, 3)


def test_a_load_of_nothing_new_is_idle() -> None:
    assert transitions.is_idle(Load(NOW, 1, NOW, []), FIRST)
    assert transitions.is_idle(Load(NOW, 1, None, []), FIRST)
    assert not transitions.is_idle(Load(NOW, 1, NOW + HOUR, []), FIRST)
    assert not transitions.is_idle(Load(NOW, 1, NOW, [], full=True), FIRST)


def test_staged_rows_must_be_those_of_the_objects() -> None:
    found = pinged(NOW.date(), 12, [NOW, NOW])[0]
    transitions.refuse_mismatch(TABLE, Load(NOW, 0, NOW, [found]), {found.name: 2})
    with pytest.raises(WarehouseError, match=r"said to have 2 rows, 1 were staged"):
        transitions.refuse_mismatch(TABLE, Load(NOW, 0, NOW, [found]), {found.name: 1})


def test_versions_of_days_add_up() -> None:
    versions = [transitions.content_version(2, 5), transitions.content_version(1, 2**64 - 1)]
    assert transitions.added_up(versions) == transitions.content_version(3, 4)
