"""Looker's users, groups and roles, who is in which group, and who was given which role."""

from __future__ import annotations

from collections.abc import Iterator

from sg_assets.columns import Column
from sg_assets.source import Page, Pull
from sg_assets.sources.looker.connection import PERSONAL, PSEUDONYMOUS, Json, listed, looker, paged, undeclared
from sg_assets.table import Mode

LOGINS = ("credentials_email", "credentials_google", "credentials_saml")
"""The ways in which people sign in."""
USER_FIELDS = (
    "id,first_name,last_name,display_name,email,is_disabled,verified_looker_employee,group_ids,role_ids,"
    + ",".join(f"{login}(created_at,logged_in_at)" for login in LOGINS)
    + ",credentials_api3(id)"
)
GROUP_FIELDS = "id,name,user_count,external_group_id,externally_managed"
ROLE_FIELDS = "id,name,permission_set(id,name,permissions,all_access),model_set(id,name,models,all_access)"

USER = (
    Column("id", "STRING", "Looker's id of the user.", PSEUDONYMOUS),
    Column("first_name", "STRING", "First name.", PERSONAL),
    Column("last_name", "STRING", "Last name.", PERSONAL),
    Column("display_name", "STRING", "Full name.", PERSONAL),
    Column("email", "STRING", "E-mail address; null of an account that only a program uses.", PERSONAL),
    Column("is_disabled", "BOOL", "Whether the account is switched off."),
    Column("is_looker_employee", "BOOL", "Whether it belongs to somebody of Looker's support."),
    Column("role_ids", "ARRAY<STRING>", "Roles that the user has, by itself or through groups."),
    Column("login_created_at", "TIMESTAMP", "When the user was first given a way to sign in."),
    Column("last_login_at", "TIMESTAMP", "When the user last signed in; null where that never happened."),
    Column("has_api_key", "BOOL", "Whether programs may act in its name."),
)
GROUP = (
    Column("id", "STRING", "Looker's id of the group; 1 is everybody."),
    Column("name", "STRING", "Name of the group, usually a department."),
    Column("user_count", "INT64", "Number of its users."),
    Column("external_group_id", "STRING", "Its id where people sign in, for a group that is kept there."),
    Column("is_externally_managed", "BOOL", "Whether it is kept there."),
)
ROLE = (
    Column("id", "STRING", "Looker's id of the role."),
    Column("name", "STRING", "Name of the role."),
    Column("permission_set_name", "STRING", "Name of its set of permissions."),
    Column("permissions", "ARRAY<STRING>", "What it permits; empty where it permits everything."),
    Column("permits_everything", "BOOL", "Whether it is the role of admins."),
    Column("model_set_name", "STRING", "Name of its set of models."),
    Column("models", "ARRAY<STRING>", "Models that it permits to read; empty where it permits all."),
    Column("permits_all_models", "BOOL", "Whether it permits to read all models."),
)
GROUP_MEMBERSHIP = (
    Column("group_id", "STRING", "The group."),
    Column("user_id", "STRING", "The user who is in it.", PSEUDONYMOUS),
)
ROLE_ASSIGNMENT = (
    Column("role_id", "STRING", "The role."),
    Column("holder_type", "STRING", "user or group: who was given it."),
    Column("holder_id", "STRING", "Id of the user or group.", PSEUDONYMOUS),
)


@looker.pull(columns=USER, key=("id",), mode=Mode.SNAPSHOT, may_be_empty=False)
def user(pull: Pull) -> Iterator[Page]:
    """One row per user of Looker, switched off or not; a deleted one says so."""
    yield Page([_user(came) for came in _users(pull)])


@looker.pull(columns=GROUP, key=("id",), mode=Mode.SNAPSHOT)
def group(pull: Pull) -> Iterator[Page]:
    """One row per group of users."""
    for found in paged(pull, "/groups", GROUP_FIELDS):
        rows = []
        for came in found:
            named = {name: came.get(name) for name in ("id", "name", "user_count", "external_group_id")}
            is_external = {"is_externally_managed": came.get("externally_managed")}
            rows.append(undeclared(came, GROUP_FIELDS) | named | is_external)
        yield Page(rows)


@looker.pull(columns=ROLE, key=("id",), mode=Mode.SNAPSHOT)
def role(pull: Pull) -> Iterator[Page]:
    """One row per role: a set of permissions together with a set of models."""
    yield Page([_role(came) for came in _roles(pull)])


@looker.pull(columns=GROUP_MEMBERSHIP, key=("group_id", "user_id"), mode=Mode.SNAPSHOT)
def group_membership(pull: Pull) -> Iterator[Page]:
    """One row per user in a group."""
    yield Page([{"group_id": id_, "user_id": came["id"]} for came in _users(pull) for id_ in came["group_ids"]])


@looker.pull(columns=ROLE_ASSIGNMENT, key=("role_id", "holder_type", "holder_id"), mode=Mode.SNAPSHOT)
def role_assignment(pull: Pull) -> Iterator[Page]:
    """One row per role that was given to a user or to a group; the members of the group then have it, too."""
    for id_ in [came["id"] for came in _roles(pull)]:
        users = listed(pull, f"/roles/{id_}/users", "id", direct_association_only="true")
        groups = listed(pull, f"/roles/{id_}/groups", "id")
        yield Page([{"role_id": id_, "holder_type": "user", "holder_id": came["id"]} for came in users])
        yield Page([{"role_id": id_, "holder_type": "group", "holder_id": came["id"]} for came in groups])


def _users(pull: Pull) -> list[Json]:
    """All users, listed once a run."""
    return pull.once("users", lambda: [came for found in paged(pull, "/users", USER_FIELDS) for came in found])


def _roles(pull: Pull) -> list[Json]:
    """All roles, listed once a run."""
    return pull.once("roles", lambda: listed(pull, "/roles", ROLE_FIELDS))


def _user(came: Json) -> dict[str, object]:
    logins: list[Json] = [came[name] for name in LOGINS if came.get(name)]
    return undeclared(came, USER_FIELDS) | {
        **{name: came.get(name) for name in ("id", "first_name", "last_name", "display_name", "email", "is_disabled")},
        "is_looker_employee": came.get("verified_looker_employee"),
        "role_ids": sorted(came.get("role_ids") or ()),
        "login_created_at": min((one["created_at"] for one in logins if one.get("created_at")), default=None),
        "last_login_at": max((one["logged_in_at"] for one in logins if one.get("logged_in_at")), default=None),
        "has_api_key": bool(came.get("credentials_api3")),
    }


def _role(came: Json) -> dict[str, object]:
    permissions, models = came.get("permission_set") or {}, came.get("model_set") or {}
    return undeclared(came, ROLE_FIELDS) | {
        "id": came["id"],
        "name": came["name"],
        "permission_set_name": permissions.get("name"),
        "permissions": sorted(permissions.get("permissions") or ()),
        "permits_everything": permissions.get("all_access"),
        "model_set_name": models.get("name"),
        "models": sorted(models.get("models") or ()),
        "permits_all_models": models.get("all_access"),
    }
