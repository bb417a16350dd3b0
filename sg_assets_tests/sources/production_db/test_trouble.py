"""What goes wrong with a database: one error that names source and table, what came and what to do."""

from __future__ import annotations

import pytest

from sg_assets.examination import Finding
from sg_assets.http import SourceError
from sg_assets.sandbox.faults import Kind
from sg_assets.sources.production_db import examine, production_db
from sg_assets_tests.sources.production_db.conftest import Dotcom

TROUBLE: dict[Kind, tuple[str, dict[str, str], int | None, str]] = {
    Kind.EXPIRED_TOKEN: ("*", {}, 401, r'password authentication failed for user "sg_assets". Check the role'),
    Kind.SERVER_ERROR: ("*", {}, None, r"failed: No such file or directory. Is the server up"),
    Kind.TOO_MANY_REQUESTS: ("*", {}, None, r'too many connections for role "sg_assets"'),
    Kind.FORBIDDEN: ("users", {}, 403, r"permission denied for table users. The role may not read this: grant it"),
    Kind.RENAMED_FIELD: (
        "users",
        {"field": "tags", "to": "labels"},
        404,
        r'column "tags" does not exist. A column was renamed',
    ),
    Kind.CUT_BODY: ("users", {}, None, r"server closed the connection unexpectedly. Is the server up"),
}


@pytest.mark.parametrize("kind", TROUBLE)
def test_a_fault_is_an_error_that_says_what_to_do_and_passes_with_the_fault(dotcom: Dotcom, kind: Kind) -> None:
    match, options, status, said = TROUBLE[kind]
    dotcom.sandbox.faults.switch_on(kind, "production_db", match=match, count=None, **options)
    with pytest.raises(SourceError, match=f"^production_db: read users: .*{said}") as caught:
        dotcom.rows("users")
    assert caught.value.status == status
    assert "sandbox-reader" not in str(caught.value)
    dotcom.sandbox.faults.clear()
    assert dotcom.rows("users")


def test_an_error_in_one_table_does_no_harm_to_the_others_of_the_run(dotcom: Dotcom) -> None:
    dotcom.sandbox.faults.switch_on(Kind.FORBIDDEN, "production_db", match="users")
    with dotcom.connect() as database:
        with pytest.raises(SourceError, match="read users"):
            dotcom.pages_of(database, "users")
        assert dotcom.pages_of(database, "orgs")
        assert database.calls == 3


def test_a_connection_that_is_cut_once_is_made_again(dotcom: Dotcom) -> None:
    dotcom.sandbox.faults.switch_on(Kind.CUT_BODY, "production_db", match="event_logs", count=1)
    with dotcom.connect() as database:
        with pytest.raises(SourceError, match=r"read event_logs: .*closed the connection"):
            dotcom.pages_of(database, "event_logs")
        assert dotcom.pages_of(database, "event_logs")


def test_doctor_finds_every_table_and_reads_no_row(dotcom: Dotcom) -> None:
    with dotcom.connect() as database:
        found = list(examine(database, {}))
    assert len(found) == len(production_db.tables)
    assert all(finding == Finding(finding.subject) for finding in found)


def test_doctor_names_what_may_not_be_read_and_what_is_not_there(dotcom: Dotcom) -> None:
    dotcom.sandbox.faults.switch_on(Kind.FORBIDDEN, "production_db", match="orgs")
    dotcom.sandbox.faults.switch_on(Kind.RENAMED_FIELD, "production_db", match="repo", field="stars", to="likes")
    with dotcom.connect() as database:
        found = {finding.subject: finding for finding in examine(database, {}) if not finding.is_permitted}
    assert found.keys() == {"orgs", "repo"}
    assert "permission denied" in found["orgs"].detail
    assert "stars" in found["repo"].detail


def test_doctor_says_nothing_of_rights_where_no_server_answers(dotcom: Dotcom) -> None:
    dotcom.sandbox.faults.switch_on(Kind.SERVER_ERROR, "production_db")
    with dotcom.connect() as database, pytest.raises(SourceError, match="Is the server up"):
        list(examine(database, {}))
