"""What is read of the database: whole tables as of one instant, and of the large one what is new."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import cast

import pytest

from sg_assets.license_key import license_columns
from sg_assets.rows import Shape
from sg_assets.sandbox.company.dotcom_users import dotcom_users
from sg_assets.sandbox.company.event_log import FIRST_ID, committed_at
from sg_assets.sources.production_db import LOOK_BACK, production_db
from sg_assets_tests.sources.production_db.conftest import ANCHOR, Dotcom, rows_of

TABLES = [name.partition(".")[2] for name in production_db.tables]
EVENT = (
    "insert into event_logs (id, name, url, user_id, anonymous_user_id, source, argument, version, timestamp)"
    " values ({id}, 'ViewBlob', '', 1, 'x', 'WEB', '{{}}', '1', '{at}');"
)


@pytest.fixture
def changed(dotcom: Dotcom) -> Iterator[Dotcom]:
    """A database that a test changes; it is put back by being brought to another time."""
    dotcom.connect()
    yield dotcom
    dotcom.run("truncate event_logs, users;")
    dotcom.now = ANCHOR - timedelta(days=50)
    dotcom.connect()


def ids(dotcom: Dotcom, cursor: object = None) -> list[int]:
    return [cast("int", row["id"]) for row in dotcom.rows("event_logs", cast("dict[str, object] | None", cursor))]


def cursor_after(dotcom: Dotcom, cursor: object = None) -> dict[str, int]:
    return cast("dict[str, int]", dotcom.pages("event_logs", cast("dict[str, object] | None", cursor))[-1].cursor)


@pytest.mark.parametrize("table", TABLES)
def test_every_table_comes_in_its_declared_shape(dotcom: Dotcom, table: str) -> None:
    shape = Shape(production_db.tables[f"raw_production_db.{table}"].table)
    for page in dotcom.pages(table):
        fitted = shape.fit(page.rows) if page.arrow is None else shape.fit_arrow(page.arrow)
        assert (fitted.misfits, fitted.unknown) == ({}, {})
        assert fitted.table.num_rows > 0


def test_each_table_is_one_question_and_the_snapshot_one_more(dotcom: Dotcom) -> None:
    with dotcom.connect() as database:
        for count, table in enumerate(TABLES, 2):
            dotcom.pages_of(database, table)
            assert database.calls == count


def test_accounts_are_those_of_the_company_deleted_ones_too(dotcom: Dotcom) -> None:
    there = {user.number: user for user in dotcom_users(dotcom.sandbox.company) if user.is_there(dotcom.now)}
    rows = {row["id"]: row for row in dotcom.rows("users")}
    assert {number: row["username"] for number, row in rows.items()} == {n: u.username for n, u in there.items()}
    gone = {user.number for user in there.values() if user.deleted_at and user.deleted_at <= dotcom.now}
    assert {number for number, row in rows.items() if row["deleted_at"]} == gone
    assert gone


def test_what_is_erased_is_missing_from_the_whole(dotcom: Dotcom) -> None:
    before = {row["id"] for row in dotcom.rows("users")}
    dotcom.now += timedelta(days=6)
    erased = {user.number for user in dotcom_users(dotcom.sandbox.company) if user.erased_at}
    after = {row["id"] for row in dotcom.rows("users")}
    assert before - after == erased & before
    assert before & erased


def test_subscriptions_are_those_that_the_site_admin_sees_and_archived_ones(dotcom: Dotcom) -> None:
    company = dotcom.sandbox.company
    truth = {one.uuid: one for many in company.subscriptions.values() for one in many if one.created_at <= dotcom.now}
    rows = {row["id"]: row for row in dotcom.rows("product_subscriptions")}
    assert {id_: (row["created_at"], row["archived_at"] is not None) for id_, row in rows.items()} == {
        id_: (one.created_at, one.is_archived(dotcom.now)) for id_, one in truth.items()
    }
    owners = {row["id"]: row["username"] for row in dotcom.rows("users")}
    for id_, one in truth.items():
        if one.user:
            assert owners[rows[id_]["user_id"]] == one.user.username


def test_of_a_licence_key_there_are_its_hash_and_its_claims(dotcom: Dotcom) -> None:
    company = dotcom.sandbox.company
    made = {
        each.uuid: each
        for many in company.subscriptions.values()
        for one in many
        for each in one.licenses_at(dotcom.now)
    }
    rows = {row["id"]: row for row in dotcom.rows("product_licenses")}
    assert rows.keys() == made.keys()
    for id_, row in rows.items():
        assert {name: row[name] for name in license_columns(None)} == license_columns(made[cast("str", id_)].key)
        assert "license_key" not in row
        assert made[cast("str", id_)].key not in str(row)


def test_repositories_are_counted_and_not_named(dotcom: Dotcom) -> None:
    rows = dotcom.rows("repo_counts")
    assert sum(cast("int", row["repositories"]) for row in rows) == int(
        dotcom.run("select count(*) from repo where deleted_at is null")
    )
    assert {row["is_private"] for row in rows} == {True, False}
    assert "secret" not in str(rows)


def test_all_tables_of_a_run_are_as_of_one_instant(changed: Dotcom) -> None:
    with changed.connect() as database:
        before = len(rows_of(changed.pages_of(database, "users")))
        changed.run("insert into users (id, username) values (77000000, 'late');" + EVENT.format(id=1, at=changed.now))
        assert len(rows_of(changed.pages_of(database, "users"))) == before
        assert 1 not in {row["id"] for row in rows_of(changed.pages_of(database, "event_logs"))}
        assert database.calls == 4
    assert len(changed.rows("users")) == before + 1


def test_only_reading_is_possible(dotcom: Dotcom) -> None:
    dotcom.run("grant insert on orgs to sg_assets;")
    with dotcom.connect() as database, pytest.raises(Exception, match="read-only transaction"):
        list(database.ask("orgs", "insert into orgs (name) values ('x') returning id", ()))
    dotcom.run("revoke insert on orgs from sg_assets;")


def test_the_first_pull_reads_all_events_of_the_stream_in_their_order(dotcom: Dotcom) -> None:
    rows = dotcom.rows("event_logs")
    found = [cast("int", row["id"]) for row in rows]
    assert found == sorted(found)
    assert found[0] == FIRST_ID
    assert len(found) > 3000
    assert not {"url", "argument"} & rows[0].keys()


def test_the_next_pull_reads_what_is_new_and_the_last_hours_again(dotcom: Dotcom) -> None:
    everything, cursor = dotcom.rows("event_logs"), cursor_after(dotcom)
    open_ = [row["id"] for row in everything if cast("int", row["id"]) > cursor["id"]]
    assert min(cast("datetime", row["timestamp"]) for row in everything if row["id"] in open_) >= dotcom.now - LOOK_BACK
    assert ids(dotcom, cursor) == open_, "nothing new: only the open rows"
    dotcom.now += timedelta(hours=1)
    after = ids(dotcom, cursor)
    assert set(open_) < set(after)
    assert max(after) > max(cast("list[int]", open_))


def test_an_event_that_is_seen_later_than_higher_numbers_is_read_by_the_next_pull(dotcom: Dotcom) -> None:
    events = [(cast("int", row["id"]), cast("datetime", row["timestamp"])) for row in dotcom.rows("event_logs")]
    seen = [committed_at(dotcom.sandbox.seed, id_, at) for id_, at in events]
    overtaken = [n for n in range(len(seen) - 1) if seen[n] > seen[n + 1]]
    late = overtaken[len(overtaken) // 2]
    dotcom.now = seen[late] - timedelta(seconds=1)
    before, cursor = ids(dotcom), cursor_after(dotcom)
    assert events[late][0] not in before
    assert events[late][0] < before[-1]
    dotcom.now = seen[late] + timedelta(hours=1)
    assert events[late][0] in ids(dotcom, cursor)


def test_a_row_from_the_past_or_the_future_does_not_move_the_cursor(changed: Dotcom) -> None:
    cursor = cursor_after(changed)
    highest = ids(changed)[-1]
    changed.run(EVENT.format(id=highest + 1, at="2019-01-01Z") + EVENT.format(id=5, at="2099-01-01Z"))
    assert cursor_after(changed) == cursor


def test_an_infinite_time_is_none(changed: Dotcom) -> None:
    changed.run("insert into users (id, username, invalidated_sessions_at) values (77000001, 'ever', 'infinity');")
    (row,) = [row for row in changed.rows("users") if row["id"] == 77000001]
    assert row["invalidated_sessions_at"] is None


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_events_and_none_are_read_too(changed: Dotcom, count: int) -> None:
    changed.run("truncate event_logs;" + "".join(EVENT.format(id=n + 1, at="2026-01-01Z") for n in range(count)))
    pages = changed.pages("event_logs")
    assert [row["id"] for row in rows_of(pages)] == list(range(1, count + 1))
    assert [page.cursor for page in pages] == ([{"id": count}] if count else [])
    if count:
        assert ids(changed, {"id": count}) == []


def test_a_pull_that_broke_off_goes_on_behind_the_last_page_that_landed(changed: Dotcom) -> None:
    changed.run(
        "truncate event_logs; insert into event_logs (name, url, user_id, anonymous_user_id, source, argument, version,"
        " timestamp) select 'ViewBlob', '', 1, repeat('x', 200), 'WEB', '{}', '1', '2026-01-01Z'"
        " from generate_series(1, 150000);"
    )
    pages = changed.pages("event_logs")
    assert len(pages) > 1
    landed = [row["id"] for row in rows_of(pages[:1])]
    rest = [row["id"] for row in changed.rows("event_logs", pages[0].cursor)]
    assert landed + rest == [row["id"] for row in rows_of(pages)]
