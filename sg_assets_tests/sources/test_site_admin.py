"""Subscriptions and licences of sourcegraph.com: complete lists from an API that does not help, and no key stored."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from sg_assets.http import ComeBackLater, SourceError
from sg_assets.license_key import license_columns
from sg_assets.rows import Shape
from sg_assets.sandbox.faults import Kind
from sg_assets.source import Page, Pull
from sg_assets.sources import site_admin as module
from sg_assets.sources.site_admin import site_admin
from sg_assets_tests.scripted_vendor import Answer, Asked, answering
from sg_assets_tests.sources.conftest import World

SETTINGS = {"SG_SITE_ADMIN_TOKEN": "s3cret"}
NOW = datetime(2026, 11, 21, 6, 20, tzinfo=UTC)


def existing(world: World, *, archived: bool) -> set[str]:
    """The subscriptions that exist now, and those of them that are archived."""
    every = [
        one for many in world.sandbox.company.subscriptions.values() for one in many if one.created_at <= world.now
    ]
    return {one.uuid for one in every if one.is_archived(world.now) is archived}


def test_the_first_pull_gives_every_subscription_that_is_not_archived(world: World) -> None:
    (page,) = world.pages(site_admin, "subscription")
    assert {row["uuid"] for row in page.rows} == existing(world, archived=False)
    assert len(page.rows) > 10
    fitted = Shape(site_admin.tables["raw_site_admin.subscription"].table).fit(page.rows)
    assert (fitted.misfits, fitted.unknown) == ({}, {})


def test_a_subscription_that_is_archived_later_stays_and_says_so(world: World) -> None:
    company = world.sandbox.company
    times = [one.archived_at for many in company.subscriptions.values() for one in many if one.archived_at]
    world.now = min(times) - timedelta(hours=1)
    (first,) = world.pages(site_admin, "subscription")
    world.now = max(times) + timedelta(hours=1)
    (second,) = world.pages(site_admin, "subscription", first.cursor)
    (third,) = world.pages(site_admin, "subscription", second.cursor)
    seen = {row["uuid"] for row in first.rows}
    for page in (second, third):
        archived = {row["uuid"] for row in page.rows if row["is_archived"]}
        assert archived == existing(world, archived=True) & seen != set()
        assert {row["uuid"] for row in page.rows} == existing(world, archived=False) | archived


def test_an_account_that_was_deleted_leaves_its_subscription(world: World) -> None:
    rows = world.rows(site_admin, "subscription")
    orphans = [row for row in rows if row["account_id"] is None]
    assert orphans
    assert {(row["account_username"], row["account_email"]) for row in orphans} == {(None, None)}
    assert all("+billing@" not in str(row["account_email"]) for row in rows)


def test_licences_have_what_their_keys_say_and_not_the_keys(world: World) -> None:
    rows = {row["license_key_sha256"]: row for row in world.rows(site_admin, "license")}
    every = [one for many in world.sandbox.company.subscriptions.values() for one in many]
    truth = [(one, each) for one in every for each in one.licenses_at(world.now)]
    assert len(rows) == len(truth) > 10
    for subscription, made in truth:
        claims = license_columns(made.key)
        row = rows[claims["license_key_sha256"]]
        assert row["subscription_uuid"] == subscription.uuid
        assert row["license_version"] == made.version
        assert row["license_salesforce_subscription_id"] == claims["license_salesforce_subscription_id"]
        assert (row["tags"], row["user_count"]) == (list(made.tags), made.user_count)
        assert row["is_active"] == (made is subscription.licenses_at(world.now)[-1])
        assert made.key not in json.dumps(row)
    assert any(row["revoked_at"] for row in rows.values())
    fitted = Shape(site_admin.tables["raw_site_admin.license"].table).fit(list(rows.values()))
    assert (fitted.misfits, fitted.unknown) == ({}, {})


@pytest.mark.parametrize(
    ("kind", "options"),
    [(Kind.TOO_MANY_REQUESTS, {"count": 1}), (Kind.SERVER_ERROR, {"count": 2}), (Kind.CUT_BODY, {"count": 1})],
)
def test_a_fault_that_passes_costs_nothing(world: World, kind: Kind, options: dict[str, int]) -> None:
    world.sandbox.faults.switch_on(kind, "site_admin", count=options["count"])
    assert {row["uuid"] for row in world.rows(site_admin, "subscription")} == existing(world, archived=False)


def test_a_row_that_comes_twice_is_given_as_it_came(world: World) -> None:
    world.sandbox.faults.switch_on(Kind.REPEATED_ROW, "site_admin", match="productLicenses")
    rows = world.rows(site_admin, "license")
    assert len(rows) == len({row["id"] for row in rows}) + 1


def test_too_many_queries_are_a_time_to_come_back(world: World) -> None:
    world.sandbox.faults.switch_on(Kind.QUOTA, "site_admin")
    with pytest.raises(ComeBackLater, match="rate limit exceeded"):
        world.rows(site_admin, "license")


def test_a_token_that_is_refused_is_an_error_at_once(world: World) -> None:
    with (
        module.connect(f"{world.url}/site_admin", SETTINGS) as client,
        pytest.raises(SourceError, match="401 Invalid access token") as caught,
    ):
        client.post_json("/.api/graphql", {"query": "{ dotcom { __typename } }"}, idempotent=True)
    assert "s3cret" not in str(caught.value)


def subscription(uuid: str, *, is_archived: bool = False) -> dict[str, object]:
    return {
        "id": f"id-{uuid}",
        "uuid": uuid,
        "name": "L0",
        "account": None,
        "activeLicense": None,
        "createdAt": "2022-01-01T00:00:00Z",
        "isArchived": is_archived,
        "urlForSiteAdmin": None,
    }


def vendor_of(totals: Sequence[int], others: Sequence[dict[str, object]] = ()) -> Callable[[Asked], Answer]:
    """An API whose list has so many rows, one number for each time it is asked; `others` answer by their UUID only."""
    left = list(totals)

    def answer(asked: Asked) -> Answer:
        sent = json.loads(asked.body)
        aliases = {name: uuid for name, uuid in sent["variables"].items() if re.fullmatch(r"s\d+", name)}
        if aliases:
            return _each(aliases)
        total = left.pop(0) if len(left) > 1 else left[0]
        first = sent["variables"].get("first", 1)
        shown = [subscription(f"u{i}") for i in range(total)][: first + 1]
        page = {"nodes": shown, "totalCount": total, "pageInfo": {"hasNextPage": total > first}}
        return Answer.json({"data": {"dotcom": {"productSubscriptions": page}}})

    def _each(aliases: dict[str, str]) -> Answer:
        known = {str(one["uuid"]): one for one in others}
        missing = [alias for alias, uuid in aliases.items() if uuid not in known]
        if missing:
            errors = [{"message": "product subscription not found", "path": ["dotcom", alias]} for alias in missing]
            return Answer.json({"errors": errors[:1], "data": None})
        return Answer.json({"data": {"dotcom": {alias: known[uuid] for alias, uuid in aliases.items()}}})

    return answer


def pull(url: str, seen: Sequence[str] = ()) -> Page:
    fetch = site_admin.tables["raw_site_admin.subscription"].fetch
    assert fetch
    with site_admin.connect(url, SETTINGS) as client:
        (page,) = fetch(Pull(client, SETTINGS, NOW, {"uuids": list(seen)} if seen else None))
    return page


@pytest.mark.parametrize("total", [0, 1, module.SLACK - 1, module.SLACK, module.SLACK + 1, 3 * module.SLACK])
def test_a_list_of_any_length_is_complete(total: int) -> None:
    with answering(vendor_of([total])) as vendor:
        assert len(pull(vendor.url).rows) == total
        assert len(vendor.asked) == 2


def test_a_list_that_grows_beyond_the_slack_is_asked_for_again() -> None:
    grown = 2 * module.SLACK
    with answering(vendor_of([1, grown, grown])) as vendor:
        assert len(pull(vendor.url).rows) == grown
        assert len(vendor.asked) == 3


def test_a_list_that_grows_each_time_is_an_error() -> None:
    with answering(vendor_of([100 * i for i in range(20)])) as vendor, pytest.raises(SourceError, match="It changed"):
        pull(vendor.url)


def test_one_node_too_many_is_not_taken_for_the_whole_list() -> None:
    total = module.SLACK + 2  # the first answer has SLACK + 1 of them, as if there were no more
    with answering(vendor_of([0, total, total])) as vendor:
        assert len(pull(vendor.url).rows) == total


def test_subscriptions_that_exist_no_more_are_left_out_and_forgotten() -> None:
    others = [subscription("old", is_archived=True)]
    with answering(vendor_of([1], others)) as vendor:
        page = pull(vendor.url, ["gone-1", "old", "gone-2", "u0"])
    assert [(row["uuid"], row["is_archived"]) for row in page.rows] == [("u0", False), ("old", True)]
    assert page.cursor == {"uuids": ["old", "u0"]}


def test_many_hidden_subscriptions_are_asked_for_in_several_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ALIASES", 3)
    others = [subscription(f"old{i}", is_archived=True) for i in range(7)]
    with answering(vendor_of([0], others)) as vendor:
        page = pull(vendor.url, [f"old{i}" for i in range(7)])
        assert len(vendor.asked) == 2 + 3
    assert len(page.rows) == 7


def test_an_error_of_graphql_says_what_the_server_says() -> None:
    with (
        answering(lambda _asked: Answer.json({"errors": [{"message": "must be site admin"}], "data": None})) as vendor,
        pytest.raises(SourceError, match=r"must be site admin.* may not be a site admin's"),
    ):
        pull(vendor.url)


def test_nothing_asks_for_the_field_that_fails_for_deleted_accounts() -> None:
    assert "url" not in module.SUBSCRIPTION_FIELDS.split()


def test_a_uuid_is_told_to_the_server_and_is_no_part_of_the_query() -> None:
    hostile = '") { id } productLicenses(first: 1) { totalCount } #'
    with answering(vendor_of([1], [subscription(hostile, is_archived=True)])) as vendor:
        page = pull(vendor.url, [hostile])
    assert {row["uuid"] for row in page.rows} == {"u0", hostile}
    assert not any(hostile in json.loads(asked.body)["query"] for asked in vendor.asked)
