"""Which telemetry every customer truly sent on every day, for tests that compare our history of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sg_assets.sandbox import truth
from sg_assets.sandbox.company.cases import Pings
from sg_assets.sandbox.company.instances import Instance
from sg_assets.sandbox.company.managed_events import ADMIN, ManagedEvents
from sg_assets.sandbox.company.ping_rows import PingRows
from sg_assets.sandbox.company.ping_times import PingTimes
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets.sandbox.truth import Telemetry

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
COUNTS_FOR = 30
"""Days for which a ping, or an event, counts: its own and those after it."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days on which a customer sent the same telemetry, both ends included."""

    first: date
    last: date
    telemetry: Telemetry


def telemetry_history(sandbox: Sandbox, since: date, at: datetime) -> Mapping[str, list[Stretch]]:
    """The stretches of every customer from a day, before which nothing is known, up to that of an instant."""
    days = [since + age * DAY for age in range((at.date() - since).days + 1)]
    links = truth.instance_links(sandbox, at)
    best = {account: [Telemetry.NONE] * len(days) for account in truth.telemetry_status(sandbox, at)}
    for instance in sandbox.company.instances:
        account = links[instance.site_id].account_id
        if account in best:
            of_instance = _by_day(sandbox, instance, days, at)
            best[account] = [max(pair) for pair in zip(best[account], of_instance, strict=True)]
    return {account: _stretches(days, values) for account, values in best.items()}


def _by_day(sandbox: Sandbox, instance: Instance, days: list[date], at: datetime) -> list[Telemetry]:
    found, last, last_event = [], None, None
    for day in days:
        last = _last_ping(sandbox, instance, day, at) or last
        last_event = day if _has_event(sandbox, instance, day, at) else last_event
        if last is None or (day - last.date()).days >= COUNTS_FOR:
            found.append(Telemetry.NONE)
        elif instance.pings_at(last) is Pings.CRITICAL:
            found.append(Telemetry.CRITICAL)
        elif last_event is None or (day - last_event).days >= COUNTS_FOR:
            found.append(Telemetry.FULL)
        else:
            found.append(Telemetry.USER_LEVEL)
    return found


def _last_ping(sandbox: Sandbox, instance: Instance, day: date, at: datetime) -> datetime | None:
    end = min(at, _midnight(day + DAY) - timedelta(seconds=1))
    last = PingTimes(sandbox.company).last_before(instance, end, DAY)
    return last if last is not None and last.date() == day else None


def _has_event(sandbox: Sandbox, instance: Instance, day: date, at: datetime) -> bool:
    """Whether somebody of the customer did anything whose event bears the day: of a clock ahead, an hour too early."""
    if not instance.events:
        return False
    log, hour = ManagedEvents(PingRows(sandbox.company)), _midnight(day) - HOUR
    while hour < min(at, _midnight(day + DAY)):
        for _, event in log.events_of(instance, hour):
            who = event["anonymous_user_id"] != "backend" and event["user_id"] != ADMIN
            if who and datetime.fromisoformat(str(event["timestamp"])).date() == day:
                return True
        hour += HOUR
    return False


def _stretches(days: list[date], values: list[Telemetry]) -> list[Stretch]:
    found: list[Stretch] = []
    for day, value in zip(days, values, strict=True):
        if found and found[-1].telemetry is value:
            found[-1] = Stretch(found[-1].first, day, value)
        else:
            found.append(Stretch(day, day, value))
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
