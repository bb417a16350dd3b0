"""Scheduled queries as the Data Transfer Service tells of them: listed, one by one with its owner, with its runs.

Also how one is handed to another account. What comes is the API's own JSON; what we call things is in `__init__.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from sg_assets.http import Client, SourceError
from sg_assets.http.exchange import Request, segment

PAGE = "1000"
"""The most configurations, or runs, that the API gives at once."""

Item = dict[str, Any]


def listed(http: Client, project: str) -> Iterator[Item]:
    """The scheduled queries of every location of a project, without their owners.

    Raises:
        SourceError: a list could not be read.
    """
    for page in pages(http, f"projects/{project}/locations", "locations"):
        for location in page:
            where = f"projects/{project}/locations/{segment(location['locationId'])}/transferConfigs"
            for configs in pages(http, where, "transferConfigs", {"dataSourceIds": "scheduled_query"}):
                yield from configs


def pages(http: Client, path: str, name: str, params: Mapping[str, str] | None = None) -> Iterator[list[Item]]:
    """The pages of a list; what is empty is left out of the answer.

    A list whose owner was deleted meanwhile is empty, too.

    Raises:
        SourceError: a page could not be read.
    """
    asked = {**(params or {}), "pageSize": PAGE}
    while True:
        try:
            answer = http.get_json(f"/v1/{path}", asked)
        except SourceError as error:
            if error.status == HTTPStatus.NOT_FOUND and "/transferConfigs/" in path:
                return
            raise
        yield answer.get(name) or []
        if not (token := answer.get("nextPageToken")):
            return
        asked = {**asked, "pageToken": token}


def details(http: Client, name: str) -> Item | None:
    """One configuration with its owner; None where there is none (any more).

    Raises:
        SourceError: it could not be read.
    """
    try:
        return dict(http.get_json(f"/v1/{name}"))
    except SourceError as error:
        if error.status == HTTPStatus.NOT_FOUND:
            return None
        raise


def newest_run(http: Client, name: str) -> Item | None:
    """The newest run of a configuration that the service still shows.

    Raises:
        SourceError: the runs could not be read.
    """
    runs = (run for page in pages(http, f"{name}/runs", "transferRuns", {"runAttempt": "LATEST"}) for run in page)
    return max(runs, key=lambda run: str(run.get("startTime") or run.get("scheduleTime") or ""), default=None)


def hand_over(http: Client, config: Mapping[str, Any], account: str) -> Item:
    """Have a scheduled query run as a service account; nothing else of it is changed, nor could be.

    The whole configuration is sent, as the service asks for, and the mask names the account alone: what somebody else
    changed meanwhile stays. (There is no etag.) Who asks needs `bigquery.transfers.update`, and
    `iam.serviceAccounts.actAs` on the account.
    https://cloud.google.com/bigquery/docs/reference/datatransfer/rest/v1/projects.locations.transferConfigs/patch

    Args:
        http: the source's client.
        config: the configuration as it was just read.
        account: e-mail address of the service account.

    Raises:
        SourceError: it may not be done, or the configuration is gone.
    """
    params = {"updateMask": "service_account_name", "serviceAccountName": account}
    return dict(http.send(Request("PATCH", f"/v1/{config['name']}", params, dict(config))).value)
