"""Product subscriptions and licences of sourcegraph.com, from the site admin's GraphQL API.

The API has no cursor, no `since` and hides archived subscriptions from its list; what that asks of a client is in
`_listed` and `subscription`. Licence keys are secrets: only their hash and claims leave this module.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from sg_assets.columns import Classification, Column
from sg_assets.license_key import claims_columns, license_columns
from sg_assets.promise import HOURLY
from sg_assets.source import Page, Pull, Row, Source, Variable
from sg_assets.table import Mode

if TYPE_CHECKING:
    from sg_assets.http import Client


def connect(base_url: str, settings: Mapping[str, str]) -> Client:
    """A client that signs in with the access token of a site admin."""
    raise NotImplementedError


site_admin = Source(
    name="site_admin",
    description="Product subscriptions and licences, as the site admin of sourcegraph.com sees them.",
    owner="team:analytics",
    promise=HOURLY,
    connect=connect,
    base_url="https://sourcegraph.com",
    variables=(Variable("SG_SITE_ADMIN_TOKEN", "Access token of a site admin of sourcegraph.com.", is_secret=True),),
)

SUBSCRIPTION_COLUMNS = (
    Column("id", "STRING", "GraphQL id of the subscription."),
    Column("uuid", "STRING", "UUID of the subscription."),
    Column("name", "STRING", "Name of the subscription, made by the server."),
    Column("account_id", "STRING", "GraphQL id of the user account that owns it; null when the account was deleted."),
    Column(
        "account_username",
        "STRING",
        "Username of that account: the company's name, a dash, and Salesforce's Unique Account ID.",
        Classification.PSEUDONYMOUS,
    ),
    Column("account_display_name", "STRING", "Display name of that account.", Classification.PERSONAL),
    Column("account_email", "STRING", "Primary e-mail address of that account.", Classification.PERSONAL),
    Column("active_license_id", "STRING", "Newest licence of the subscription, even when it expired or was revoked."),
    Column("created_at", "TIMESTAMP", "When the subscription was created."),
    Column("is_archived", "BOOL", "Whether it was archived: the list no longer shows it, and its licences do not count."),
    Column("url_for_site_admin", "STRING", "Path of its page for site admins."),
)

_CLAIMS = {column.name: column for column in claims_columns}
LICENSE_COLUMNS = (
    Column("id", "STRING", "GraphQL id of the licence."),
    Column("subscription_id", "STRING", "GraphQL id of its subscription."),
    Column("subscription_uuid", "STRING", "UUID of its subscription."),
    _CLAIMS["license_key_sha256"],
    _CLAIMS["license_version"],
    _CLAIMS["license_salesforce_subscription_id"],
    _CLAIMS["license_salesforce_opportunity_id"],
    Column("product_name", "STRING", "Name of the product, with the brand, that the licence's tags stand for."),
    Column("tags", "ARRAY<STRING>", "Tags of the licence, such as plan:enterprise-1, true-up or trial."),
    Column("user_count", "INT64", "Users that the licence allows."),
    Column("expires_at", "TIMESTAMP", "When the licence expires."),
    Column("created_at", "TIMESTAMP", "When the licence was created."),
    Column("revoked_at", "TIMESTAMP", "When it was revoked; null while it was not."),
    Column("revoke_reason", "STRING", "Why it was revoked."),
    Column("site_id", "STRING", "Instance that uses it, where one reported itself."),
    Column("is_active", "BOOL", "Whether it is its subscription's newest licence, even when expired or revoked."),
)


@site_admin.pull(columns=SUBSCRIPTION_COLUMNS, key=("id",), mode=Mode.SNAPSHOT)
def subscription(pull: Pull) -> Iterator[Page]:
    """One row per product subscription, archived ones included once they were seen."""
    raise NotImplementedError


@site_admin.pull(columns=LICENSE_COLUMNS, key=("id",), mode=Mode.SNAPSHOT)
def license(pull: Pull) -> Iterator[Page]:  # noqa: A001 (the table's name)
    """One row per licence ever generated; a renewal is a new licence of the same subscription."""
    raise NotImplementedError
