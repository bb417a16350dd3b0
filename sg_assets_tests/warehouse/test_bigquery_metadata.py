"""What is asked of BigQuery about tables that others write, and what is read of its answer."""

from datetime import timedelta

from sg_assets.warehouse.bigquery_metadata import Metadata, Written, quoted_place
from sg_assets.warehouse.contract import Watch
from sg_assets_tests.warehouse.examples import NOW
from sg_assets_tests.warehouse.played_bigquery import Played, parameters

LONG_AGO = NOW - timedelta(days=9)
PARTITIONS = "INFORMATION_SCHEMA.PARTITIONS"


def watch(now_plus: timedelta = timedelta(0)) -> Watch:
    beside, own = frozenset({"other-project.x.a", "x.b"}), frozenset({"raw_x.c"})
    return Watch(NOW + now_plus, NOW, lambda _: False, None, beside, own)


def test_a_dataset_is_asked_once_a_look_about_all_that_is_looked_at_in_it(there: Played) -> None:
    there.answers[PARTITIONS] = [("a", "20260309", 2, LONG_AGO), ("a", "20260310", 3, NOW), ("b", None, 4, NOW)]
    metadata = Metadata(there.jobs)
    for _ in range(2):
        found = metadata.written({"a": "other-project.x.a", "b": "some-project.x.b"}, watch())
    marks = {"20260309": f"{LONG_AGO.isoformat()}:2", "20260310": f"{NOW.isoformat()}:3"}
    assert found == {"a": Written(5, NOW, marks), "b": Written(4, NOW, {"": f"{NOW.isoformat()}:4"})}
    first, second = there.queries(PARTITIONS)
    assert "from `other-project`.`x`.INFORMATION_SCHEMA" in first["query"]["query"]
    assert [list(parameters(one).values()) for one in (first, second)] == [[["a"]], [["b"]]]
    metadata.written({"a": "other-project.x.a"}, watch(timedelta(hours=1)))
    assert len(there.queries(PARTITIONS)) == 3


def test_what_is_written_under_our_own_names_is_in_our_datasets(there: Played) -> None:
    there.answers[PARTITIONS] = [("c", None, 1, NOW)]
    assert set(Metadata(there.jobs).written({"c": "some-project.dev_raw_x.c"}, watch())) == {"c"}
    (asked,) = there.queries(PARTITIONS)
    assert "from `some-project`.`dev_raw_x`.INFORMATION_SCHEMA" in asked["query"]["query"]
    assert list(parameters(asked).values()) == [["c"]]


def test_what_bigquery_says_nothing_of_is_left_out(there: Played) -> None:
    assert Metadata(there.jobs).written({"v": "some-project.x.v"}, watch()) == {}


def test_a_place_is_in_the_project_of_the_warehouse_where_it_names_none(there: Played) -> None:
    assert Metadata(there.jobs).place("x.y") == "some-project.x.y"
    assert Metadata(there.jobs).place("example.com:p.x.y") == "example.com:p.x.y"
    assert quoted_place("example.com:p.x.y", 2) == "`example.com:p`.`x`.`y`"
