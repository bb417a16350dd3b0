"""Looker's users, groups and roles are those of the made-up company, and vanish when they are deleted there."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from sg_assets.rows import Shape
from sg_assets.sandbox.company.looker_access import GROUPS, VIEW, access, accounts
from sg_assets.sandbox.faults import Kind
from sg_assets.sandbox.looker_people import stamp
from sg_assets.sources.looker import looker
from sg_assets_tests.mini import Mini
from sg_assets_tests.scripted_vendor import answering
from sg_assets_tests.sources.conftest import World
from sg_assets_tests.sources.looker.conftest import ADMIN, pull, telling

TABLES = ("user", "group", "role", "group_membership", "role_assignment")


@pytest.mark.parametrize("table", TABLES)
def test_everything_comes_in_its_declared_shape(world: World, table: str) -> None:
    rows = world.rows(looker, table)
    fitted = Shape(looker.tables[f"raw_looker.{table}"].table).fit(rows)
    assert (fitted.misfits, fitted.unknown) == ({}, {})
    assert fitted.table.num_rows == len(rows) > 3


def test_users_are_the_accounts_of_the_staff(world: World) -> None:
    rows = {row["id"]: row for row in world.rows(looker, "user")}
    there = {one.id: one for one in accounts(world.sandbox.company) if one.is_there(world.now)}
    assert set(rows) == {"2"} | set(there)
    assert (rows["2"]["has_api_key"], rows["2"]["email"], rows["2"]["last_login_at"]) == (True, None, None)
    for id_, one in there.items():
        assert (rows[id_]["email"], rows[id_]["is_disabled"]) == (one.owner.person.email, one.is_disabled(world.now))
        assert rows[id_]["last_login_at"] == stamp(one.logged_in_at(world.now))


def test_who_breaks_the_rule_can_be_told_from_groups_and_roles(world: World) -> None:
    groups = {row["id"]: row["name"] for row in world.rows(looker, "group")}
    member_of: dict[object, set[object]] = {}
    for row in world.rows(looker, "group_membership"):
        member_of.setdefault(row["user_id"], set()).add(groups[row["group_id"]])
    holders = {(row["holder_type"], row["holder_id"]) for row in world.rows(looker, "role_assignment")}
    given = {("user", row["holder_id"]) for row in world.rows(looker, "role_assignment") if row["role_id"] == VIEW}
    truth = access(world.sandbox.company, world.now)
    users = {row["id"]: row for row in world.rows(looker, "user")}
    for id_, one in truth.items():
        assert one.is_in_group == (one.department.value in member_of[id_])
        assert one.has_role == (VIEW in list(users[id_]["role_ids"]))  # pyrefly: ignore[bad-argument-type]
        if ("user", id_) in given:
            assert one.has_role
    by_group = [id_ for kind, id_ in holders if kind == "group"]
    assert [GROUPS[str(id_)] for id_ in by_group] == ["Finance"]


def test_roles_say_what_they_permit(world: World) -> None:
    rows = {row["name"]: row for row in world.rows(looker, "role")}
    assert (rows["Admin"]["permits_everything"], rows["Admin"]["permissions"]) == (True, [])
    assert "explore" in list(rows["View and edit"]["permissions"])  # pyrefly: ignore[bad-argument-type]
    assert rows["View"]["permits_all_models"] is True


def test_assignments_take_two_calls_for_each_role(world: World) -> None:
    fetch = looker.tables["raw_looker.role_assignment"].fetch
    assert fetch
    from sg_assets.source import Pull

    with world.client(looker) as client:
        list(fetch(Pull(client, world.settings(looker), world.now)))
        assert client.calls == 3 + 2 * 4


def test_a_deleted_user_stays_and_says_so_and_half_a_list_is_refused(world: World, tmp_path: Path) -> None:
    leaver = next(one for one in accounts(world.sandbox.company) if one.deleted_at)
    with Mini(tmp_path) as mini:
        mini.set("SG_LOOKER_URL", f"{world.url}/looker")
        for name, value in world.settings(looker).items():
            mini.set(name, value)
        mini.more_sources.append(looker)
        for days in (0, 3, 6):
            world.now += timedelta(days=days)
            mini.now = world.now
            assert {r.reason for r in mini.refresh("raw_looker.user").tables} == {""}
        gone = mini.rows("select id, _deleted_at from raw_looker.user where _deleted_at is not null")
        assert gone == [(leaver.id, world.now)]
        mini.later(timedelta(days=1))
        world.sandbox.faults.switch_on(Kind.EMPTY_LIST, "looker", match="users")
        (report,) = mini.refresh("raw_looker.user").tables
        assert "raw_looker.user" in report.reason
        assert mini.rows("select count(*) from raw_looker.user where _deleted_at is null")[0][0] != 0


def test_an_undeclared_field_is_kept(world: World) -> None:
    world.sandbox.faults.switch_on(Kind.UNKNOWN_FIELD, "looker", match="users", count=1)
    fitted = Shape(looker.tables["raw_looker.user"].table).fit(world.rows(looker, "user"))
    assert fitted.unknown == {"surprise": len(fitted.table)}


def test_the_documented_answers_become_rows() -> None:
    login = {"created_at": "2022-03-01T10:00:00.000+00:00", "logged_in_at": "2022-09-14T17:05:12.000+00:00"}
    old = {"created_at": "2019-03-01T10:00:00.000+00:00", "logged_in_at": None}
    user = {
        "id": "7", "first_name": "Ada", "last_name": None, "display_name": "Ada", "email": "ada@acme.example",
        "is_disabled": False, "verified_looker_employee": True, "group_ids": ["1", "9"], "role_ids": ["3", "2"],
        "credentials_email": old, "credentials_google": None, "credentials_saml": login, "credentials_api3": [],
    }  # fmt: skip
    role = {"id": "2", "name": "Viewer", "permission_set": {"all_access": True}, "model_set": None}
    answers = {**ADMIN, "/users": [user], "/roles": [role], "/roles/2/users": [], "/roles/2/groups": [{"id": "9"}]}
    with answering(telling(answers)) as vendor:
        (row,) = pull(vendor.url, "user")
        assert pull(vendor.url, "group_membership") == [
            {"group_id": "1", "user_id": "7"},
            {"group_id": "9", "user_id": "7"},
        ]
        assert pull(vendor.url, "role_assignment") == [{"role_id": "2", "holder_type": "group", "holder_id": "9"}]
        (shown,) = pull(vendor.url, "role")
    assert (row["login_created_at"], row["last_login_at"]) == (old["created_at"], login["logged_in_at"])
    assert (row["role_ids"], row["has_api_key"], row["is_looker_employee"]) == (["2", "3"], False, True)
    assert (shown["models"], shown["permits_all_models"]) == ([], None)
