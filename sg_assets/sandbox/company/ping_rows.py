"""One row per ping, as the server that receives them publishes it: every column, counts and booleans as text.

With non-critical telemetry switched off the row says less in the server's own way: `{}` for use, 'false' for every
boolean, empty text for every list, and of the active users only the monthly ones.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from sg_assets.sandbox.company import ping_search, ping_usage, releases
from sg_assets.sandbox.company.activity import Population, Reach, anonymous, registered
from sg_assets.sandbox.company.cases import Pings
from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.dice import dice
from sg_assets.sandbox.company.instances import Instance
from sg_assets.sandbox.company.ping_usage import Json
from sg_assets.sandbox.company.template import Template, compact, hole

DAY = timedelta(days=1)
CODE_HOSTS = ("GITHUB", "GITLAB", "BITBUCKETSERVER", "GERRIT")
KEPT_TEMPLATES = 2048


@dataclass(frozen=True, eq=False)
class PingRows:
    """The rows of a company's pings."""

    company: Company
    _populations: dict[int, Population] = field(default_factory=dict)

    def population(self, instance: Instance) -> Population:
        """The people of an instance."""
        if (found := self._populations.get(instance.position)) is None:
            found = self._populations[instance.position] = Population(
                self.company.seed,
                instance.position,
                instance.accounts,
                instance.visitors,
                instance.utc_offset,
                self.company.anchor.date(),
                instance.use_falls_at.date() if instance.use_falls_at else None,
            )
        return found

    def row(self, instance: Instance, at: datetime) -> str:
        """The JSON of the ping that an instance sent at an instant."""
        population = self.population(instance)
        is_full = instance.pings_at(at) is Pings.FULL
        reach = population.reach(at)
        values = {
            "timestamp": f'"{at:%Y-%m-%dT%H:%M:%SZ}"',
            "unique_users_today": f'"{reach.day.bit_count() if is_full else 0}"',
            "site_activity": self._site_activity(instance, at, reach, is_full=is_full),
        }
        if is_full:
            start = ping_usage.midnight(at.date())
            values["searches_today"] = compact(ping_search.search_period(start, int(reach.day.bit_count() * 0.8)))
        return _template(self, instance, at.date(), is_full).fill(values)

    def _site_activity(self, instance: Instance, at: datetime, reach: Reach, *, is_full: bool) -> str:
        """The JSON of the active users; put together by hand, since it is all that moves with every ping."""
        starts = ping_search.starts(at.date())
        month = _period(starts["Monthly"], reach.month)
        day = week = rolling = ""
        if is_full:
            day, week = _period(starts["Daily"], reach.day), _period(starts["Weekly"], reach.week)
        if not _is_five(instance, self.company.anchor, at):
            return f'{{"DAUs":[{day}],"WAUs":[{week}],"MAUs":[{month}]}}'
        if is_full:
            rolling = _period(ping_usage.midnight((at - 29 * DAY).date()), self.population(instance).rolling_month(at))
        return f'{{"DAUs":[{day}],"WAUs":[{week}],"MAUs":[{month}],"RMAUs":[{rolling}]}}'


def _period(start: str, people: int) -> str:
    known, visitors = registered(people), anonymous(people)
    return (
        f'{{"StartTime":"{start}","UserCount":{known + visitors},"RegisteredUserCount":{known},'
        f'"AnonymousUserCount":{visitors},"IntegrationUserCount":{known // 6}}}'
    )


def _is_five(instance: Instance, anchor: datetime, at: datetime) -> bool:
    """Whether the instance runs 5.0 or later, whose pings say more."""
    return not instance.is_developer_build and releases.version_of(instance, anchor, at).startswith("5.")


@lru_cache(maxsize=KEPT_TEMPLATES)
def _template(rows: PingRows, instance: Instance, day: date, is_full: bool) -> Template:  # noqa: FBT001 (a key of the cache)
    """The row of a day; figures of the week and month are those of its beginning, so they never exceed the users."""
    company, population = rows.company, rows.population(instance)
    midnight = datetime.combine(day, time(), UTC)
    row = _critical(company, instance, midnight, population.accounts_on(day))
    if is_full:
        row |= _other(company, instance, midnight, population.reach(midnight), population.accounts_on(day))
    return Template.of(row)


def _critical(company: Company, instance: Instance, at: datetime, accounts: int) -> Json:
    """The whole row as it is with non-critical telemetry switched off."""
    size = accounts * 48_611_337
    nothing: Json = {}
    return {
        "remote_ip": instance.remote_ip,
        "remote_site_version": releases.version_of(instance, company.anchor, at),
        "remote_site_id": instance.site_id,
        "license_key": instance.license_key(at),
        "has_update": _flag(releases.has_update(instance, company.anchor, at)),
        "unique_users_today": hole("unique_users_today"),
        "site_activity": hole("site_activity"),
        "batch_changes_usage": nothing,
        "code_intel_usage": nothing,
        "new_code_intel_usage": nothing,
        "search_usage": nothing,
        "growth_statistics": nothing,
        "saved_searches": nothing,
        "homepage_panels": nothing,
        "retention_statistics": nothing,
        "repositories": {
            "GitDirBytes": size,
            "NewLinesCount": size // 40,
            "DefaultBranchNewLinesCount": size // 70,
            "OtherBranchesNewLinesCount": size // 40 - size // 70,
        },
        "repository_size_histogram": None,
        "search_onboarding": nothing,
        "dependency_versions": {"postgresVersion": "12.12", "redisCacheVersion": "6.2.6", "redisStoreVersion": "6.2.6"},
        "extensions_usage": nothing,
        "code_insights_usage": nothing,
        "code_insights_critical_telemetry": {"TotalInsights": accounts // 25},
        "code_monitoring_usage": nothing,
        "notebooks_usage": nothing,
        "code_host_versions": nothing,
        "code_host_integration_usage": nothing,
        "ide_extensions_usage": nothing,
        "migrated_extensions_usage": nothing,
        "own_usage": nothing,
        "installer_email": instance.installer_email,
        "auth_providers": "",
        "ext_services": "",
        "builtin_signup_allowed": "false",
        "access_request_enabled": "false",
        "deploy_type": instance.deploy_type,
        "total_user_accounts": str(accounts),
        "total_repos": "0",
        "has_external_url": "false",
        "has_repos": "false",
        "ever_searched": "false",
        "ever_find_refs": "false",
        "os": "",
        "active_today": "false",
        "timestamp": hole("timestamp"),
        "has_cody_enabled": "false",
        "cody_usage": nothing,
    }


def _other(company: Company, instance: Instance, at: datetime, reach: Reach, accounts: int) -> Json:
    """What a ping says beyond the critical part."""
    day, chance = at.date(), dice(company.seed, "usage", instance.position, at.date())
    week, month = reach.week.bit_count(), reach.month.bit_count()
    starts = ping_search.starts(day)
    hosts = CODE_HOSTS[: 1 + instance.position % 3]
    row: Json = {
        "batch_changes_usage": ping_usage.batch_changes(chance, accounts),
        "new_code_intel_usage": ping_usage.code_navigation(chance, day, week),
        "search_usage": {
            "Daily": hole("searches_today"),
            "Weekly": ping_search.search_period(starts["Weekly"], int(week * 0.8)),
            "Monthly": ping_search.search_period(starts["Monthly"], int(month * 0.8)),
        },
        "growth_statistics": ping_usage.growth(day, month, accounts),
        "saved_searches": ping_usage.saved_searches(month),
        "homepage_panels": ping_usage.homepage_panels(chance, week),
        "retention_statistics": ping_usage.retention(day, accounts),
        "search_onboarding": {
            "TotalOnboardingTourViews": week // 12,
            "ViewedLangStep": week // 20,
            "ViewedFilterRepoStep": None,
        },
        "extensions_usage": {
            "WeekStart": starts["Weekly"],
            "UsageStatisticsByExtension": [],
            "NonDefaultExtensionUsers": 0,
        },
        "code_insights_usage": ping_usage.code_insights(day, week),
        "code_monitoring_usage": ping_usage.code_monitoring(month),
        "notebooks_usage": ping_usage.notebooks(week),
        "code_host_versions": [{"external_service_kind": host, "version": "unknown"} for host in hosts],
        "code_host_integration_usage": {
            "Month": ping_search.integration_period(starts["Monthly"], month),
            "Week": ping_search.integration_period(starts["Weekly"], week),
            "Day": ping_search.integration_period(starts["Daily"], 0),
        },
        "ide_extensions_usage": ping_search.editors(day, 0, week, month),
        "migrated_extensions_usage": ping_search.migrated_extensions(week),
        "auth_providers": ",".join(("builtin", "saml")[: 1 + instance.position % 2]),
        "ext_services": ",".join(hosts),
        "builtin_signup_allowed": _flag(instance.position % 7 == 0),
        "has_external_url": "true",
        "has_repos": "true",
        "ever_searched": "true",
        "ever_find_refs": _flag(instance.position % 5 != 0),
    }
    if _is_five(instance, company.anchor, at):
        row["own_usage"] = ping_search.own(week)
        row["access_request_enabled"] = _flag(instance.position % 3 == 0)
        row["has_cody_enabled"] = _flag(instance.position % 2 == 0)
        row["cody_usage"] = ping_search.cody(day, 0, week, month) if instance.position % 2 == 0 else {}
    return row


def _flag(value: bool) -> str:  # noqa: FBT001 (it is the value that is written)
    return "true" if value else "false"
