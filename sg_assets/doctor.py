"""Looks at outside systems without reading data: is each configured, reachable, permitted, what is left of its quota.

What is asked of a source is declared in its module (`examination.py`); this asks all of them at the same time and says
what it means. It changes nothing, at no vendor and not here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from sg_assets.environment import EnvironmentProblem
from sg_assets.http import ComeBackLater, SourceError
from sg_assets.http.answers import shown
from sg_assets.warehouse import bigquery_rights
from sg_assets.warehouse.choice import BigQueryPlace
from sg_assets.warehouse.contract import WarehouseError
from sg_assets.warehouse_examination import findings

if TYPE_CHECKING:
    from sg_assets.connection import Connection
    from sg_assets.environment import Environment
    from sg_assets.examination import Finding
    from sg_assets.source import Right, Source

WAREHOUSE = "warehouse"
"""The name under which the warehouse is examined."""
AT_ONCE = 8
"""How many sources are examined at the same time."""
PATIENCE = 3.0
"""Seconds that a request may wait for a vendor: a doctor tells of a limit or an outage instead of sitting it out."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found about one source, or destination; None where it was not asked, or nothing was learnt.

    `detail` is one sentence for people. `quota_left` is of the first quota that the vendor told of, in its own unit.
    `needs` are the rights that its credential must have.
    """

    source: str
    is_configured: bool
    is_reachable: bool | None = None
    is_permitted: bool | None = None
    detail: str = ""
    quota_left: float | None = None
    findings: tuple[Finding, ...] = ()
    needs: tuple[Right, ...] = ()

    @property
    def is_sick(self) -> bool:
        """Whether it is configured, and yet not reachable or not permitted."""
        return self.is_configured and (self.is_reachable is False or self.is_permitted is False)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What its credential may do and nobody needs, a sentence each: no illness, but a risk without a use."""
        return tuple(finding.detail for finding in self.findings if finding.is_too_much)


def examine(
    env: Environment, systems: Mapping[str, Source], told: Callable[[Diagnosis], None] = lambda _diagnosis: None
) -> list[Diagnosis]:
    """Examine some systems, by the names that they are to have, at the same time.

    Args:
        env: says how each is reached.
        systems: which, in the order of the answer.
        told: hears of each as it is done.
    """
    found: dict[str, Diagnosis] = {}
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="doctor") as pool:
        # How to reach them is found out here, one after the other: in the sandbox that starts the stand-ins.
        waiting = [pool.submit(_diagnose, name, one, _connection(env, one)) for name, one in systems.items()]
        for done in as_completed(waiting):
            diagnosis = done.result()
            found[diagnosis.source] = diagnosis
            told(diagnosis)
    return [found[name] for name in systems]


def examine_warehouse(env: Environment) -> Diagnosis | None:
    """Examine the warehouse where it is in BigQuery; None where it is a file of our own."""
    place = env.place
    if not isinstance(place, BigQueryPlace):
        return None
    found: list[Finding] = []
    problem = ""
    try:
        found.extend(findings(place))
    except WarehouseError as error:
        problem = str(error)
    refused = [f"{one.subject}: {one.detail}" for one in found if not one.is_permitted]
    return Diagnosis(
        WAREHOUSE,
        is_configured=True,
        is_reachable=not problem,
        is_permitted=None if problem else not refused,
        detail="; ".join(one for one in (*refused, problem) if one),
        findings=tuple(found),
        needs=bigquery_rights.NEEDS,
    )


def _connection(env: Environment, source: Source) -> Connection | EnvironmentProblem:
    """How a source is reached, or what is wrong with its variables."""
    try:
        return env.connection(source)
    except EnvironmentProblem as problem:
        return problem


def _diagnose(name: str, source: Source, connection: Connection | EnvironmentProblem) -> Diagnosis:
    if isinstance(connection, EnvironmentProblem):
        return Diagnosis(name, is_configured=True, is_reachable=False, detail=str(connection), needs=source.needs)
    if connection.settings is None:
        return Diagnosis(name, is_configured=False, detail=connection.reason, needs=source.needs)
    if source.is_only_watched:
        told = "another system writes its tables; there is nothing to reach"
        return Diagnosis(name, is_configured=True, detail=told, needs=source.needs)
    findings: list[Finding] = []
    is_reachable, is_refused, problem = True, False, ""
    try:
        for finding in _findings(source, connection.base_url, connection.settings):
            findings.append(finding)  # noqa: PERF402 (one by one, so that they stay where one is followed by an error)
    except ComeBackLater as limit:
        problem = str(limit)
    except SourceError as error:
        is_answer = error.status is not None and error.status < HTTPStatus.INTERNAL_SERVER_ERROR
        is_reachable, is_refused, problem = is_answer, is_answer, str(error)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        secrets = [connection.settings.get(variable.name, "") for variable in source.variables if variable.is_secret]
        came = shown(f"the answer has another shape than the vendor's: {error!r}", [one for one in secrets if one])
        is_reachable, problem = False, f"{source.name}: {came}"
    refused = [finding for finding in findings if not finding.is_permitted]
    return Diagnosis(
        name,
        is_configured=True,
        is_reachable=is_reachable,
        is_permitted=False if refused or is_refused else None if problem else True,
        detail="; ".join([*(finding.detail for finding in refused), *filter(None, [problem])]),
        quota_left=next((finding.quota_left for finding in findings if finding.quota_left is not None), None),
        findings=tuple(findings),
        needs=source.needs,
    )


def _findings(source: Source, base_url: str, settings: Mapping[str, str]) -> Iterator[Finding]:
    if source.examination is None:
        raise AssertionError(source.name)  # a test asks every source for one
    with source.connect(base_url, settings) as client:
        client.patience = PATIENCE
        yield from source.examination(client, settings)
