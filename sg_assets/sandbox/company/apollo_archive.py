"""What was exported from Apollo when its use ended: whom the company wrote to, years before the anchor, and with what.

The people and companies are those of Salesforce; what was exported never changes.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.crm_accounts import prospect_name, prospects
from sg_assets.sandbox.company.crm_people import prospect_people
from sg_assets.sandbox.company.dice import dice, number
from sg_assets.sandbox.company.names import domain_of
from sg_assets.sandbox.company.people import Person

DAY = timedelta(days=1)
BEGAN, ENDED = -2600, -2200
"""Days after the anchor between which everything in the archive was made."""
MASKED = "email_not_unlocked@domain.com"
"""What Apollo gave for an address that was not paid for."""
SEQUENCES = (
    "Inbound follow-up",
    "Conference leads, 2019",
    "Head of Platform",
    'The "universal search" pitch',
    "Revival",
)
STAGES = ("Cold", "Approaching", "Replied", "Interested", "Not Interested", "Unresponsive", "Bad Data")

Record = Mapping[str, object]


def account_records(company: Company) -> list[Record]:
    """The companies that were written to."""
    found: list[Record] = []
    for name, domain, people in _companies(company):
        chance = dice(company.seed, "apollo account", domain)
        found.append(
            {
                "id": _id(company, "account", domain),
                "name": name,
                "domain": domain,
                "industry": chance.choice(("computer software", "banking", "")),
                "estimated_num_employees": chance.choice((85, 430, 2100, 14_000, "")),
                "account_stage": chance.choice(STAGES[:3]),
                "num_contacts": len(people),
                "created_at": _time(company, "account", domain),
            }
        )
    return found


def contact_records(company: Company) -> list[Record]:
    """The people there, some of them without an address."""
    found: list[Record] = []
    for name, domain, people in _companies(company):
        for person in people:
            chance = dice(company.seed, "apollo contact", person.email)
            is_masked = chance.random() < 0.15
            sequences = chance.sample(range(len(SEQUENCES)), chance.choice((0, 1, 1, 2)))
            found.append(
                {
                    "id": _id(company, "contact", person.email),
                    "first_name": person.first_name,
                    "last_name": person.last_name,
                    "title": f"{person.title}, {name}",
                    "organization_name": name,
                    "account_id": _id(company, "account", domain),
                    "email": MASKED if is_masked else person.email,
                    "email_status": "unavailable" if is_masked else chance.choice(("verified", "guessed")),
                    "contact_stage": chance.choice(STAGES),
                    "emailer_campaign_ids": ",".join(_id(company, "sequence", place) for place in sorted(sequences)),
                    "created_at": _time(company, "contact", person.email),
                    "last_activity_date": _time(company, "activity", person.email) if sequences else "",
                }
            )
    return found


def sequence_records(company: Company) -> list[Record]:
    """The series of e-mails, with what came of them."""
    found: list[Record] = []
    for place, name in enumerate(SEQUENCES):
        chance = dice(company.seed, "apollo sequence", place)
        delivered = chance.randint(200, 3000)
        opened = int(delivered * chance.uniform(0.2, 0.5))
        found.append(
            {
                "id": _id(company, "sequence", place),
                "name": name,
                "active": "false",
                "archived": str(place == 1).lower(),
                "num_steps": chance.randint(3, 7),
                "unique_delivered": delivered,
                "unique_bounced": delivered // 30,
                "unique_opened": opened,
                "unique_replied": opened // 12,
                "unique_unsubscribed": delivered // 80,
                "created_at": _time(company, "sequence", place),
            }
        )
    return found


def as_csv(records: Sequence[Record]) -> str:
    """The records as the export wrote them, each field under its name, without the end of the last line."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(records[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue().removesuffix("\n")


def _companies(company: Company) -> list[tuple[str, str, tuple[Person, ...]]]:
    """Companies that have bought nothing yet, and the customers of old: name, domain and people."""
    names = [prospect_name(company, place) for place in range(prospects(company))]
    found = [(name, domain_of(name), prospect_people(company, place)) for place, name in enumerate(names)]
    customers = [one for one in company.customers if one.plan.is_in_salesforce and one.position % 4 == 0]
    return [*found, *((one.name, one.domain, one.people) for one in customers)]


def _id(company: Company, *names: object) -> str:
    """An id of 24 hexadecimal digits."""
    return f"{number(company.seed, 'apollo', *names):016x}{number('apollo', *names):016x}"[:24]


def _time(company: Company, *names: object) -> str:
    day = dice(company.seed, "apollo time", *names).uniform(BEGAN, ENDED)
    at: datetime = company.anchor + day * DAY
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"
