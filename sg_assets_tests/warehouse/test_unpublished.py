from pathlib import Path

from sg_assets.warehouse.unpublished import is_at_rest, mark


def test_a_warehouse_is_at_rest_when_it_is_there_and_its_last_writer_came_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    assert not is_at_rest(path)
    path.touch()
    assert is_at_rest(path)
    mark(path).touch()
    assert not is_at_rest(path)
