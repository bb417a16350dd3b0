"""The site admin's GraphQL API of sourcegraph.com: product subscriptions and licences, with its quirks.

There is no cursor, only `first`; a list that has more gives one node too many; archived subscriptions vanish from the
list but answer by their uuid; the newest licence is the active one even when it expired or was revoked.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError, graphql_sync, parse
from graphql.language import FieldNode, OperationDefinitionNode
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from sg_assets.sandbox.company.subscriptions import AccountUser, License, Subscription
from sg_assets.sandbox.faults import Kind
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets.sandbox.site_admin_schema import schema
from sg_assets.sandbox.stand_in import Refusal, StandIn

if TYPE_CHECKING:
    from starlette.types import ASGIApp

TOKEN = "sandbox-site-admin-token"  # noqa: S105 (of a made-up company)
MOST_ALIASES = 500

Node = dict[str, Any]


@dataclass(frozen=True)
class Dotcom:
    """What the API shows at one instant: nodes are mappings whose functions the GraphQL library calls when asked."""

    sandbox: Sandbox
    at: datetime

    def root(self) -> Node:
        """The value of the schema's Query."""
        return {
            "dotcom": {
                "productSubscriptions": self.list_subscriptions,
                "productSubscription": self.subscription_of_uuid,
                "productLicenses": self.list_licenses,
            }
        }

    def list_subscriptions(self, _info: object, **asked: object) -> Node:
        """The subscriptions that are not archived, the newest first."""
        found = [self._subscription(one) for one in self._existing() if not one.is_archived(self.at)]
        if asked.get("account") is not None:
            found = [node for node in found if node["account"] and node["account"]["id"] == asked["account"]]
        if query := str(asked.get("query") or "").lower():
            found = [node for node in found if query in str(node["account"]).lower()]
        return _connection(self._faulty("productSubscriptions", found), asked.get("first"))

    def subscription_of_uuid(self, _info: object, *, uuid: str) -> Node:
        """One subscription, archived or not.

        Raises:
            GraphQLError: there is none.
        """
        for one in self._existing():
            if one.uuid == uuid:
                return self._subscription(one)
        msg = "product subscription not found"
        raise GraphQLError(msg)

    def list_licenses(self, _info: object, **asked: object) -> Node:
        """All licences, the newest first."""
        found = [(one, license_) for one in self._existing() for license_ in one.licenses_at(self.at)]
        if wanted := asked.get("productSubscriptionID"):
            found = [(one, license_) for one, license_ in found if _id("ProductSubscription", one.uuid) == wanted]
        if part := str(asked.get("licenseKeySubstring") or ""):
            found = [(one, license_) for one, license_ in found if part in license_.key]
        found.sort(key=lambda pair: pair[1].created_at, reverse=True)
        nodes = [self._license(one, license_) for one, license_ in found]
        return _connection(self._faulty("productLicenses", nodes), asked.get("first"))

    def _existing(self) -> list[Subscription]:
        found = [
            one for many in self.sandbox.company.subscriptions.values() for one in many if one.created_at <= self.at
        ]
        return sorted(found, key=lambda one: one.created_at, reverse=True)

    def _faulty(self, field: str, nodes: list[Node]) -> list[Node]:
        faults = self.sandbox.faults
        if faults.take(Kind.EMPTY_LIST, stand_in.source, field):
            return []
        if nodes and faults.take(Kind.REPEATED_ROW, stand_in.source, field):
            nodes = [nodes[0], *nodes]
        if nodes and (fault := faults.take(Kind.NULL_VALUE, stand_in.source, field)):
            nodes = [nodes[0] | {str(fault.options["field"]): None}, *nodes[1:]]
        return nodes

    def _subscription(self, one: Subscription) -> Node:
        licenses = one.licenses_at(self.at)
        return {
            "id": _id("ProductSubscription", one.uuid),
            "uuid": one.uuid,
            "name": one.name,
            "account": _account(one.user),
            "activeLicense": lambda _info: self._license(one, licenses[-1]) if licenses else None,
            "productLicenses": lambda _info, first=None: _connection(
                [self._license(one, each) for each in licenses[::-1]], first
            ),
            "createdAt": _time(one.created_at),
            "isArchived": one.is_archived(self.at),
            "url": lambda _info: _url(one),
            "urlForSiteAdmin": f"/site-admin/dotcom/product/subscriptions/{one.uuid}",
        }

    def _license(self, one: Subscription, license_: License) -> Node:
        is_revoked = license_.revoked_at is not None and license_.revoked_at <= self.at
        return {
            "id": _id("ProductLicense", license_.uuid),
            "subscription": lambda _info: self._subscription(one),
            "info": {
                "productNameWithBrand": "Sourcegraph Enterprise" + (" (trial)" if "trial" in license_.tags else ""),
                "tags": license_.tags,
                "userCount": license_.user_count,
                "expiresAt": _time(license_.expires_at),
                "salesforceSubscriptionID": license_.salesforce_subscription_id,
                "salesforceOpportunityID": license_.salesforce_opportunity_id,
            },
            "licenseKey": license_.key,
            "siteID": self.sandbox.company.site_of(one) if license_.version >= 3 else None,
            "createdAt": _time(license_.created_at),
            "revokedAt": _time(license_.revoked_at) if is_revoked and license_.revoked_at else None,
            "revokeReason": license_.revoke_reason if is_revoked else None,
            "version": license_.version,
        }


def _connection(nodes: Sequence[Node], first: object) -> Node:
    """A list that knows only `first`: where more are to come it gives one node too many, and never a cursor."""
    has_more = isinstance(first, int) and len(nodes) > first
    shown = nodes[: first + 1] if isinstance(first, int) else nodes
    return {"nodes": shown, "totalCount": len(nodes), "pageInfo": {"hasNextPage": has_more, "endCursor": None}}


def _account(user: AccountUser | None) -> Node | None:
    if user is None:
        return None
    emails = [{"email": user.email, "isPrimary": True}]
    if user.number % 3 == 0:
        emails.insert(0, {"email": user.email.replace("@", "+billing@"), "isPrimary": False})
    return {
        "id": _id("User", user.number),
        "username": user.username,
        "displayName": user.display_name,
        "emails": emails,
    }


def _url(one: Subscription) -> str:
    """The owner's page of a subscription.

    Raises:
        GraphQLError: the owner's account was deleted.
    """
    if one.user is None:
        msg = "user not found"
        raise GraphQLError(msg)
    return f"/users/{one.user.username}/subscriptions/{one.uuid}"


def _id(kind: str, name: object) -> str:
    """The API's opaque id."""
    return base64.b64encode(f"{kind}:{json.dumps(name)}".encode()).decode()


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _aliases(query: str) -> int:
    """How many fields of `dotcom` a query asks for at once."""
    try:
        operations = [one for one in parse(query).definitions if isinstance(one, OperationDefinitionNode)]
    except GraphQLError:
        return 0  # a query that cannot be read is refused where it is run
    fields = [field for one in operations for field in one.selection_set.selections if isinstance(field, FieldNode)]
    return sum(len(field.selection_set.selections) for field in fields if field.selection_set)


def refuse(status: int) -> Refusal:
    """The API's refusals are plain text."""
    texts = {401: "Invalid access token.", 403: "Private mode requires authentication.", 429: "Too many requests"}
    return Refusal("text/plain; charset=utf-8", f"{texts[status]}\n".encode())


QUOTA = (
    200,
    Refusal("application/json", json.dumps({"errors": [{"message": "rate limit exceeded"}], "data": None}).encode()),
)


def _app(sandbox: Sandbox) -> ASGIApp:
    async def answer(request: Request) -> Response:
        sent = request.headers.get("authorization", "").removeprefix("token ").removeprefix("Bearer ")
        if sent and sent != TOKEN:
            return PlainTextResponse("Invalid access token.\n", 401)
        asked = await request.json()
        if not sent:
            return JSONResponse({"errors": [{"message": "must be site admin", "path": ["dotcom"]}], "data": None})
        if (aliases := _aliases(asked["query"])) > MOST_ALIASES:
            return JSONResponse(
                {"errors": [{"message": f"query is too complex: {aliases} aliases, limit {MOST_ALIASES}"}]}
            )
        root = Dotcom(sandbox, sandbox.now()).root()
        result = graphql_sync(schema(), asked["query"], root, variable_values=asked.get("variables") or {})
        errors = [{"message": error.message, "path": error.path} for error in result.errors or ()]
        return JSONResponse({"data": result.data} | ({"errors": errors} if errors else {}))

    return Starlette(routes=[Route("/.api/graphql", answer, methods=["POST"])])


stand_in = StandIn("site_admin", {"SG_SITE_ADMIN_TOKEN": TOKEN}, _app, refuse, QUOTA)
