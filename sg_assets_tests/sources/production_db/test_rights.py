"""The rights that are written down are enough on a real server, and whatever is beyond them is found."""

from __future__ import annotations

from typing import cast

import pytest

from sg_assets.examination import Finding
from sg_assets.postgres import Database
from sg_assets.sandbox import production_db as stand_in
from sg_assets.sources.production_db import examine, production_db
from sg_assets_tests.sources.production_db.conftest import Dotcom

ROLE, PASSWORD = "least", "least-password"


def as_role(dotcom: Dotcom, *grants: str, options: str = "") -> list[Finding]:
    """What doctor finds of a new role with these rights only; the role is gone afterwards."""
    url = stand_in.url_of(dotcom.sandbox).replace("//sg_assets:sandbox-reader@", f"//{ROLE}:{PASSWORD}@")
    dotcom.run(f"create role {ROLE} login password '{PASSWORD}' {options};" + "".join(f"{one};" for one in grants))
    try:
        with cast("Database", production_db.connect(url, {})) as database:
            return list(examine(database, {}))
    finally:
        dotcom.run(f"drop owned by {ROLE}; drop role {ROLE};")


def declared() -> list[str]:
    return [f"grant {right.name} on {right.on} to {ROLE}" for right in production_db.needs]


def test_the_declared_rights_are_enough_and_not_too_much(dotcom: Dotcom) -> None:
    found = as_role(dotcom, *declared())
    assert len(found) == len(production_db.needs)
    assert all(finding == Finding(finding.subject) for finding in found)


@pytest.mark.parametrize("left_out", range(len(production_db.needs)), ids=lambda at: production_db.needs[at].on)
def test_each_of_them_is_needed(dotcom: Dotcom, left_out: int) -> None:
    grants = declared()
    del grants[left_out]
    (refused,) = [finding for finding in as_role(dotcom, *grants) if not finding.is_permitted]
    assert f"table {refused.subject}" == production_db.needs[left_out].on


@pytest.mark.parametrize(
    ("grant", "may"),
    [
        (f"grant select on users to {ROLE}", "read users (passwd, passwd_reset_code, passwd_reset_time)"),
        (f"grant update (tags) on users to {ROLE}", "change users (update)"),
        (f"grant truncate on repo to {ROLE}", "change repo (truncate)"),
        (f"grant create on schema public to {ROLE}", "change the schema public (create)"),
    ],
)
def test_a_right_beyond_them_is_told(dotcom: Dotcom, grant: str, may: str) -> None:
    (further,) = [finding for finding in as_role(dotcom, *declared(), grant) if finding.is_too_much]
    assert further.subject == may


def test_of_a_superuser_it_is_told_that_it_is_one(dotcom: Dotcom) -> None:
    (further,) = [finding for finding in as_role(dotcom, options="superuser") if finding.is_too_much]
    assert further.subject == "be a superuser"
