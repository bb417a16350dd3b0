"""What a deployment needs beside the credentials of sources: who may do what, for `docs/permissions.md`.

The rights are those that Dagster's compute logs, its run launcher and our store ask for, as their code has it. Which
container is given which secret is read from `deploy/compose.yaml`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from sg_assets.right import Right

COMPOSE = Path(__file__).parents[1] / "deploy" / "compose.yaml"

LOGS = (
    Right(
        "storage.buckets.get", "the bucket of compute logs, by a custom role", "each process asks whether it is there"
    ),
    Right("storage.objects.create", "that bucket", "runs keep what steps print", writes=True),
    Right("storage.objects.get, .list", "that bucket", "webservers show it"),
    Right("storage.objects.delete", "that bucket", "the whole replaces its parts, old runs are removed", writes=True),
    Right("iam.serviceAccounts.signBlob", "itself, where there is no key", "links to download a log; without it, none"),
)
"""https://cloud.google.com/storage/docs/access-control/iam-permissions for what `GCSComputeLogManager` calls."""

STORE = (
    Right("CONNECT, CREATE", "a database of its own", "make the schema sg_ops once, and keep it", writes=True),
    Right("CREATE", "the schema public of that database", "Dagster's tables, and their migrations", writes=True),
    Right("pg_dump: SELECT on all of it", "a role of its own", "the nightly backup"),
)

LAUNCHER = (
    Right("jobs: create, get, list, delete", "its own namespace", "a run is a job", writes=True),
    Right("jobs/status: get", "its own namespace", "whether a run is still there"),
    Right(
        "pods: get, list, delete", "its own namespace", "why a run did not start; a run that is stopped", writes=True
    ),
    Right("pods/log: get; events: list", "its own namespace", "why a run did not start"),
)
"""What `K8sRunLauncher` calls of Kubernetes."""

LOGS_WHO = """\
Who: a service account of its own, by the secret `google_credentials`; on Kubernetes the identity that is bound to the
service account `dagster`. Warehouse and sources have `SG_GOOGLE_CREDENTIALS`, which with compose only the code server
knows: so webservers and daemon can read no data. Where that is not set, the warehouse takes this one.
"""
STORE_WHO = """\
Who: the role in `SG_OPERATIONS_URL`, which every process of ours has; no superuser, and nothing else in that database.
Over TLS (`sslmode=require`) where it is on another machine.
"""
LAUNCHER_WHO = """\
Who: the service account `dagster`, by a role that the chart makes (wider: it may also change pods and events). Daemon,
webservers and runs have it; the code server has another, which needs nothing of this; the watchdog's is not mounted.
Who may start jobs there may read the secrets that a run is given.
"""
HEADS = {
    "Deployment: compute logs in Cloud Storage": (LOGS, LOGS_WHO),
    "Deployment: Postgres": (STORE, STORE_WHO),
    "Deployment: launching runs on Kubernetes": (LAUNCHER, LAUNCHER_WHO),
}
PEOPLE = """\
## Deployment: people

| who | may | how |
|---|---|---|
| everybody with an address of the company | look: the second webserver changes nothing | `SG_EMAIL_DOMAIN`, port 4181 |
| who is listed in the secret `editors` | launch and stop runs, switch schedules and sensors off | port 4180 |
| who may use Docker, or `kubectl exec` in the namespace | everything, credentials included | accounts there |
| who may push to the default branch | everything that the next image does | the repository's own rules |
"""


def sections(section: Callable[..., Iterable[str]]) -> Iterator[str]:
    """The page's part about deployments; `section` writes one from title, variables, rights and what is too much."""
    for title, (needs, who) in HEADS.items():
        yield from section(title, (), needs, "", who)
    yield from _secrets(yaml.safe_load(COMPOSE.read_text(encoding="utf-8")))
    yield PEOPLE


def _secrets(compose: Mapping[str, Any]) -> Iterator[str]:
    yield "## Deployment: who knows which secret\n"
    yield "As `deploy/compose.yaml` hands them out; only root can read the files.\n"
    yield "| container | files in `secrets` | variables in | networks |\n|---|---|---|---|"
    for name, service in compose["services"].items():
        files = ", ".join(f"`{one}`" for one in service.get("secrets", ()))
        variables = ", ".join(f"`{one}`" for one in service.get("env_file", ()))
        yield f"| {name} | {files} | {variables} | {', '.join(service['networks'])} |"
    yield ""
