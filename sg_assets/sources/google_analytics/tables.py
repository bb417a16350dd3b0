"""The tables: which report each of them is."""

from __future__ import annotations

from collections.abc import Iterator

from sg_assets.columns import Column
from sg_assets.source import Page, Pull
from sg_assets.sources.google_analytics.reports import Report, pages
from sg_assets.sources.google_analytics.session import google_analytics
from sg_assets.table import Mode

HOST = {"hostName": Column("host_name", "STRING", "Website that was visited.")}
ORIGIN = {
    "sessionDefaultChannelGroup": Column("channel_group", "STRING", "Channel of the session, by Google's own rules."),
    "sessionSource": Column("source", "STRING", "Where the session came from; `(direct)`, `(not set)`, `(other)`, …"),
    "sessionMedium": Column("medium", "STRING", "By what means it came: organic, cpc, email, referral, `(none)`, …"),
    "sessionCampaignName": Column("campaign", "STRING", "Campaign, by its utm_campaign; `(not set)` without one."),
}
PAGE = {"pagePath": Column("page_path", "STRING", "Path of the page.")}
EVENT = {"eventName": Column("event_name", "STRING", "Event that marketing counts: a form sent, a trial started, …")}
USERS = {"totalUsers": Column("total_users", "INT64", "Different users; they do not add up over rows or days.")}
NEW_USERS = {"newUsers": Column("new_users", "INT64", "Users who came for the first time.")}
SESSIONS = {"sessions": Column("sessions", "INT64", "Sessions; one that is in several rows counts in each of them.")}
ENGAGED = {
    "engagedSessions": Column("engaged_sessions", "INT64", "Sessions over ten seconds, of two pages, or counted.")
}
VIEWS = {
    "screenPageViews": Column("page_views", "INT64", "Pages that were seen."),
    "userEngagementDuration": Column("engagement_seconds", "FLOAT64", "Seconds for which a page was in front."),
}
KEY_EVENTS = {"keyEvents": Column("key_events", "FLOAT64", "How often it happened; attribution may give parts of one.")}

TRAFFIC = Report(HOST | ORIGIN, SESSIONS | ENGAGED | USERS | NEW_USERS | VIEWS)
PAGES = Report(HOST | PAGE, VIEWS | USERS | SESSIONS)
CONVERSIONS = Report(HOST | EVENT | ORIGIN, KEY_EVENTS | USERS, needs="keyEvents")


@google_analytics.pull(columns=TRAFFIC.columns, key=TRAFFIC.key, mode=Mode.WINDOW)
def traffic_day(pull: Pull) -> Iterator[Page]:
    """One row per day, website and origin of the sessions: channel, source, medium, campaign."""
    yield from pages(pull, TRAFFIC)


@google_analytics.pull(columns=PAGES.columns, key=PAGES.key, mode=Mode.WINDOW)
def page_day(pull: Pull) -> Iterator[Page]:
    """One row per day, website and page."""
    yield from pages(pull, PAGES)


@google_analytics.pull(columns=CONVERSIONS.columns, key=CONVERSIONS.key, mode=Mode.WINDOW)
def conversion_day(pull: Pull) -> Iterator[Page]:
    """One row per day, website, key event and origin of the session in which it happened."""
    yield from pages(pull, CONVERSIONS)
