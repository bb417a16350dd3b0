"""The form about environments: every answer set arrives as it was given, and one bad one costs no other."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sg_assets.http import SourceError
from sg_assets.rows import Shape
from sg_assets.sandbox.company.environment_answers import answer_sets
from sg_assets.sandbox.faults import Kind
from sg_assets.source import Page, Pull
from sg_assets.sources.customer_environment import RESPONSES, customer_environment
from sg_assets_tests.sources.conftest import World

TABLE = customer_environment.tables["raw_customer_environment.response"]
ARRAYS = {column.name for column in RESPONSES.columns if column.is_array}


def pull(world: World, calls: int = 2) -> Page:
    assert TABLE.fetch
    with world.client(customer_environment) as client:
        (page,) = TABLE.fetch(Pull(client, world.settings(customer_environment), world.now))
        assert client.calls == calls
    return page


def test_every_answer_set_comes_as_it_was_given(world: World) -> None:
    page = pull(world)
    truth = answer_sets(world.sandbox.company, world.now)
    assert len(page.rows) == len(truth) > 50
    for row, given in zip(page.rows, truth, strict=True):
        assert (row["submitted_at"], row["respondent_email"]) == (given.submitted_at, given.respondent)
        assert row["account_id"] == given.customer.account_id
        answered = {name: row[name] for name in row if name in given.answers}
        assert answered == given.answers
        others = {name: value for name, value in row.items() if name not in {*given.answers, "customer"}}
        unanswered = [value for name, value in others.items() if name in ARRAYS]
        assert unanswered == [[]] * len(unanswered)
    fitted = Shape(TABLE.table).fit(page.rows)
    assert (fitted.misfits, fitted.unknown, page.rejected) == ({}, {}, [])


def test_partial_answers_are_allowed(world: World) -> None:
    rows = pull(world).rows
    for name in ("deployment_type", "is_air_gapped", "repository_count", "memory_gib"):
        assert {row[name] is None for row in rows} == {True, False}


def test_nothing_new_gives_the_same_rows_and_later_ones_are_added(world: World) -> None:
    first = pull(world).rows
    assert pull(world).rows == first
    world.now += timedelta(days=30)
    later = pull(world).rows
    assert list(later[: len(first)]) == list(first)
    assert len(later) > len(first)


def test_one_answer_of_another_kind_costs_its_row_alone(world: World) -> None:
    whole = len(pull(world).rows)
    world.sandbox.faults.switch_on(
        Kind.WRONG_VALUE, "customer_environment", field="How many users?", value="about 200", count=1
    )
    page = pull(world)
    assert len(page.rows) == whole - 1
    (bad,) = page.rejected
    assert "Q2 'How many users?': a number is expected, there is text" in bad.reason
    assert "about 200" in str(bad.original)


def test_an_answer_set_that_was_copied_is_there_once(world: World) -> None:
    whole = len(pull(world).rows)
    world.sandbox.faults.switch_on(Kind.REPEATED_ROW, "customer_environment", count=1)
    page = pull(world)
    assert len(page.rows) == whole
    assert (
        f"row {whole + 2} has the same submitted_at and respondent_email as row {whole + 1}" in page.rejected[0].reason
    )


def test_a_new_question_at_the_end_is_kept(world: World) -> None:
    world.sandbox.faults.switch_on(Kind.UNKNOWN_FIELD, "customer_environment", count=1)
    assert {row["surprise"] for row in pull(world).rows} == {1}


def test_a_question_that_was_reworded_is_refused(world: World) -> None:
    world.sandbox.faults.switch_on(Kind.WRONG_VALUE, "customer_environment", field="J1", value="Air-gapped?", count=1)
    with pytest.raises(SourceError, match=r"J1: 'Is it air-gapped\?' is expected, there is 'Air-gapped\?'"):
        pull(world)


def test_a_sheet_without_answers_gives_none(world: World) -> None:
    world.sandbox.faults.switch_on(Kind.EMPTY_LIST, "customer_environment", count=1)
    assert pull(world).rows == []


def test_the_doctor_looks_at_the_header(world: World) -> None:
    assert customer_environment.examination
    with world.client(customer_environment) as client:
        (found,) = customer_environment.examination(client, world.settings(customer_environment))
        assert client.calls == 1
    assert found.is_permitted
    world.sandbox.faults.switch_on(Kind.FORBIDDEN, "customer_environment")
    with world.client(customer_environment) as client:
        (found,) = customer_environment.examination(client, world.settings(customer_environment))
    assert "Share the spreadsheet" in found.detail
