"""Enriching: everything once, a year apart, no more than credits allow, and nothing lost that was paid for."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import pytest

from sg_assets.http import ComeBackLater, SourceError
from sg_assets.http.pace import pace
from sg_assets.rows import Shape
from sg_assets.source import Page, Pull
from sg_assets.sources.zoominfo import zoominfo
from sg_assets_tests.scripted_vendor import Answer, Asked, answering
from sg_assets_tests.sources.zoominfo.rows import NOW, SETTINGS, Tables, accounts, connected, domains

DAY = timedelta(days=1)
NAMES = tuple(f"c{n:03}.example" for n in range(120))


def vendor_of(
    unknown: frozenset[str] = frozenset(), refuse_after: int = 1000, more: Mapping[str, object] | None = None
) -> Callable[[Asked], Answer]:
    """ZoomInfo, which knows all companies but some; after so many requests the contract is used up.

    `more` are further fields of each record.
    """
    enriched = 0

    def answer(asked: Asked) -> Answer:
        nonlocal enriched
        if asked.path == "/authenticate":
            return Answer.json({"jwt": "eyJ.one.two"})
        enriched += 1
        if enriched > refuse_after:
            return Answer.json({"message": "You have used up all of your allowed record limit"}, 403)
        sent = json.loads(asked.body)
        results = [result(one["companyWebsite"], unknown, more or {}) for one in sent["matchCompanyInput"]]
        return Answer.json({"success": True, "data": {"outputFields": [sent["outputFields"]], "result": results}})

    return answer


def result(domain: str, unknown: frozenset[str], more: Mapping[str, object]) -> dict[str, object]:
    """The answer to one input, in the vendor's shape."""
    record = {
        "id": 344589814,
        "name": "Zoom Information",
        "website": f"www.{domain}",
        "primaryIndustry": ["Software"],
        "country": "United States",
        "employeeCount": 3500,
        "revenue": 1214000,
        "foundedYear": "2000",
        "lastUpdatedDate": "6/19/2020 1:41 PM",
    }
    is_known = domain not in unknown
    return {
        "input": {"companywebsite": domain},
        "data": [{**record, **more}] if is_known else [],
        "matchStatus": "FULL_MATCH" if is_known else "NO_MATCH",
    }


def inputs(asked: list[Asked]) -> list[list[str]]:
    """What was asked about, request by request."""
    bodies = [json.loads(one.body) for one in asked if one.path == "/enrich/company"]
    return [[one["companyWebsite"] for one in body["matchCompanyInput"]] for body in bodies]


def pages_of(tables: Tables, url: str, now: datetime = NOW, **settings: str) -> list[Page]:
    pace.cache_clear()  # ZoomInfo's limits count nothing that was before
    with connected(url) as client:
        return tables.pull(client, "company", {**SETTINGS, **settings}, now)


@pytest.mark.parametrize(("count", "sizes"), [(0, []), (1, [1]), (25, [25]), (26, [25, 1]), (60, [25, 25, 10])])
def test_every_batch_boundary(count: int, sizes: list[int]) -> None:
    tables = Tables({"raw_salesforce.account": accounts(*NAMES[:count])})
    with answering(vendor_of()) as vendor:
        assert sorted(map(str, domains(pages_of(tables, vendor.url)))) == list(NAMES[:count])
    assert [len(batch) for batch in inputs(vendor.asked)] == sizes


def test_a_record_fits_its_columns() -> None:
    tables = Tables({"raw_salesforce.account": accounts("c.example")})
    with answering(vendor_of()) as vendor:
        rows = [row for page in pages_of(tables, vendor.url) for row in page.rows]
    fitted = Shape(zoominfo.tables["raw_zoominfo.company"].table).fit(rows)
    assert (fitted.misfits, fitted.unknown) == ({}, {})
    (row,) = fitted.table.to_pylist()
    assert (row["domain"], row["match_status"], row["enriched_at"], row["credits"]) == (
        "c.example",
        "FULL_MATCH",
        NOW,
        1,
    )
    assert row["last_updated_local"] == datetime(2020, 6, 19, 13, 41)  # noqa: DTZ001 (it has no zone)
    assert (row["primary_industries"], row["revenue_thousands_usd"]) == (["Software"], 1214000)


def test_what_was_asked_about_is_not_again_for_a_year_or_a_quarter_where_it_was_unknown() -> None:
    tables = Tables({"raw_salesforce.account": accounts("known.example", "unknown.example")})
    with answering(vendor_of(frozenset({"unknown.example"}))) as vendor:
        days = (0, 1, 89, 90, 91, 180, 364, 365, 366)
        asked = {day: domains(pages_of(tables, vendor.url, NOW + day * DAY)) for day in days}
    assert [day for day, names in asked.items() if "known.example" in names] == [0, 365]
    assert [day for day, names in asked.items() if "unknown.example" in names] == [0, 90, 180, 364]


def test_a_run_spends_no_more_than_its_cap_and_says_who_waits() -> None:
    tables = Tables({"raw_salesforce.account": accounts(*NAMES[:40])})
    with answering(vendor_of()) as vendor:
        first = pages_of(tables, vendor.url, SG_ZOOMINFO_CREDITS_PER_RUN="30")
        second = pages_of(tables, vendor.url, SG_ZOOMINFO_CREDITS_PER_RUN="30")
    assert [len(batch) for batch in inputs(vendor.asked)] == [25, 5, 10]
    assert first[-1].note == "10 of 40 wait: the credits that SG_ZOOMINFO_CREDITS_PER_RUN allows are spent"
    assert (second[-1].note, len(tables.rows["raw_zoominfo.company"])) == ("", 40)


def test_what_is_unknown_costs_nothing_and_leaves_credits_for_others() -> None:
    tables = Tables({"raw_salesforce.account": accounts(*NAMES[:40])})
    with answering(vendor_of(frozenset(NAMES[20:40]))) as vendor:
        pages = pages_of(tables, vendor.url, SG_ZOOMINFO_CREDITS_PER_RUN="21")
    assert pages[-1].note == ""
    assert len(domains(pages)) == 40


def test_a_months_cap_counts_both_tables_and_starts_anew_with_the_month() -> None:
    spent = [{"email": f"{n}@c.example", "enriched_at": NOW - 2 * DAY, "credits": 1} for n in range(12)]
    before = [{"email": f"{n}@d.example", "enriched_at": NOW - 30 * DAY, "credits": 1} for n in range(50)]
    tables = Tables({"raw_salesforce.account": accounts(*NAMES[:30]), "raw_zoominfo.contact": [*spent, *before]})
    with answering(vendor_of()) as vendor:
        first = pages_of(tables, vendor.url, SG_ZOOMINFO_CREDITS_PER_MONTH="20")
        none = pages_of(tables, vendor.url, NOW + DAY, SG_ZOOMINFO_CREDITS_PER_MONTH="20")
        new = pages_of(tables, vendor.url, datetime(2026, 12, 1, tzinfo=UTC), SG_ZOOMINFO_CREDITS_PER_MONTH="20")
    assert [len(domains(pages)) for pages in (first, none, new)] == [8, 0, 20]
    assert none[-1].note == "22 of 30 wait: the credits that SG_ZOOMINFO_CREDITS_PER_MONTH allows are spent"


def test_answers_are_landed_before_much_more_is_paid_for() -> None:
    tables = Tables({"raw_salesforce.account": accounts(*NAMES)})
    with answering(vendor_of()) as vendor:
        pages = pages_of(tables, vendor.url)
    assert [page.lands_now for page in pages] == [False, False, False, True, False, False]
    assert all(page.cursor for page in pages)


def test_a_contract_that_is_used_up_is_a_time_to_come_back_after_what_was_had() -> None:
    tables = Tables({"raw_salesforce.account": accounts(*NAMES)})
    fetch = zoominfo.tables["raw_zoominfo.company"].fetch
    assert fetch
    with answering(vendor_of(refuse_after=2)) as vendor, connected(vendor.url) as client:
        pages = fetch(Pull(client, SETTINGS, NOW, None, tables.read))
        assert len([*next(pages).rows, *next(pages).rows]) == 50
        with pytest.raises(ComeBackLater, match=r"ZoomInfo's contract is used up \(.*ask the owner for more credits"):
            next(pages)


def test_a_table_that_is_loaded_anew_keeps_what_was_paid_for_and_spends_nothing() -> None:
    tables = Tables({"raw_salesforce.account": accounts(*NAMES[:30])})
    with answering(vendor_of(more={"surprise": "kept"})) as vendor:
        pages_of(tables, vendor.url)
        stored = [dict(row) for row in tables.rows["raw_zoominfo.company"]]
        tables.rows["raw_zoominfo.company"] = [
            {k: v for k, v in row.items() if k != "surprise"} | {"_extra": '{"surprise":"kept"}'} for row in stored
        ]
        before = len(vendor.asked)
        tables.cursors.clear()
        pages = pages_of(tables, vendor.url)
        assert len(vendor.asked) == before
    assert [dict(row) for page in pages for row in page.rows] == stored
    assert "kept" in pages[0].note


@pytest.mark.parametrize(
    ("name", "value"), [("employeeCount", "3,500"), ("lastUpdatedDate", "2020-06-19T13:41"), ("revenue", {"usd": 1})]
)
def test_a_row_that_was_paid_for_is_kept_whatever_is_in_it(name: str, value: object) -> None:
    tables = Tables({"raw_salesforce.account": accounts("c.example")})
    with answering(vendor_of(more={name: value})) as vendor:
        rows = [row for page in pages_of(tables, vendor.url) for row in page.rows]
    fitted = Shape(zoominfo.tables["raw_zoominfo.company"].table).fit(rows)
    (row,) = fitted.table.to_pylist()
    assert (fitted.misfits, row["domain"], row["credits"]) == ({}, "c.example", 1)
    if name != "lastUpdatedDate":  # one that reads as a time without a zone is one
        assert json.loads(row["_extra"])["name_as_it_came"] == "Zoom Information"


def test_an_input_that_the_answer_left_out_is_noted_and_not_asked_about_again_at_once() -> None:
    tables = Tables({"raw_salesforce.account": accounts("a.example", "b.example")})

    def forgetful(asked: Asked) -> Answer:
        answer = json.loads(vendor_of()(asked).body)
        if "data" in answer:
            answer["data"]["result"] = answer["data"]["result"][:1]
        return Answer.json(answer)

    with answering(forgetful) as vendor:
        pages_of(tables, vendor.url)
        assert domains(pages_of(tables, vendor.url, NOW + DAY)) == []
    statuses = {row["domain"]: row["match_status"] for row in tables.rows["raw_zoominfo.company"]}
    assert statuses == {"b.example": "FULL_MATCH", "a.example": "UNANSWERED"}


def test_a_cap_that_is_no_number_says_what_to_set() -> None:
    tables = Tables({"raw_salesforce.account": accounts("c.example")})
    with answering(vendor_of()) as vendor, pytest.raises(SourceError, match=r"PER_RUN=many.*whole number of credits"):
        pages_of(tables, vendor.url, SG_ZOOMINFO_CREDITS_PER_RUN="many")
