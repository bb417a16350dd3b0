from dataclasses import replace

import pytest

from sg_assets.command import chosen, fail, known, print_json, read
from sg_assets.freshness.graph import Graph
from sg_assets.instants import parse_span
from sg_assets_tests.freshness.scenes import derived, pull

GRAPH = Graph.of(
    [
        replace(pull("raw_crm.account"), source="crm"),
        replace(pull("raw_crm.lead"), source="crm"),
        derived("crm.account", "raw_crm.account"),
        derived("sales.lead", "raw_crm.lead"),
    ]
)


@pytest.mark.parametrize(
    ("words", "tables"),
    [
        (["sales.lead"], ["sales.lead"]),
        (["raw_crm"], ["raw_crm.account", "raw_crm.lead"]),
        (["sales", "raw_crm.lead"], ["raw_crm.lead", "sales.lead"]),
        (["crm"], ["raw_crm.account", "raw_crm.lead", "crm.account"]),  # a source, and a group of the same name
    ],
)
def test_a_word_means_a_table_a_source_or_a_group(words: list[str], tables: list[str]) -> None:
    assert chosen(tuple(words), GRAPH) == tuple(tables)


def test_a_word_that_means_nothing_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        chosen(("sales", "sails"), GRAPH)
    assert ended.value.code == 2
    assert (
        capsys.readouterr().err == "sg-assets: sails is no table, source or group; `sg-assets tables list` names them\n"
    )


def test_tables_are_known_by_their_whole_name_only(capsys: pytest.CaptureFixture[str]) -> None:
    assert known(("crm.account",), GRAPH) == ("crm.account",)
    with pytest.raises(SystemExit):
        known(("crm", "crm.account", "b.c"), GRAPH)
    assert "no such table: b.c, crm;" in capsys.readouterr().err


def test_what_cannot_be_read_is_told_with_its_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert read("--for", "60m", parse_span) == parse_span("1h")
    with pytest.raises(SystemExit) as ended:
        read("--for", "ages", parse_span)
    assert ended.value.code == 2
    assert capsys.readouterr().err == "sg-assets: --for ages: write a span such as 3d, 12h or 1d12h\n"


def test_documents_go_to_standard_output_and_failures_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"a": [1]})
    with pytest.raises(SystemExit) as ended:
        fail("no")
    assert ended.value.code == 1
    assert capsys.readouterr() == ('{\n  "a": [\n    1\n  ]\n}\n', "sg-assets: no\n")
