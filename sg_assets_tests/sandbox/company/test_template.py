import json

from sg_assets.sandbox.company.template import Template, compact, hole


def test_a_filled_template_is_the_row_with_its_holes_filled() -> None:
    row = {"a": 1, "b": hole("first"), "c": {"d": hole("second"), "e": [True, None]}}
    filled = Template.of(row).fill({"first": '"x"', "second": "[1,2]", "unused": "0"})
    assert json.loads(filled) == {"a": 1, "b": "x", "c": {"d": [1, 2], "e": [True, None]}}


def test_a_template_without_holes_is_its_json() -> None:
    assert Template.of({"a": "b c"}).fill({}) == compact({"a": "b c"}) == '{"a":"b c"}'
