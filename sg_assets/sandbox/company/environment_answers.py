"""What customer engineers wrote down about the environments of customers, over time: the answers to an internal form.

One answer set is one talk with one customer; questions that nobody asked stay unanswered. What the pings, licences and
Salesforce say of the same customer is said here too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sg_assets.sandbox.company.cases import Hosting
from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.customers import Customer
from sg_assets.sandbox.company.dice import dice, number, pick
from sg_assets.sandbox.company.instances import Instance
from sg_assets.sandbox.company.ping_rows import CODE_HOSTS, PingRows
from sg_assets.sandbox.company.releases import version_of
from sg_assets.sandbox.company.staff import Department, Employee, staff

DAY = timedelta(days=1)
LONGEST, LAST = 720, 400
"""The form is from this day before the anchor; nothing is foreseen beyond that day after it."""
ANSWERED = 0.8
"""The share of questions that have an answer."""
DEPLOYMENTS = {
    "kubernetes": "Kubernetes",
    "helm": "Kubernetes with Helm",
    "docker-compose": "Docker Compose",
    "docker-container": "Single Docker container",
    "pure-docker": "Plain Docker",
}
HOSTS = dict(zip(CODE_HOSTS, ("GitHub", "GitLab", "Bitbucket Server", "Gerrit"), strict=True))
PLACES = ("AWS", "AWS", "Google Cloud", "Azure", "Own data centre")
STORES = {"AWS": "Amazon S3", "Google Cloud": "Google Cloud Storage"}
MONITORING = (["Prometheus and Grafana"], ["Datadog"], ["Prometheus and Grafana", "PagerDuty"], ["New Relic"], ["None"])
PLANS = (
    "Will move to Kubernetes next quarter.",
    "Wants to add 2,000 repositories, and asks what that needs.",
    "Upgrade is planned for the first week of next month\n(change freeze before).",
    'Security asks for an "allow list" of addresses.',
    "Über 300 new users expected after the merger.",
)


@dataclass(frozen=True, slots=True)
class AnswerSet:
    """One submission of the form; `answers` has the questions that were answered, by a name for each."""

    submitted_at: datetime
    respondent: str
    customer: Customer
    answers: Mapping[str, object]


def answer_sets(company: Company, at: datetime) -> list[AnswerSet]:
    """Everything submitted up to an instant, the oldest first."""
    rows = PingRows(company)
    engineers = [one for one in staff(company) if one.department is Department.CUSTOMER_ENGINEERING]
    found = [
        answers
        for customer in company.customers
        if customer.plan.is_in_salesforce and not all(plan.is_trial for plan in customer.plan.subscriptions)
        for answers in _of(rows, engineers, customer, at)
    ]
    return sorted(found, key=lambda one: one.submitted_at)


def latest_answers(company: Company, at: datetime) -> Mapping[str, AnswerSet]:
    """The newest answer set of every customer that has one, by account id."""
    return {one.customer.account_id: one for one in answer_sets(company, at)}


def _of(rows: PingRows, engineers: list[Employee], customer: Customer, at: datetime) -> Iterator[AnswerSet]:
    """The talks with one customer, every few months from a month after its first licence on."""
    company = rows.company
    instance = company.instances_of(customer)[0]
    first = company.subscriptions[customer.position][0].licenses[0].created_at + 30 * DAY
    chance = dice(company.seed, "environment", customer.position)
    when = max(first, company.anchor - chance.randint(LONGEST - 120, LONGEST) * DAY)
    while when <= min(at, company.anchor + LAST * DAY):
        working = [one for one in engineers if one.works_at(when)]
        by = pick(working, company.seed, "environment", customer.position, when).person.email
        submitted = when.replace(hour=16, minute=0, second=0, microsecond=0)
        submitted += timedelta(milliseconds=number(customer.account_id, when) % 28_800_000)
        everything = _answers(rows, customer, instance, submitted)
        asked = dice(company.seed, "asked", customer.position, when)
        answers = {name: answer for name, answer in everything.items() if asked.random() < ANSWERED}
        if submitted <= at:
            yield AnswerSet(submitted, by, customer, answers)
        when += chance.randint(75, 140) * DAY


def _answers(rows: PingRows, customer: Customer, instance: Instance, at: datetime) -> dict[str, object]:
    """What is true of an environment at an instant, question by question."""
    company = rows.company
    chance = dice(company.seed, "environment is", customer.position)
    place, move = chance.choice(PLACES), company.anchor - chance.randint(-200, 600) * DAY
    is_ours = instance.hosting is not Hosting.SELF_HOSTED
    has_moved = chance.random() < 0.6 and at >= move
    accounts = rows.population(instance).accounts_on(at.date())
    cores = 16 * (1 + accounts // 150)
    found: dict[str, object] = {
        "site_id": instance.site_id,
        "deployment_type": _deployment(instance),
        "hosted_on": "Google Cloud" if is_ours else place,
        "sourcegraph_version": version_of(instance, company.anchor, at),
        "is_air_gapped": any(plan.is_air_gapped for plan in customer.plan.subscriptions),
        "external_databases": ["PostgreSQL", "Redis"][: 1 + customer.position % 2] if has_moved else ["None"],
        "object_storage": STORES.get(place, "Bundled") if has_moved else "Bundled",
        "code_hosts": [HOSTS[host] for host in CODE_HOSTS[: 1 + instance.position % 3]],
        "auth_providers": ["Built-in", "SAML"][: 1 + instance.position % 2],
        "repository_count": accounts * chance.randint(8, 40),
        "user_count": accounts,
        "cpu_count": cores,
        "memory_gib": cores * 4.0,
        "largest_repository_gib": round(chance.uniform(0.2, 40), 1),
        "monitoring": chance.choice(MONITORING),
        "has_executors": chance.random() < 0.3,
    }
    if instance.deploy_type in {"kubernetes", "helm"} and not is_ours:
        found["kubernetes_version"] = f"v1.{28 + (at - company.anchor) // (120 * DAY) - customer.position % 3}"
    if number("plans", customer.position, at.date()) % 3 == 0:
        found["planned_changes"] = pick(PLANS, customer.position, at.date())
    return found


def _deployment(instance: Instance) -> str:
    if instance.hosting is Hosting.SELF_HOSTED:
        return DEPLOYMENTS[instance.deploy_type]
    return "Managed instance" if instance.hosting is Hosting.MANAGED else "Sourcegraph Cloud"
