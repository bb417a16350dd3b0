"""The smaller tables of sourcegraph.com's database, each as a whole at an instant; `event_log.py` has the large one.

Rows are those of the database, secrets included; whoever reads them must leave those out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.crm_record import factor_of
from sg_assets.sandbox.company.customers import Customer
from sg_assets.sandbox.company.dice import dice, number
from sg_assets.sandbox.company.dotcom_users import DotcomUser, dotcom_users, subscription_owner
from sg_assets.sandbox.company.nps import Nps, dotcom_site

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
REPOSITORIES = 400
ORG_OF_EVERY = 7
"""Every so many customers one has an organisation on sourcegraph.com."""

Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Content:
    """What a table holds: rows with the values of these columns."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def contents(company: Company, at: datetime) -> Mapping[str, Content]:
    """Every table at an instant, by its name."""
    return {name: Content(columns, tuple(rows(company, at))) for name, (columns, rows) in TABLES.items()}


def _users(company: Company, at: datetime) -> Iterator[Row]:
    for user in dotcom_users(company):
        if user.is_there(at):
            deleted_at = user.deleted_at if user.deleted_at and user.deleted_at <= at else None
            yield (
                user.number,
                user.username,
                user.display_name,
                f"https://avatars.example/{user.number}" if user.number % 3 == 0 else None,
                user.created_at,
                deleted_at or user.created_at,
                deleted_at,
                f"$2a$10$secret-hash-of-{user.number}",
                f"secret-reset-code-{user.number}" if user.number % 11 == 0 else None,
                user.is_site_admin,
                number(company.seed, "pages", user.number) % 400,
                number(company.seed, "searches", user.number) % 900,
                ("AllowUserExternalServicePublic",) if user.number % 40 == 0 else (),
                user.created_at,
                user.number % 9 != 0,
            )


def _user_emails(company: Company, at: datetime) -> Iterator[Row]:
    """Some have a second address, which they never verified."""
    for user in dotcom_users(company):
        if user.email and user.is_there(at):
            yield user.number, user.email, user.created_at, None, user.created_at + timedelta(minutes=4), True
            if user.number % 17 == 0:
                name = f"{user.username.lower()}@home.example"
                yield user.number, name, user.created_at + HOUR, f"secret-code-{user.number}", None, False


def _orgs(company: Company, at: datetime) -> Iterator[Row]:
    """The organisation of one customer in five of them is deleted half an hour after the anchor."""
    for customer in _with_org(company):
        created_at, gone = _org_since(company, customer), company.anchor + timedelta(minutes=30)
        deleted_at = gone if customer.position % (5 * ORG_OF_EVERY) == ORG_OF_EVERY and gone <= at else None
        yield (
            _org_id(customer),
            customer.username_stem.lower(),
            created_at,
            deleted_at or created_at,
            customer.name,
            f"https://hooks.slack.example/secret/{customer.position}" if customer.position % 2 else None,
            deleted_at,
        )


def _org_members(company: Company, at: datetime) -> Iterator[Row]:
    """Those of the customer's people who have an account; the last of them leaves two hours after the anchor."""
    by_email: dict[str, DotcomUser] = {user.email: user for user in dotcom_users(company) if user.email}
    for customer in _with_org(company):
        members = [user for person in customer.people if (user := by_email.get(person.email))]
        for place, user in enumerate(members):
            joined = max(user.created_at, _org_since(company, customer)) + HOUR
            leaves = place == len(members) - 1 and place > 0
            if joined <= at and not (leaves and company.anchor + 2 * HOUR <= at):
                yield _org_id(customer) * 100 + place, _org_id(customer), joined, joined, user.number


def _survey_responses(company: Company, at: datetime) -> Iterator[Row]:
    by_email = {user.email: user for user in dotcom_users(company) if user.email and not user.deleted_at}
    asked_here = [answer for answer in Nps(company).answers(at) if answer.site_id == dotcom_site(company)]
    for place, answer in enumerate(asked_here, 1):
        user = by_email.get(answer.email) if answer.email else None
        yield (
            place,
            user.number if user else None,
            answer.email,
            answer.score,
            answer.reason or None,
            answer.improvement or None,
            answer.at,
            ("Understand a new codebase",) if place % 3 == 0 else None,
        )


def _product_subscriptions(company: Company, at: datetime) -> Iterator[Row]:
    for customer in company.customers:
        for place, one in enumerate(company.subscriptions[customer.position]):
            if one.created_at <= at:
                archived_at = one.archived_at if one.is_archived(at) else None
                yield (
                    one.uuid,
                    subscription_owner(company, customer.position, place),
                    one.created_at,
                    archived_at or one.created_at,
                    archived_at,
                    customer.unique_id,
                )


def _product_licenses(company: Company, at: datetime) -> Iterator[Row]:
    for one in (one for many in company.subscriptions.values() for one in many):
        for license_ in one.licenses_at(at):
            is_revoked = license_.revoked_at is not None and license_.revoked_at <= at
            yield (
                license_.uuid,
                one.uuid,
                license_.key,
                license_.created_at,
                license_.version,
                license_.tags,
                license_.user_count,
                license_.expires_at,
                company.site_of(one) if license_.version >= 3 else None,
                f"\\x{number('secret token', license_.uuid):016x}",
                license_.revoked_at if is_revoked else None,
                license_.salesforce_subscription_id,
                license_.salesforce_opportunity_id,
                license_.revoke_reason if is_revoked else None,
            )


def _repo(company: Company, at: datetime) -> Iterator[Row]:
    """Cloned ones; one is added every six hours, some are private, forks or archived."""
    first = max(20, round(REPOSITORIES * factor_of(company)))
    for place in range(first + max(0, (at - company.anchor) // (6 * HOUR))):
        chance = dice(company.seed, "repository", place)
        host = chance.choice(("github", "github", "github", "gitlab"))
        added = company.anchor + (min(0, place - first) * DAY if place < first else (place - first + 1) * 6 * HOUR)
        yield (
            place + 1,
            f"{host}.com/secret-owner-{chance.randrange(90)}/repository-{place}",
            chance.random() < 0.2,
            added,
            host,
            chance.random() < 0.1,
            added + DAY if place % 30 == 4 and added + DAY <= at else None,
            chance.random() < 0.05,
            int(chance.random() ** 4 * 5000),
        )


def _with_org(company: Company) -> list[Customer]:
    return [customer for customer in company.customers if customer.position % ORG_OF_EVERY == 0]


def _org_id(customer: Customer) -> int:
    return 100 + customer.position


def _org_since(company: Company, customer: Customer) -> datetime:
    return company.anchor - (200 + number(company.seed, "org", customer.position) % 300) * DAY


TABLES: Mapping[str, tuple[tuple[str, ...], Callable[[Company, datetime], Iterator[Row]]]] = {
    "users": (
        (
            "id", "username", "display_name", "avatar_url", "created_at", "updated_at", "deleted_at", "passwd",
            "passwd_reset_code", "site_admin", "page_views", "search_queries", "tags", "invalidated_sessions_at",
            "tos_accepted",
        ),
        _users,
    ),
    "user_emails": (
        ("user_id", "email", "created_at", "verification_code", "verified_at", "is_primary"),
        _user_emails,
    ),
    "orgs": (("id", "name", "created_at", "updated_at", "display_name", "slack_webhook_url", "deleted_at"), _orgs),
    "org_members": (("id", "org_id", "created_at", "updated_at", "user_id"), _org_members),
    "survey_responses": (
        ("id", "user_id", "email", "score", "reason", "better", "created_at", "use_cases"),
        _survey_responses,
    ),
    "product_subscriptions": (
        ("id", "user_id", "created_at", "updated_at", "archived_at", "account_number"),
        _product_subscriptions,
    ),
    "product_licenses": (
        (
            "id", "product_subscription_id", "license_key", "created_at", "license_version", "license_tags",
            "license_user_count", "license_expires_at", "site_id", "license_check_token", "revoked_at",
            "salesforce_sub_id", "salesforce_opp_id", "revoke_reason",
        ),
        _product_licenses,
    ),
    "repo": (
        (
            "id", "name", "fork", "created_at", "external_service_type", "archived", "deleted_at", "private", "stars",
        ),
        _repo,
    ),
}  # fmt: skip
