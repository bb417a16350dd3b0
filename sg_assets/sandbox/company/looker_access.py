"""Who may do what in Looker: accounts of the staff, groups by department, roles, and which accounts break the rules.

The rule: everybody is in the group of the department and has the role View; both are set by hand, and so forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.crm_record import DAY
from sg_assets.sandbox.company.dice import dice, fraction
from sg_assets.sandbox.company.staff import Department, Employee, staff

EVERYBODY = "1"
"""The group that Looker itself keeps."""
GROUPS: Mapping[str, str] = {str(2 + place): department.value for place, department in enumerate(Department)}
ADMIN, DEVELOPER, VIEW, EDIT = "1", "2", "3", "4"
ROLES = {ADMIN: "Admin", DEVELOPER: "Developer", VIEW: "View", EDIT: "View and edit"}
VIEW_BY_GROUP = Department.FINANCE
"""The one department whose group itself gives the role View."""
ON_JOINING = frozenset(Department) - {Department.PEOPLE_OPS, Department.TALENT, Department.FINANCE}
"""Departments whose people get an account when they join; of the others only those who asked for one."""
SERVICE_ID = "2"
"""The account whose key we use ourselves."""
FIRST_ID = 10
REMOVED_AFTER = 5 * DAY
"""How long after leaving the account of a person may be there, switched off, until it is deleted."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account of Looker. Whatever was forgotten is put right at `mended_at`, if ever."""

    id: str
    owner: Employee
    created_at: datetime
    lacks_group: bool = False
    lacks_role: bool = False
    more_role: str | None = None
    disabled_at: datetime | None = None
    deleted_at: datetime | None = None
    mended_at: datetime | None = None

    def is_there(self, at: datetime) -> bool:
        """Whether the account exists."""
        return self.created_at <= at and (self.deleted_at is None or self.deleted_at > at)

    def is_disabled(self, at: datetime) -> bool:
        """Whether it was switched off."""
        return self.disabled_at is not None and self.disabled_at <= at

    def is_mended(self, at: datetime) -> bool:
        """Whether what was forgotten was put right."""
        return self.mended_at is not None and self.mended_at <= at

    def group_ids(self, at: datetime) -> list[str]:
        """The groups that it is in."""
        if self.lacks_group and not self.is_mended(at):
            return [EVERYBODY]
        return [EVERYBODY, next(id_ for id_, name in GROUPS.items() if name == self.owner.department)]

    def direct_role_ids(self, at: datetime) -> list[str]:
        """The roles that it was given itself."""
        found = [self.more_role] if self.more_role else []
        if self.owner.department is VIEW_BY_GROUP or (self.lacks_role and not self.is_mended(at)):
            return found
        return sorted([*found, VIEW])

    def role_ids(self, at: datetime) -> list[str]:
        """The roles that it has, those of its groups too."""
        by_group = {VIEW} if GROUPS.get(self.group_ids(at)[-1]) == VIEW_BY_GROUP else set()
        return sorted({*self.direct_role_ids(at), *by_group})

    def logged_in_at(self, at: datetime) -> datetime | None:
        """The last time that its owner signed in; None where that never happened."""
        end = min(at, self.disabled_at or at)
        chance = dice("logins", self.id, self.owner.person.email)
        every = timedelta(hours=chance.choice((20, 26, 50, 170, 400, 2_000)))
        first = self.created_at + every * chance.random()
        return first + (end - first) // every * every if first <= end and chance.random() > 0.08 else None


@dataclass(frozen=True, slots=True)
class Access:
    """What is true of an account that is not switched off: whether it follows the rule, and what speaks against it."""

    department: Department
    is_in_group: bool
    has_role: bool
    has_more_rights: bool
    has_left: bool

    @property
    def follows_the_rule(self) -> bool:
        """Whether group and role are both there."""
        return self.is_in_group and self.has_role


def access(company: Company, at: datetime) -> Mapping[str, Access]:
    """Every account of a person that can be used then, by its id."""
    return {
        one.id: Access(
            one.owner.department,
            is_in_group=len(one.group_ids(at)) > 1,
            has_role=VIEW in one.role_ids(at),
            has_more_rights=one.more_role is not None,
            has_left=not one.owner.works_at(at),
        )
        for one in accounts(company)
        if one.is_there(at) and not one.is_disabled(at)
    }


@lru_cache(maxsize=8)
def accounts(company: Company) -> tuple[Account, ...]:
    """Every account that a person ever has, in the order of their ids."""
    return tuple(_account(company, one) for one in staff(company) if _has_account(company, one))


def _has_account(company: Company, one: Employee) -> bool:
    return one.department in ON_JOINING or fraction(company.seed, "asked for Looker", one.person.email) < 0.6


def _account(company: Company, one: Employee) -> Account:
    chance = dice(company.seed, "Looker", one.person.email)
    forgotten = {7: (True, False), 8: (False, True), 9: (True, True)}.get(one.number % 12, (False, False))
    more = None
    if one.department is Department.ANALYTICS:
        more = ADMIN if one.number % 2 else DEVELOPER
    elif one.number % 11 == 4:
        more = EDIT
    forgets_to_disable = one.left_at is not None and one.left_at < company.anchor and one.number % 3 == 0
    disabled = None if one.left_at is None or forgets_to_disable else one.left_at + timedelta(hours=3)
    return Account(
        id=str(FIRST_ID + one.number),
        owner=one,
        created_at=(one.joined_at + timedelta(hours=chance.uniform(0, 5))).replace(microsecond=0),
        lacks_group=forgotten[0],
        lacks_role=forgotten[1],
        more_role=more,
        disabled_at=disabled,
        deleted_at=disabled + REMOVED_AFTER if disabled and disabled > company.anchor else None,
        mended_at=company.anchor + (one.number % 9) * DAY + timedelta(hours=9) if one.number % 4 == 0 else None,
    )
