"""Google Tag Manager: which tags, triggers and variables are live on the company's websites, and every state they had.

Only what is published is read (`versions:live`), because workspaces hold drafts. There is no way to ask for changes;
what tells them is each object's fingerprint, which is part of the keys here: a changed tag is a new row, and the row of
its former state gets `_deleted_at`. Protocol: https://developers.google.com/tag-platform/tag-manager/api/v2
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any

from sg_assets import google
from sg_assets.columns import Classification, Column
from sg_assets.examination import Finding, look
from sg_assets.http import Client, SourceError
from sg_assets.http.exchange import segment
from sg_assets.promise import DAILY
from sg_assets.source import Page, Pull, RateLimit, Right, Row, Source, Variable
from sg_assets.table import Mode

NAME, ACCOUNT = "google_tag_manager", "SG_GOOGLE_TAG_MANAGER_ACCOUNT"
READ = "https://www.googleapis.com/auth/tagmanager.readonly"
RATE = RateLimit(calls=12, seconds=50)
"""A project may call 25 times in any 100 seconds. Twice 12 are within that: so a refresh has its few calls at once, and
one of an account with many containers never waits so long for the next that it is given up.

https://developers.google.com/tag-platform/tag-manager/api/v2/limits-quotas
"""
PERSONAL = Classification.PERSONAL
Object = Mapping[str, Any]


def connect(base_url: str, settings: Mapping[str, str]) -> Client:
    """The client of the service account, which must be a user of the Tag Manager account.

    Raises:
        SourceError: the credentials are no key.
    """
    return google.connect(NAME, base_url, settings, (READ,), rate=RATE)


google_tag_manager = Source(
    name=NAME,
    description="Tags on the company's websites: what is live there, and what it was before.",
    owner="team:marketing",
    promise=DAILY,
    connect=connect,
    base_url="https://tagmanager.googleapis.com",
    variables=(
        Variable(ACCOUNT, "Number of the Tag Manager account."),
        Variable(google.CREDENTIALS, "Key of a service account: path or JSON.", is_secret=True),
    ),
    needs=(
        Right(READ, "the access token", "asked for by us: the token itself cannot write"),
        Right("Read", "each container", "list containers and read their live versions"),
    ),
    excess=google.READ_ONLY_SCOPE,
)


@google_tag_manager.examine
def examine(http: Client, settings: Mapping[str, str]) -> Iterator[Finding]:
    """The list of containers, and what is live of each: the right to read is given container by container."""
    found: list[Object] = []
    yield look(f"account {settings[ACCOUNT]}", lambda: found.extend(_containers(http, settings)))
    for one in found:
        yield look(f"container {one['publicId']}", partial(_live_version, http, one))


CONTAINER_ID = {"containerId": Column("container_id", "STRING", "Number of the container.")}
FINGERPRINT = {"fingerprint": Column("fingerprint", "STRING", "Mark that is another one whenever it is saved.")}
PARAMETERS = {
    "parameter": Column("parameters", "JSON", "Its parameters, as the API gives them; null where it runs on a server."),
}
NOTES = {"notes": Column("notes", "STRING", "What its authors noted.", PERSONAL)}
SETTINGS = Column("settings", "JSON", "What else it says of itself; null where it runs on a server.")

CONTAINER = {
    **CONTAINER_ID,
    "accountId": Column("account_id", "STRING", "Number of the account."),
    "publicId": Column("public_id", "STRING", "Name by which websites load it: GTM-…"),
    "name": Column("name", "STRING", "Name of the container, usually that of its website."),
    "usageContext": Column("usage_contexts", "ARRAY<STRING>", "Where it runs: web, server, android, ios, amp."),
    "domainName": Column("domain_names", "ARRAY<STRING>", "Domains that it is meant for."),
    **FINGERPRINT,
    "tagManagerUrl": Column("tag_manager_url", "STRING", "Its page in Tag Manager."),
}
VERSION = {
    **CONTAINER_ID,
    "containerVersionId": Column("version_id", "STRING", "Number of the version within its container."),
    "name": Column("name", "STRING", "Name of the version."),
    "description": Column("description", "STRING", "What its authors said of it.", PERSONAL),
    **FINGERPRINT,
    "tagManagerUrl": Column("tag_manager_url", "STRING", "Its page in Tag Manager."),
}
COUNTS = {kind: Column(f"{kind}s", "INT64", f"How many {kind}s are in it.") for kind in ("tag", "trigger", "variable")}
TAG = {
    **CONTAINER_ID,
    "tagId": Column("tag_id", "STRING", "Number of the tag within its container."),
    **FINGERPRINT,
    "name": Column("name", "STRING", "Name of the tag."),
    "type": Column("type", "STRING", "Kind of tag: gaawe (Analytics event), awct (Ads conversion), html, …"),
    "paused": Column("is_paused", "BOOL", "Whether it fires no more for the time being."),
    "firingTriggerId": Column("firing_trigger_ids", "ARRAY<STRING>", "Triggers that fire it."),
    "blockingTriggerId": Column("blocking_trigger_ids", "ARRAY<STRING>", "Triggers that keep it from firing."),
    "tagFiringOption": Column("firing_option", "STRING", "How often it fires: oncePerEvent, oncePerLoad, unlimited."),
    "parentFolderId": Column("folder_id", "STRING", "Folder that it is in."),
    **NOTES,
    **PARAMETERS,
}
TRIGGER = {
    **CONTAINER_ID,
    "triggerId": Column("trigger_id", "STRING", "Number of the trigger within its container."),
    **FINGERPRINT,
    "name": Column("name", "STRING", "Name of the trigger."),
    "type": Column("type", "STRING", "What it waits for: pageview, customEvent, formSubmission, …"),
    "parentFolderId": Column("folder_id", "STRING", "Folder that it is in."),
    **NOTES,
    **PARAMETERS,
}
VARIABLE = {
    **CONTAINER_ID,
    "variableId": Column("variable_id", "STRING", "Number of the variable within its container."),
    **FINGERPRINT,
    "name": Column("name", "STRING", "Name of the variable."),
    "type": Column("type", "STRING", "Where its value is from: v (data layer), k (cookie), c (constant), jsm, …"),
    "parentFolderId": Column("folder_id", "STRING", "Folder that it is in."),
    **NOTES,
    **PARAMETERS,
}
LEFT_OUT = {
    "path", "accountId", "workspaceId", "features", "tagIds", "notes", "taggingServerUrls", "deleted", "container",
    "tag", "trigger", "variable", "folder", "builtInVariable", "zone", "client", "customTemplate", "gtagConfig",
    "transformation",
}  # fmt: skip
"""What containers and versions say besides that is not kept: what is in other tables, or of no use."""


@google_tag_manager.pull(
    columns=tuple(CONTAINER.values()), key=("container_id",), mode=Mode.SNAPSHOT, may_be_empty=False
)
def container(pull: Pull) -> Iterator[Page]:
    """One row per container: usually a website's. A deleted one stays and says so."""
    yield Page([_named(one, CONTAINER) for one in _all_containers(pull)])


@google_tag_manager.pull(
    columns=(*VERSION.values(), *COUNTS.values()), key=("container_id", "version_id"), mode=Mode.SNAPSHOT
)
def live_version(pull: Pull) -> Iterator[Page]:
    """One row per version that was found live, of each container; one that no longer is stays and says since when."""
    yield Page(
        [
            _named(one, VERSION) | {column.name: len(one.get(kind, ())) for kind, column in COUNTS.items()}
            for one in _live_versions(pull)
        ]
    )


@google_tag_manager.pull(
    columns=(*TAG.values(), SETTINGS), key=("container_id", "tag_id", "fingerprint"), mode=Mode.SNAPSHOT
)
def tag(pull: Pull) -> Iterator[Page]:
    """One row per state of a tag that was found live; a former state stays and says since when it is none."""
    yield Page([{"is_paused": False, **one} for one in _objects(pull, "tag", TAG)])


@google_tag_manager.pull(
    columns=(*TRIGGER.values(), SETTINGS), key=("container_id", "trigger_id", "fingerprint"), mode=Mode.SNAPSHOT
)
def trigger(pull: Pull) -> Iterator[Page]:
    """One row per state of a trigger that was found live; a former state stays and says since when it is none."""
    yield Page(_objects(pull, "trigger", TRIGGER))


@google_tag_manager.pull(
    columns=(*VARIABLE.values(), SETTINGS), key=("container_id", "variable_id", "fingerprint"), mode=Mode.SNAPSHOT
)
def variable(pull: Pull) -> Iterator[Page]:
    """One row per state of a variable that was found live; a former state stays and says since when it is none."""
    yield Page(_objects(pull, "variable", VARIABLE))


def _all_containers(pull: Pull) -> Sequence[Object]:
    """Every container, asked for once in a run: the five tables are about the same answers."""
    return pull.once("containers", lambda: list(_containers(pull.http, pull.settings)))


def _live_versions(pull: Pull) -> Sequence[Object]:
    """What is live of every container, asked for once in a run; a container that was never published has nothing."""

    def ask() -> list[Object]:
        found = (_live_version(pull.http, one) for one in _all_containers(pull))
        return [version for version in found if version is not None]

    return pull.once("live versions", ask)


def _containers(http: Client, settings: Mapping[str, str]) -> Iterator[Object]:
    path, params = f"/tagmanager/v2/accounts/{settings[ACCOUNT]}/containers", dict[str, str]()
    while True:
        answer = http.get_json(path, params)
        yield from answer.get("container", ())
        if not (token := answer.get("nextPageToken")):
            return
        params = {"pageToken": token}


def _live_version(http: Client, one: Object) -> Object | None:
    """The live version of a container; None where nothing was published, which is a 404.

    Raises:
        SourceError: it could not be had.
    """
    account, container = segment(one["accountId"]), segment(one["containerId"])
    path = f"/tagmanager/v2/accounts/{account}/containers/{container}/versions:live"
    try:
        answer: Object = http.get_json(path)
    except SourceError as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
        return None
    return answer


def _objects(pull: Pull, kind: str, fields: Mapping[str, Column]) -> list[Row]:
    """The objects of a kind in all live versions.

    What runs in browsers is public to begin with; parameters of what runs on a server may hold keys of other systems,
    and stay there.
    """
    found: list[Row] = []
    for version in _live_versions(pull):
        is_secret = "server" in version.get("container", {}).get("usageContext", ("server",))
        for one in version.get(kind, ()):
            row = {fields[name].name: value for name, value in one.items() if name in fields}
            more = {name: value for name, value in one.items() if name not in fields and name not in LEFT_OUT}
            found.append(row | ({"parameters": None} if is_secret else {SETTINGS.name: more or None}))
    return found


def _named(one: Object, fields: Mapping[str, Column]) -> dict[str, object]:
    """A container or version under our names; a field that is new to us keeps its own."""
    known = {name: value for name, value in one.items() if name in fields or name not in LEFT_OUT}
    return {fields[name].name if name in fields else name: value for name, value in known.items()}
