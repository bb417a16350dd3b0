"""How Looker's API 4.0 writes people: users, groups and roles, with the field names and nulls of its specification.

https://cloud.google.com/looker/docs/reference/looker-api/latest/types. Ids are texts.
"""

from __future__ import annotations

from datetime import datetime

from sg_assets.sandbox.company.looker_access import ADMIN, EVERYBODY, GROUPS, ROLES, SERVICE_ID, VIEW_BY_GROUP, Account

Json = dict[str, object]
_VIEWING = ["access_data", "see_looks", "see_user_dashboards", "see_lookml_dashboards"]
_PERMISSIONS = {
    "Admin": [],
    "Developer": [*_VIEWING, "develop", "deploy", "explore", "save_content"],
    "View": _VIEWING,
    "View and edit": [*_VIEWING, "explore", "save_content"],
}


def stamp(at: datetime | None) -> str | None:
    """A time as Looker writes it."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.000+00:00" if at else None


def user(one: Account, at: datetime) -> Json:
    """An account of a person. Most sign in by SAML; a few still have a password."""
    person, seen = one.owner.person, stamp(one.logged_in_at(at))
    credentials: Json = {"created_at": stamp(one.created_at), "email": person.email, "logged_in_at": seen}
    has_password = int(one.id) % 8 == 0
    return {
        "id": one.id,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "display_name": person.name,
        "email": person.email,
        "is_disabled": one.is_disabled(at),
        "group_ids": one.group_ids(at),
        "role_ids": one.role_ids(at),
        "roles_externally_managed": False,
        "credentials_email": credentials | {"is_disabled": False} if has_password else None,
        "credentials_google": None,
        "credentials_saml": None if has_password else credentials,
        "credentials_api3": [],
        "locale": "en",
        "personal_folder_id": str(1000 + int(one.id)),
        "presumed_looker_employee": False,
        "verified_looker_employee": False,
        "sessions": [],
        "ui_state": None,
        "url": f"https://looker.example/api/4.0/users/{one.id}",
    }


def service_user(role_ids: list[str]) -> Json:
    """The account behind our key: it has no name, no e-mail address and never signs in as people do."""
    return {
        "id": SERVICE_ID,
        "first_name": "Analytics",
        "last_name": "Service",
        "display_name": "Analytics Service",
        "email": None,
        "is_disabled": False,
        "group_ids": [EVERYBODY],
        "role_ids": role_ids,
        "roles_externally_managed": False,
        "credentials_email": None,
        "credentials_google": None,
        "credentials_saml": None,
        "credentials_api3": [
            {
                "id": "1",
                "client_id": "sandboxclient",
                "created_at": "2022-02-01T09:00:00.000+00:00",
                "is_disabled": False,
            }
        ],
        "locale": "en",
        "personal_folder_id": None,
        "presumed_looker_employee": False,
        "verified_looker_employee": False,
        "sessions": [],
        "ui_state": None,
        "url": f"https://looker.example/api/4.0/users/{SERVICE_ID}",
    }


def groups(members: dict[str, int]) -> list[Json]:
    """The groups; `members` says how many users each has."""
    names = {EVERYBODY: "All Users", **GROUPS}
    return [
        {
            "id": id_,
            "name": name,
            "user_count": members.get(id_, 0),
            "external_group_id": None,
            "externally_managed": False,
            "include_by_default": False,
            "contains_current_user": id_ == EVERYBODY,
            "can_add_to_content_metadata": True,
        }
        for id_, name in names.items()
    ]


def roles() -> list[Json]:
    """The roles."""
    return [
        {
            "id": id_,
            "name": name,
            "permission_set": {
                "id": id_,
                "name": name,
                "permissions": _PERMISSIONS[name],
                "all_access": id_ == ADMIN,
                "built_in": id_ == ADMIN,
            },
            "permission_set_id": id_,
            "model_set": {"id": "1", "name": "All", "models": [], "all_access": True, "built_in": True},
            "model_set_id": "1",
            "url": f"https://looker.example/api/4.0/roles/{id_}",
            "users_url": f"https://looker.example/api/4.0/roles/{id_}/users",
        }
        for id_, name in ROLES.items()
    ]


def groups_of_role(name: str) -> list[str]:
    """The groups that give a role to whoever is in them."""
    return [id_ for id_, group in GROUPS.items() if name == "View" and group == VIEW_BY_GROUP]
