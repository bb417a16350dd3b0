from typing import Any

import pytest
import requests

from sg_assets.sandbox.company.looker_access import accounts
from sg_assets.sandbox.company.looker_content import LOOKML_DASHBOARDS, looks
from sg_assets.sandbox.faults import Kind
from sg_assets.sandbox.looker import CLIENT_ID, CLIENT_SECRET, VIEWER_SECRET, stand_in
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets_tests.sandbox.world import DAY, NOW, move


@pytest.fixture
def here(url: str) -> str:
    return f"{url}/looker/api/4.0"


def sign_in(here: str, secret: str = CLIENT_SECRET) -> requests.Response:
    return requests.post(f"{here}/login", data={"client_id": CLIENT_ID, "client_secret": secret}, timeout=20)


@pytest.fixture
def admin(here: str) -> str:
    return str(sign_in(here).json()["access_token"])


@pytest.fixture
def viewer(here: str) -> str:
    return str(sign_in(here, VIEWER_SECRET).json()["access_token"])


def get(here: str, token: str, path: str, **params: str) -> Any:  # noqa: ANN401 (JSON)
    return requests.get(here + path, params=params, headers={"Authorization": f"token {token}"}, timeout=20).json()


def test_signing_in_gives_a_token_for_an_hour_and_a_wrong_key_is_not_found(here: str) -> None:
    assert sign_in(here).json()["expires_in"] == 3600
    wrong = sign_in(here, "wrong")
    assert (wrong.status_code, wrong.json()["message"]) == (404, "Not found")


def test_both_words_before_a_token_are_taken_and_a_wrong_token_is_not(here: str, admin: str) -> None:
    for word in ("token", "Bearer"):
        answer = requests.get(f"{here}/user", headers={"Authorization": f"{word} {admin}"}, timeout=20)
        assert answer.json()["role_ids"] == ["1"]
    assert get(here, "x", "/user")["message"] == "Requires authentication."


def test_who_is_no_admin_sees_fewer_without_a_word(here: str, admin: str, viewer: str) -> None:
    assert len(get(here, admin, "/users")) > 50
    assert len(get(here, viewer, "/users")) == 1
    assert get(here, viewer, "/roles")["message"] == "Not found"
    assert get(here, viewer, "/scheduled_plans", all_users="true") == []


def test_lists_are_bare_and_paged_by_limit_and_offset(here: str, admin: str, sandbox: Sandbox) -> None:
    ids = [user["id"] for user in get(here, admin, "/users", sorts="id", fields="id")]
    assert set(ids) == {"2"} | {one.id for one in accounts(sandbox.company) if one.is_there(NOW)}
    assert ids == sorted(ids, key=int)
    pages = [get(here, admin, "/users", sorts="id", limit="50", offset=str(start)) for start in (0, 50, 100)]
    assert [user["id"] for page in pages for user in page] == ids
    assert [user["id"] for user in get(here, admin, "/users", limit="50")] != ids[:50]


def test_only_the_asked_fields_come(here: str, admin: str) -> None:
    (first, *_) = get(here, admin, "/users", fields="id,credentials_saml(logged_in_at,created_at),email")
    assert set(first) == {"id", "credentials_saml", "email"}
    assert set(get(here, admin, "/queries/901366", fields="model,view")) == {"model", "view"}


def test_roles_are_told_apart_by_who_was_given_them(here: str, admin: str) -> None:
    everybody = {user["id"] for user in get(here, admin, "/roles/3/users")}
    direct = {user["id"] for user in get(here, admin, "/roles/3/users", direct_association_only="true")}
    (group,) = get(here, admin, "/roles/3/groups")
    by_group = {user["id"] for user in get(here, admin, "/users") if group["id"] in user["group_ids"]}
    assert direct < everybody == direct | by_group
    assert get(here, admin, "/roles/77/users")["message"] == "Not found"
    assert get(here, admin, "/roles/77/groups")["message"] == "Not found"


def test_the_bin_has_to_be_asked_for_and_lookml_is_not_searched(here: str, admin: str) -> None:
    alive = get(here, admin, "/dashboards/search", deleted="false")
    binned = get(here, admin, "/dashboards/search", deleted="true")
    everything = get(here, admin, "/dashboards")
    assert {one["deleted"] for one in alive} == {False}
    assert {one["deleted_at"] is None for one in binned} == {False}
    assert {one["id"] for one in everything} == {one["id"] for one in alive} | set(LOOKML_DASHBOARDS)
    assert "last_viewed_at" not in everything[0]


def test_purged_content_is_gone(here: str, admin: str, sandbox: Sandbox) -> None:
    one = next(one for one in looks(sandbox.company) if one.purged_at)
    assert one.id in {look["id"] for look in get(here, admin, "/looks/search", deleted="true")}
    move(sandbox, NOW + 3 * DAY)
    assert one.id not in {look["id"] for look in get(here, admin, "/looks/search", deleted="true")}
    assert get(here, admin, f"/queries/{one.query_id}")["message"] == "Not found"


def test_explores_name_their_tables(here: str, admin: str) -> None:
    models = {model["name"]: [one["name"] for one in model["explores"]] for model in get(here, admin, "/lookml_models")}
    assert "telemetry" in models["sourcegraph"]
    found = get(here, admin, "/lookml_models/sourcegraph/explores/telemetry")
    assert found["sql_table_name"] == "customers.telemetry_status"
    assert [join["sql_table_name"] for join in found["joins"]] == ["crm.account"]
    assert get(here, admin, "/lookml_models/sourcegraph/explores/nothing")["message"] == "Not found"


def test_plans_of_others_have_to_be_asked_for(here: str, admin: str) -> None:
    assert get(here, admin, "/scheduled_plans") == []
    assert len(get(here, admin, "/scheduled_plans", all_users="true")) == 12
    assert {board["id"] for board in get(here, admin, "/boards")} == {"2", "5", "8"}
    assert len(get(here, admin, "/dashboard_elements/search")) > 100
    assert len(get(here, admin, "/groups")) == 12


def test_faults_of_rows(here: str, admin: str, sandbox: Sandbox) -> None:
    sandbox.faults.switch_on(Kind.EMPTY_LIST, "looker", match="users", count=1)
    assert get(here, admin, "/users") == []
    sandbox.faults.switch_on(Kind.REPEATED_ROW, "looker", match="users", count=1)
    whole = get(here, admin, "/users", sorts="id")
    assert get(here, admin, "/users", sorts="id", limit="5", offset="5")[0]["id"] == whole[4]["id"]
    sandbox.faults.switch_on(Kind.NULL_VALUE, "looker", match="groups", count=1, field="name")
    sandbox.faults.switch_on(Kind.UNKNOWN_FIELD, "looker", match="groups", count=1)
    assert [group["name"] is None for group in get(here, admin, "/groups")].count(True) == 1
    assert "surprise" not in get(here, admin, "/groups")[0]
    sandbox.faults.switch_on(Kind.EXPIRED_TOKEN, "looker", match="*user*")
    assert get(here, admin, "/user")["message"] == "Requires authentication."


def test_its_settings_are_those_of_the_source() -> None:
    assert set(stand_in.settings) == {"SG_LOOKER_CLIENT_ID", "SG_LOOKER_CLIENT_SECRET"}
