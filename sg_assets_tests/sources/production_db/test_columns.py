"""What is read of the database is what may leave it: a test plants secrets in every other column and looks for them."""

from __future__ import annotations

import pytest

from sg_assets.columns import Classification
from sg_assets.sources.production_db import READ, columns, production_db
from sg_assets_tests.sources.production_db.conftest import Dotcom

SECRETS = {
    "users": ("passwd", "passwd_reset_code", "passwd_reset_time"),
    "user_emails": ("verification_code",),
    "orgs": ("slack_webhook_url",),
    "event_logs": ("url", "argument"),
    "product_licenses": ("license_check_token",),
}
"""As the product's own description of its database marks them."""


@pytest.mark.parametrize("table", SECRETS)
def test_no_secret_is_asked_for(table: str) -> None:
    assert not {column.name for column in READ[table]} & set(SECRETS[table])


def test_the_only_secret_that_is_asked_for_is_the_licence_key_and_no_table_has_it() -> None:
    asked = [column for table in READ.values() for column in table if column.classification is Classification.SECRET]
    assert asked == [columns.LICENSE_KEY]
    stored = [column for raw in production_db.tables.values() for column in raw.table.columns]
    assert not {column.name for column in stored if column.classification is Classification.SECRET}
    assert columns.LICENSE_KEY.name not in {column.name for column in stored}


def test_what_is_read_holds_no_planted_secret(dotcom: Dotcom) -> None:
    for name in production_db.tables:
        assert "secret" not in str(dotcom.rows(name.partition(".")[2])), name


def test_the_reader_of_the_sandbox_is_not_even_allowed_to(dotcom: Dotcom) -> None:
    for table, names in SECRETS.items():
        for name in names:
            asked = f"select has_column_privilege('sg_assets', '{table}', '{name}', 'select')"
            assert dotcom.run(asked).strip() == "f", (table, name)
