"""The columns that are read of sourcegraph.com's database, under its own names; secrets and private ones are left out.

Left out are passwords and codes, hooks, tokens, and of events the address and the argument, which never leave the
database. What the tables are, and how they are read, is in `__init__.py`.
"""

from __future__ import annotations

from sg_assets.columns import Classification, Column
from sg_assets.license_key import claims_columns

PERSONAL, PSEUDONYMOUS = Classification.PERSONAL, Classification.PSEUDONYMOUS

CREATED_AT = Column("created_at", "TIMESTAMP", "When the row was made.")
UPDATED_AT = Column("updated_at", "TIMESTAMP", "When it was last changed, as far as the product notes that.")
DELETED_AT = Column("deleted_at", "TIMESTAMP", "When it was marked as deleted; null while it lives.")
USER_ID = Column("user_id", "INT64", "Account: `id` in `users`.", PSEUDONYMOUS)

USERS = (
    Column("id", "INT64", "Number of the account.", PSEUDONYMOUS),
    Column(
        "username",
        "STRING",
        "Name to sign in with; that of a customer is the company's name, a dash, and its Unique Account ID.",
        PERSONAL,
    ),
    Column("display_name", "STRING", "Name that is shown.", PERSONAL),
    Column("avatar_url", "STRING", "Address of the person's picture.", PERSONAL),
    CREATED_AT,
    UPDATED_AT,
    DELETED_AT,
    Column("invite_quota", "INT64", "Invitations that the account may still send."),
    Column("site_admin", "BOOL", "Whether it may do everything on sourcegraph.com."),
    Column("page_views", "INT64", "Pages that it has seen, as the product counts them."),
    Column("search_queries", "INT64", "Searches that it has made, as the product counts them."),
    Column("tags", "ARRAY<STRING>", "What is switched on for this account only."),
    Column("billing_customer_id", "STRING", "Customer at the payment service, from the years of paying online."),
    Column("invalidated_sessions_at", "TIMESTAMP", "Sessions from before then have ended."),
    Column("tos_accepted", "BOOL", "Whether the terms of service were accepted."),
    Column("searchable", "BOOL", "Whether other people find the account."),
)
USER_EMAILS = (
    USER_ID,
    Column("email", "STRING", "E-mail address.", PERSONAL),
    CREATED_AT,
    Column("verified_at", "TIMESTAMP", "When its owner proved to read it; null for nobody."),
    Column("last_verification_sent_at", "TIMESTAMP", "When that was last asked for."),
    Column("is_primary", "BOOL", "Whether it is the one that the account is written to."),
)
ORGS = (
    Column("id", "INT64", "Number of the organisation."),
    Column("name", "STRING", "Name in addresses."),
    CREATED_AT,
    UPDATED_AT,
    Column("display_name", "STRING", "Name that is shown."),
    DELETED_AT,
)
ORG_MEMBERS = (
    Column("id", "INT64", "Number of the membership."),
    Column("org_id", "INT64", "Organisation: `id` in `orgs`."),
    CREATED_AT,
    UPDATED_AT,
    USER_ID,
)
EVENT_LOGS = (
    Column("id", "INT64", "Number of the event, given when it was written; some are seen later than higher ones."),
    Column("name", "STRING", "What happened, such as SearchResultsFetched or ViewBlob."),
    Column("user_id", "INT64", "Account: `id` in `users`; 0 for somebody without one.", PSEUDONYMOUS),
    Column("anonymous_user_id", "STRING", "Browser, or `backend` for what no person did.", PSEUDONYMOUS),
    Column("source", "STRING", "What reported it: WEB, BACKEND, CODEHOSTINTEGRATION, …"),
    Column("version", "STRING", "Build of the product."),
    Column("timestamp", "TIMESTAMP", "When it happened, by the server's clock."),
    Column("feature_flags", "JSON", "Switches of features as they then were for this person."),
    Column("cohort_id", "DATE", "Monday of the week of the first visit."),
    Column("public_argument", "JSON", "What else is told of the event and may leave the database."),
    Column("first_source_url", "STRING", "First page that this browser ever saw.", PSEUDONYMOUS),
    Column("last_source_url", "STRING", "First page of this visit.", PSEUDONYMOUS),
    Column("referrer", "STRING", "Page that led here."),
    Column("device_id", "STRING", "Device, as Amplitude counts them.", PSEUDONYMOUS),
    Column("insert_id", "STRING", "Mark by which Amplitude knows a repeated event."),
    Column("billing_product_category", "STRING", "Product that the event is billed for, if any."),
    Column("billing_event_id", "STRING", "Billed event that it belongs to, if any."),
    Column("client", "STRING", "Program that the person used: web, an editor, …"),
)
SURVEY_RESPONSES = (
    Column("id", "INT64", "Number of the answer."),
    USER_ID,
    Column("email", "STRING", "E-mail address that was given with the answer.", PERSONAL),
    Column("score", "INT64", "How likely a recommendation is: 0 to 10."),
    Column("reason", "STRING", "Why, in the person's words.", PERSONAL),
    Column("better", "STRING", "What would be better, in the person's words.", PERSONAL),
    CREATED_AT,
    Column("use_cases", "ARRAY<STRING>", "What the product is used for, as chosen from a list."),
    Column("other_use_case", "STRING", "What else it is used for, in the person's words.", PERSONAL),
)
PRODUCT_SUBSCRIPTIONS = (
    Column("id", "STRING", "UUID of the subscription."),
    Column("user_id", "INT64", "Account of the customer: `id` in `users`.", PSEUDONYMOUS),
    Column("billing_subscription_id", "STRING", "Its number at the payment service, from the years of paying online."),
    CREATED_AT,
    UPDATED_AT,
    Column("archived_at", "TIMESTAMP", "When it was archived: its licences do not count any more."),
    Column("account_number", "STRING", "Unique Account ID of the customer in Salesforce, where it was noted."),
    Column("cody_gateway_enabled", "BOOL", "Whether its instances may use Cody Gateway."),
)
LICENSE_KEY = Column("license_key", "STRING", "The key: never stored.", Classification.SECRET)
PRODUCT_LICENSES_READ = (
    Column("id", "STRING", "UUID of the licence."),
    Column("product_subscription_id", "STRING", "UUID of its subscription: `id` in `product_subscriptions`."),
    LICENSE_KEY,
    CREATED_AT,
    Column("access_token_enabled", "BOOL", "Whether the key opens Cody Gateway."),
    Column("site_id", "STRING", "Instance that uses it, where one reported itself."),
    Column("revoked_at", "TIMESTAMP", "When it was revoked; null while it was not."),
    Column("revoke_reason", "STRING", "Why it was revoked."),
)
PRODUCT_LICENSES = (
    *(column for column in PRODUCT_LICENSES_READ if column is not LICENSE_KEY),
    *claims_columns,
)
REPO_COUNTS = (
    Column("external_service_type", "STRING", "Kind of code host: github, gitlab, …; empty where none is noted."),
    Column("is_private", "BOOL", "Whether the repositories are private."),
    Column("is_fork", "BOOL", "Whether they are forks."),
    Column("is_archived", "BOOL", "Whether they are archived on their code host."),
    Column("repositories", "INT64", "How many repositories there are that are not deleted."),
    Column("blocked_repositories", "INT64", "How many of them are not to be cloned."),
    Column("stars", "INT64", "Stars of all of them."),
)
