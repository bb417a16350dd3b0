"""Templates: what is the same in DuckDB's elements, and what is refused."""

from __future__ import annotations

import pytest

from sg_assets.warehouse.dialect import DialectError
from sg_assets.warehouse.dialect.formats import names_the_year, printf, strftime, strptime


def test_elements_become_those_of_duckdb() -> None:
    assert strftime("%F %E4Y %h %%", "date", has_zone=False) == "%Y-%m-%d %Y %b %%"
    assert strftime("%R %E3S %Ez", "timestamp", has_zone=False) == "%H:%M %S.%g +00:00"
    assert strptime("%F %T%z", "timestamp") == ["%Y-%m-%d %H:%M:%S%z"]


def test_seconds_with_and_without_a_fraction_are_tried_in_turn() -> None:
    assert strptime("%H:%M:%E*S", "timestamp") == ["%H:%M:%S.%f", "%H:%M:%S"]


@pytest.mark.parametrize("template", ["%e", "%Q", "%s", "%k", "%C", "%E*S", "100 %"])
def test_an_element_that_differs_is_refused(template: str) -> None:
    if template == "100 %":
        with pytest.raises(DialectError, match="only %d, %s and %f"):
            printf(template)
    else:
        with pytest.raises(DialectError, match="is not carried over"):
            strftime(template, "timestamp", has_zone=False)


def test_a_date_has_no_hours_and_another_zone_no_fixed_name() -> None:
    with pytest.raises(DialectError, match="%H"):
        strftime("%H", "date", has_zone=False)
    with pytest.raises(DialectError, match="%Z"):
        strftime("%Z", "timestamp", has_zone=True)


def test_a_template_of_parsing_takes_only_what_can_be_read_back() -> None:
    with pytest.raises(DialectError, match="%A"):
        strptime("%A %F", "date")


def test_whether_a_template_names_the_year() -> None:
    assert names_the_year("%Y-%m")
    assert names_the_year("%m/%d/%y")
    assert not names_the_year("%m-%d")
