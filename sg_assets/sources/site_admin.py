"""Product subscriptions and licences of sourcegraph.com, from the site admin's GraphQL API.

The API has no cursor, no `since` and hides archived subscriptions from its list; what that asks of a client is in
`_listed` and `subscription`. Licence keys are secrets: only their hash and claims leave this module.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from itertools import islice
from typing import Any, cast

from sg_assets.columns import Classification, Column
from sg_assets.examination import Finding, look
from sg_assets.http import Client, ComeBackLater, SourceError
from sg_assets.license_key import claims_columns, license_columns
from sg_assets.promise import HOURLY
from sg_assets.source import Page, Pull, Right, Row, Source, Variable
from sg_assets.table import Mode

SLACK = 50
"""Rows asked for beyond the total, so that what is created meanwhile does not cut the list."""
LISTINGS = 4
"""How often a list is asked for that changes while it is read."""
ALIASES = 200
"""Subscriptions asked for one by one in a request; the server limits the cost of a query."""
RATE_PAUSE = timedelta(minutes=10)
"""How long to stay away after too many queries; the vendor documents neither its limit nor a time."""

Node = dict[str, Any]


def connect(base_url: str, settings: Mapping[str, str]) -> Client:
    """A client that signs in with the access token of a site admin."""
    token = settings["SG_SITE_ADMIN_TOKEN"]
    return Client(base_url, name="site_admin", headers={"Authorization": f"token {token}"}, secrets=[token])


site_admin = Source(
    name="site_admin",
    description="Product subscriptions and licences, as the site admin of sourcegraph.com sees them.",
    owner="team:analytics",
    promise=HOURLY,
    connect=connect,
    base_url="https://sourcegraph.com",
    variables=(Variable("SG_SITE_ADMIN_TOKEN", "Access token of a site admin of sourcegraph.com.", is_secret=True),),
    needs=(
        Right("user:all", "an access token of a site admin, without site-admin:sudo", "subscriptions and licences"),
    ),
    excess="Not asked: the server does not tell a token its scopes. Only queries are sent, no mutation.",
)


@site_admin.examine
def examine(http: Client, _settings: Mapping[str, str]) -> Iterator[Finding]:
    """How many subscriptions and licences there are: only a site admin is told."""
    for name in ("productSubscriptions", "productLicenses"):
        yield look(name, partial(_ask, http, f"{{ dotcom {{ {name}(first: 1) {{ totalCount }} }} }}"))


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
    Column("is_archived", "BOOL", "Whether it was archived: its licences do not count any more."),
    Column("url_for_site_admin", "STRING", "Path of its page for site admins."),
)

KEPT_CLAIMS = (
    "license_key_sha256",
    "license_version",
    "license_salesforce_subscription_id",
    "license_salesforce_opportunity_id",
)
"""Claims of the key that the API has no field for."""

LICENSE_COLUMNS = (
    Column("id", "STRING", "GraphQL id of the licence."),
    Column("subscription_id", "STRING", "GraphQL id of its subscription."),
    Column("subscription_uuid", "STRING", "UUID of its subscription."),
    *(column for column in claims_columns if column.name in KEPT_CLAIMS),
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


SUBSCRIPTION_FIELDS = """
    id uuid name createdAt isArchived urlForSiteAdmin
    account { id username displayName emails { email isPrimary } }
    activeLicense { id }
"""
LICENSE_FIELDS = """
    id licenseKey createdAt revokedAt revokeReason siteID
    info { productNameWithBrand tags userCount expiresAt }
    subscription { id uuid activeLicense { id } }
"""


@site_admin.pull(columns=SUBSCRIPTION_COLUMNS, key=("id",), mode=Mode.SNAPSHOT)
def subscription(pull: Pull) -> Iterator[Page]:
    """One row per product subscription, archived ones included once they were seen.

    The API's list leaves archived subscriptions out. Those seen before are therefore asked for one by one; one archived
    before the first pull is never seen.
    """
    listed = _listed(pull.http, "productSubscriptions", SUBSCRIPTION_FIELDS)
    seen = cast("Sequence[str]", (pull.cursor or {}).get("uuids", ()))
    hidden = _each(pull.http, sorted(set(seen) - {node["uuid"] for node in listed}))
    nodes = [*listed, *hidden]
    yield Page([_subscription(node) for node in nodes], {"uuids": sorted(node["uuid"] for node in nodes)})


@site_admin.pull(columns=LICENSE_COLUMNS, key=("id",), mode=Mode.SNAPSHOT)
def license(pull: Pull) -> Iterator[Page]:  # noqa: A001 (the table's name)
    """One row per licence ever generated; a renewal is a new licence of the same subscription."""
    yield Page([_license(node) for node in _listed(pull.http, "productLicenses", LICENSE_FIELDS)])


def _listed(http: Client, connection: str, fields: str) -> list[Node]:
    """The complete list of a connection that has no cursor, only `first`.

    The server reads one row more than `first` and does not cut it off, so neither the number of rows nor `first` says
    that the list is complete: only `totalCount` and `hasNextPage` together do
    (`productSubscriptionConnection.Nodes` in Sourcegraph's public source).

    Raises:
        SourceError: the list changed each time it was read.
    """
    total = _ask(http, f"{{ dotcom {{ {connection}(first: 1) {{ totalCount }} }} }}")["dotcom"][connection][
        "totalCount"
    ]
    page = f"{connection}(first: $first) {{ nodes {{ {fields} }} totalCount pageInfo {{ hasNextPage }} }}"
    came = ""
    for _ in range(LISTINGS):
        answer = _ask(http, f"query List($first: Int) {{ dotcom {{ {page} }} }}", {"first": total + SLACK})
        found = answer["dotcom"][connection]
        total = found["totalCount"]
        if not found["pageInfo"]["hasNextPage"] and len(found["nodes"]) == total:
            return cast("list[Node]", found["nodes"])
        came = f"{len(found['nodes'])} of {total} rows"
    raise SourceError(http.name, f"list {connection}", came, "It changed each time it was read; the next pull may do.")


def _each(http: Client, uuids: Sequence[str]) -> Iterator[Node]:
    """The subscriptions of these UUIDs, many in a request, without those that do not exist any more.

    One missing makes the whole answer null, because the field is not nullable; its error names it by its alias.
    """
    rest = iter(uuids)
    while some := list(islice(rest, ALIASES)):
        missing: set[str] = set()
        while wanted := {f"s{i}": uuid for i, uuid in enumerate(some) if f"s{i}" not in missing}:
            declared = ", ".join(f"${alias}: String!" for alias in wanted)
            parts = " ".join(f"{alias}: productSubscription(uuid: ${alias}) {{ ...fields }}" for alias in wanted)
            fields = f"fragment fields on ProductSubscription {{{SUBSCRIPTION_FIELDS}}}"
            query = f"query Each({declared}) {{ dotcom {{ {parts} }} }} {fields}"
            answer = http.post_json("/.api/graphql", {"query": query, "variables": wanted}, idempotent=True)
            found = {str(error["path"][1]) for error in answer.get("errors") or () if len(error.get("path") or ()) > 1}
            if not found & wanted.keys():
                yield from _data(http, answer)["dotcom"].values()
                break
            missing |= found


def _ask(http: Client, query: str, variables: Mapping[str, object] | None = None) -> Node:
    return _data(http, http.post_json("/.api/graphql", {"query": query, "variables": variables or {}}, idempotent=True))


def _data(http: Client, answer: Node) -> Node:
    """The data of an answer.

    Raises:
        SourceError: GraphQL reports its errors, limits too, in an answer that is good HTTP.
    """
    if errors := answer.get("errors"):
        came = "; ".join(str(error.get("message", "an error without a message")) for error in errors)
        if "rate limit" in came.lower():
            raise ComeBackLater(http.name, http.clock() + RATE_PAUSE, http.shown(came))
        advice = "The token may not be a site admin's, or the server's version lacks a field."
        status = HTTPStatus.FORBIDDEN if "site admin" in came else None
        raise SourceError(http.name, "POST /.api/graphql", http.shown(came), advice, status)
    return cast("Node", answer["data"])


def _subscription(node: Node) -> Row:
    account = node["account"] or {}
    return {
        "id": node["id"],
        "uuid": node["uuid"],
        "name": node["name"],
        "account_id": account.get("id"),
        "account_username": account.get("username"),
        "account_display_name": account.get("displayName"),
        "account_email": next((e["email"] for e in account.get("emails") or () if e["isPrimary"]), None),
        "active_license_id": (node["activeLicense"] or {}).get("id"),
        "created_at": node["createdAt"],
        "is_archived": node["isArchived"],
        "url_for_site_admin": node["urlForSiteAdmin"],
    }


def _license(node: Node) -> Row:
    info, owner = node["info"] or {}, node["subscription"]
    claims = license_columns(node["licenseKey"])
    return {
        "id": node["id"],
        "subscription_id": owner["id"],
        "subscription_uuid": owner["uuid"],
        **{name: claims[name] for name in KEPT_CLAIMS},
        "product_name": info.get("productNameWithBrand"),
        "tags": info.get("tags"),
        "user_count": info.get("userCount"),
        "expires_at": info.get("expiresAt"),
        "created_at": node["createdAt"],
        "revoked_at": node["revokedAt"],
        "revoke_reason": node["revokeReason"],
        "site_id": node["siteID"],
        "is_active": (owner["activeLicense"] or {}).get("id") == node["id"],
    }
