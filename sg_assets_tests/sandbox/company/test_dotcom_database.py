"""The smaller tables of sourcegraph.com's database, and how they agree with what other systems show."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.dotcom_database import TABLES, contents
from sg_assets.sandbox.company.nps import Nps, dotcom_site
from sg_assets_tests.sandbox.world import ANCHOR, HOUR

Rows = list[dict[str, object]]


def rows(company: Company, table: str, at: datetime = ANCHOR) -> Rows:
    found = contents(company, at)[table]
    return [dict(zip(found.columns, row, strict=True)) for row in found.rows]


def numbers(found: Rows, column: str = "id") -> set[object]:
    return {row[column] for row in found}


@pytest.mark.parametrize("table", [table for table in TABLES if table != "user_emails"])
def test_a_row_is_known_by_its_id(company: Company, table: str) -> None:
    found = rows(company, table)
    assert len(numbers(found)) == len(found) > 0


def test_rows_name_rows_that_are_there(company: Company) -> None:
    at = ANCHOR + 30 * HOUR
    users, orgs = numbers(rows(company, "users", at)), numbers(rows(company, "orgs", at))
    assert numbers(rows(company, "user_emails", at), "user_id") <= users
    assert numbers(rows(company, "org_members", at), "user_id") <= users
    assert numbers(rows(company, "org_members", at), "org_id") <= orgs
    assert numbers(rows(company, "survey_responses", at), "user_id") <= users | {None}
    assert numbers(rows(company, "product_subscriptions", at), "user_id") <= users
    assert numbers(rows(company, "product_licenses", at), "product_subscription_id") == numbers(
        rows(company, "product_subscriptions", at)
    )


def test_survey_responses_are_the_answers_on_this_site_signed_in_or_not(company: Company) -> None:
    answers = [one for one in Nps(company).answers(ANCHOR) if one.site_id == dotcom_site(company)]
    found = rows(company, "survey_responses")
    assert [(row["email"], row["score"], row["created_at"]) for row in found] == [
        (one.email, one.score, one.at) for one in answers
    ]
    assert {(row["user_id"] is None) == (row["email"] is None) for row in found} == {True}


def test_memberships_end_and_organisations_are_deleted_after_the_anchor(company: Company) -> None:
    before, after = rows(company, "org_members"), rows(company, "org_members", ANCHOR + 3 * HOUR)
    assert numbers(after) < numbers(before)
    assert not any(row["deleted_at"] for row in rows(company, "orgs"))
    assert any(row["deleted_at"] for row in rows(company, "orgs", ANCHOR + HOUR))


def test_an_archived_subscription_is_still_there(company: Company) -> None:
    archived = [row for row in rows(company, "product_subscriptions") if row["archived_at"]]
    assert archived
    assert all(row["archived_at"] == row["updated_at"] for row in archived)


def test_what_is_gone_later_was_there_before_and_nothing_comes_from_the_future(company: Company) -> None:
    for at in (ANCHOR - timedelta(days=200), ANCHOR, ANCHOR + timedelta(days=20)):
        for table in TABLES:
            for row in rows(company, table, at):
                if table != "repo" or at >= ANCHOR:
                    assert row["created_at"] <= at, table  # pyrefly: ignore[unsupported-operation]
                for column in ("deleted_at", "archived_at", "revoked_at"):
                    assert row.get(column) is None or row[column] <= at, table  # pyrefly: ignore[unsupported-operation]
