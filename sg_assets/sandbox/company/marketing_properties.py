"""What HubSpot says of a contact, property by property; who is a contact is in `marketing_contacts.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from sg_assets.sandbox.company.campaigns import Campaign
from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.dice import fraction, number, pick, uuid
from sg_assets.sandbox.company.lead_scores import NO_GRADE, QUALIFIED_POINTS, LeadScore, score_of
from sg_assets.sandbox.company.marketing_record import record_id, stamp

TOUCHPOINTS = (
    "Batch Changes Demo Request", "Contact/Demo Form", "Content Download", "Event", "Feedback Form", "Private Instance",
    "Third-Party Vendor", "Sourcegraph.com Account", "Website", "Referral", "Subscription",
)  # fmt: skip
SOURCES = ("ORGANIC_SEARCH", "DIRECT_TRAFFIC", "PAID_SEARCH", "REFERRALS", "EMAIL_MARKETING", "OFFLINE")
SITE = "https://about.sourcegraph.com"

Fields = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Someone:
    """What Salesforce knows of the person with an address; both are None for those whom only the product knows."""

    email: str
    lead: Fields | None = None
    contact: Fields | None = None

    @property
    def records(self) -> tuple[Fields, ...]:
        """What there is of the two, the contact first."""
        return tuple(one for one in (self.contact, self.lead) if one is not None)

    def get(self, name: str) -> object:
        """A field of the contact, else of the lead."""
        return next((one[name] for one in self.records if one.get(name) is not None), None)


def score(company: Company, someone: Someone) -> LeadScore | None:
    """The score of somebody who is a lead, or was one."""
    if someone.lead is None:
        return None
    marketed, created = someone.lead["MQL_Date__c"], someone.lead["CreatedDate"]
    if not isinstance(created, datetime):
        raise TypeError(created)
    return score_of(company, someone.email, marketed if isinstance(marketed, date) else None, created.date())


def person(someone: Someone, employer: object) -> Fields:
    """Name, job and owner."""
    owner = someone.get("OwnerId")
    return {
        "email": someone.email,
        "firstname": someone.get("FirstName"),
        "lastname": someone.get("LastName"),
        "jobtitle": someone.get("Title"),
        "company": someone.get("Company") or employer,
        "hs_email_optout": number("opted out", someone.email) % 12 == 0,
        "hubspot_owner_id": record_id("owner", str(owner)) if owner else None,
    }


def origin(someone: Someone, came: datetime, campaign: Campaign | None, responded: datetime | None) -> Fields:
    """How somebody came to us, first and last: a campaign that was answered, or something else."""
    touch = pick(TOUCHPOINTS, "touchpoint", someone.email)
    utm = (campaign.utm_source or None, campaign.utm_medium or None, campaign.utm_campaign or None) if campaign else ()
    source, medium, name = utm or (None, None, None)
    later = (responded or came).date()
    return {
        "hs_analytics_source": pick(SOURCES, "source", someone.email),
        "hs_analytics_first_url": f"{SITE}/{pick(('', 'pricing', 'blog', 'demo'), 'page', someone.email)}",
        "lead_source": someone.get("LeadSource"),
        "first_touchpoint": touch,
        "first_touchpoint_date": came.date(),
        "most_recent_touchpoint": "Event" if responded else touch,
        "most_recent_touchpoint_date": max(later, came.date()),
        "first_marketing_source": source,
        "first_marketing_medium": medium,
        "first_marketing_campaign": name,
        "most_recent_marketing_source": source,
        "most_recent_marketing_medium": medium,
        "most_recent_marketing_campaign": name,
    }


def lifecycle(someone: Someone, scored: LeadScore | None, bought: datetime | None) -> Fields:
    """How far somebody has come, and when each step was taken."""
    lead, opened = someone.lead, _opened(someone)
    stage = "lead" if lead else "subscriber"
    if scored is not None:
        stage = "productqualifiedlead" if scored.pql_on else "marketingqualifiedlead" if scored.mql_on else stage
    stage = "customer" if bought else "opportunity" if opened else stage
    return {
        "lifecyclestage": stage,
        "hs_lead_status": lead["Status"] if lead else None,
        "hs_lifecyclestage_lead_date": stamp(lead, "CreatedDate") if lead else None,
        "hs_lifecyclestage_opportunity_date": opened,
        "hs_lifecyclestage_customer_date": bought,
        "intent_points": scored.points if scored else None,
        "is_mql": scored.points >= QUALIFIED_POINTS if scored else None,
        "mql_date": scored.mql_on if scored else None,
        "cloud_engagement_grade": scored.cloud_grade if scored else NO_GRADE,
        "private_install_engagement_grade": scored.private_grade if scored else NO_GRADE,
        "pql_date": scored.pql_on if scored else None,
    }


def _opened(someone: Someone) -> datetime | None:
    """When somebody became part of an opportunity: when the lead was converted, else when the contact was made."""
    converted = someone.lead["ConvertedDate"] if someone.lead else None
    if isinstance(converted, date):
        return datetime.combine(converted, time(), UTC)
    return stamp(someone.contact, "CreatedDate") if someone.contact else None


def product(company: Company, email: str, database_id: int | None, ping: datetime | None) -> Fields:
    """What the product tells HubSpot of a person, at sign-up and with each day's first ping."""
    browser = uuid(company.seed, "browser", email) if fraction("browser", email) < 0.6 else None
    return {
        "user_id": email if database_id else None,
        "database_id": database_id,
        "anonymous_user_id": browser,
        "first_source_url": f"{SITE}/" if browser else None,
        "last_source_url": f"{SITE}/{pick(('', 'docs', 'pricing'), 'last', email)}" if browser else None,
        "is_server_admin": True if ping else None,
        "latest_ping": ping.date() if ping else None,
        "has_agreed_to_tos_and_pp": True if database_id else None,
        "vs_cody_installed_emails_enabled": None,
    }


def enriched(account: Fields | None, asked: datetime | None) -> Fields:
    """What a workflow had from ZoomInfo about somebody's company."""
    known = account if account and asked else {}
    return {
        "zoominfo_employee_count": known.get("NumberOfEmployees"),
        "zoominfo_industry": known.get("Industry"),
        "zoominfo_updated_date": asked.date() if known and asked else None,
    }


def links(someone: Someone) -> Fields:
    """The ids that join a contact with Salesforce."""
    lead, contact = someone.lead, someone.contact
    return {
        "salesforceleadid": lead["Id"] if lead else None,
        "salesforcecontactid": contact["Id"] if contact else None,
        "salesforceaccountid": contact["AccountId"] if contact else None,
    }
