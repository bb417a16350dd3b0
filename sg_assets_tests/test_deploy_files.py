"""What `deploy/` says fits together, and is taken by those that read it: Dagster, Kubernetes' own models.

Compose's schema and hadolint are in `make lint`. The Helm chart's schema is in no package that can be installed: what
the chart hands on to Dagster and to Kubernetes is judged by those, the names of its values by nobody here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from dagster._config import process_config, resolve_to_config_type
from dagster._core.instance.ref import InstanceRef

from sg_assets import discovery, variables

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = {"migrate", "code", "daemon", "webserver", "webserver-read-only", "watchdog"}
HELM: dict[str, Any] = yaml.safe_load((DEPLOY / "helm-values.yaml").read_text())
DAGSTER_YAML: dict[str, Any] = yaml.safe_load((DEPLOY / "dagster.yaml").read_text())


def snake(value: Any) -> Any:  # noqa: ANN401 (any part of the values)
    """Values as the chart writes them into a `dagster.yaml`: the same words in snake case."""
    if isinstance(value, dict):
        return {re.sub(r"(?<!^)(?=[A-Z])", "_", key).lower(): snake(found) for key, found in value.items()}
    return [snake(one) for one in value] if isinstance(value, list) else value


def instance_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """What the chart tells Dagster, but where it is stored, what launches runs and where logs are."""
    daemon = values["dagsterDaemon"]
    queue = daemon["runCoordinator"]["config"]["queuedRunCoordinator"]
    return {
        "run_coordinator": {"module": "dagster", "class": "QueuedRunCoordinator", "config": snake(queue)},
        "run_monitoring": snake(daemon["runMonitoring"]),
        "run_retries": snake(daemon["runRetries"]),
        "sensors": snake(daemon["sensors"]),
        "schedules": snake(daemon["schedules"]),
        "telemetry": values["telemetry"],
        "python_logs": snake(values["pythonLogs"]),
        "retention": {name: snake(told) for name, told in snake(values["retention"]).items() if name != "enabled"},
        **values["additionalInstanceConfig"],
    }


@pytest.mark.parametrize("declared", [DAGSTER_YAML, instance_of(HELM)], ids=["compose", "helm"])
def test_dagster_takes_the_instance(declared: Mapping[str, Any], tmp_path: Path) -> None:
    (tmp_path / "dagster.yaml").write_text(yaml.safe_dump(dict(declared)))
    settings: dict[str, Any] = dict(InstanceRef.from_dir(str(tmp_path)).settings)
    assert settings["run_retries"] == {"enabled": True, "max_retries": 2, "retry_on_asset_or_op_failure": False}
    assert settings["concurrency"]["pools"] == {"granularity": "run", "default_limit": 1}


def test_both_deployments_are_told_the_same() -> None:
    helm, ours = instance_of(HELM), DAGSTER_YAML
    for name in ("run_retries", "sensors", "schedules", "retention", "python_logs", "telemetry"):
        assert helm[name] == ours[name], name
    assert helm["concurrency"] == ours["concurrency"]
    monitoring = {name: value for name, value in helm["run_monitoring"].items() if name != "max_resume_run_attempts"}
    assert monitoring == ours["run_monitoring"]
    statuses = {"skipped", "success", "failure", "started"}  # the chart's schema wants each of them
    assert all(told["purge_after_days"].keys() == statuses for told in helm["retention"].values())


@pytest.mark.deployment
def test_the_parts_that_dagster_loads_take_what_they_are_told() -> None:
    from dagster_gcp.gcs.compute_log_manager import GCSComputeLogManager  # takes seconds
    from dagster_k8s.launcher import K8sRunLauncher

    launcher = HELM["runLauncher"]["config"]["k8sRunLauncher"]
    named = {
        "service_account_name": "dagster",
        "instance_config_map": "dagster-instance",
        "dagster_home": "/opt/dagster",
    }
    by_name = {"env_secrets": [one["name"] for one in launcher["envSecrets"]]}
    told: list[tuple[Any, dict[str, Any]]] = [
        (GCSComputeLogManager, DAGSTER_YAML["compute_logs"]["config"] | {"bucket": "logs"}),
        (GCSComputeLogManager, snake(HELM["computeLogManager"]["config"]["gcsComputeLogManager"])),
        (K8sRunLauncher, snake({k: v for k, v in launcher.items() if k != "securityContext"}) | named | by_name),
    ]
    for kind, config in told:
        ended = process_config(resolve_to_config_type(kind.config_type()), config)
        assert ended.success, [error.message for error in ended.errors or ()]


def test_every_service_restarts_is_looked_at_and_has_its_limits() -> None:
    for name, service in SERVICES.items():
        assert service["deploy"]["resources"]["limits"].keys() == {"cpus", "memory"}, name
        assert service["logging"]["options"].keys() == {"max-size", "max-file"}, name
        assert service["restart"] == ("on-failure:3" if name == "migrate" else "unless-stopped")
        assert ("healthcheck" in service) is (name != "migrate"), name
        assert not re.search(r":latest|@?:$", service["image"]), name


def test_ours_run_as_nobody_and_cannot_write_what_they_run() -> None:
    for name in OURS | {"proxy", "proxy-read-only"}:
        service = SERVICES[name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
    assert re.findall(r"^USER (.*)$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE) == ["10001:10001"]


def test_only_the_proxies_are_reached_and_they_reach_the_webservers_only() -> None:
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"proxy", "proxy-read-only"}
    assert {name for name, one in SERVICES.items() if "storage" in one["networks"]} == OURS | {"postgres"}
    read_only = SERVICES["webserver-read-only"]["command"]
    assert "--read-only" in read_only
    assert [word for word in read_only if word != "--read-only"] == SERVICES["webserver"]["command"]
    for name, upstream in (("proxy", "webserver"), ("proxy-read-only", "webserver-read-only")):
        assert SERVICES[name]["environment"]["OAUTH2_PROXY_UPSTREAMS"] == f"http://{upstream}:3000"
    assert SERVICES["watchdog"]["environment"]["SG_WATCHDOG_DAGSTER_URL"] == "http://webserver-read-only:3000"


def test_what_services_name_is_declared() -> None:
    for name, service in SERVICES.items():
        assert set(service.get("depends_on", ())) <= SERVICES.keys(), name
        assert set(service.get("secrets", ())) <= COMPOSE["secrets"].keys(), name
        assert set(service["networks"]) <= COMPOSE["networks"].keys(), name
        for told in service["environment"].values() if "environment" in service else ():
            if told.startswith("/run/secrets/"):
                assert told.removeprefix("/run/secrets/") in service["secrets"], name
    workspace = yaml.safe_load((DEPLOY / "workspace.yaml").read_text())["load_from"][0]["grpc_server"]
    assert workspace["host"] in SERVICES
    assert workspace["location_name"] in SERVICES["code"]["command"]
    assert str(workspace["port"]) in SERVICES["code"]["command"]


def test_who_needs_no_secret_of_a_vendor_has_none_and_none_is_written_down() -> None:
    with_files = {name: service["env_file"] for name, service in SERVICES.items() if "env_file" in service}
    assert with_files == {"code": ["sources.env"], "watchdog": ["alerts.env"]}
    with_logs = {name for name in SERVICES if "GOOGLE_APPLICATION_CREDENTIALS" in SERVICES[name].get("environment", {})}
    assert with_logs == {name for name in SERVICES if "google_credentials" in SERVICES[name].get("secrets", ())}
    assert with_logs == OURS - {"watchdog"}
    secret = {v.name for v in variables.every(discovery.reached()) if v.is_secret}
    for file in DEPLOY.iterdir():
        assert not [name for name in secret if re.search(rf"\b{name}[=:] *[^\s#]", file.read_text())], file


def test_the_example_has_every_variable_that_compose_asks_for() -> None:
    asked = set(re.findall(r"\$\{(\w+)", (DEPLOY / "compose.yaml").read_text()))
    assert set(re.findall(r"^(\w+)=", (DEPLOY / ".env.example").read_text(), re.MULTILINE)) == asked


def parts_for_kubernetes() -> Iterator[tuple[str, Any]]:
    """What is handed on to Kubernetes as it is, each with the model that it is one of."""
    yield "V1Deployment", yaml.safe_load((DEPLOY / "kubernetes-watchdog.yaml").read_text())
    deployments = HELM["dagster-user-deployments"]["deployments"]
    models = {
        "resources": "V1ResourceRequirements",
        "securityContext": "V1SecurityContext",
        "podSecurityContext": "V1PodSecurityContext",
        "startupProbe": "V1Probe",
        "livenessProbe": "V1Probe",
    }
    for part in (HELM["dagsterWebserver"], HELM["dagsterDaemon"], *deployments):
        yield from ((models[name], told) for name, told in part.items() if name in models)


def test_kubernetes_takes_what_is_handed_on_to_it() -> None:
    from kubernetes.client import ApiClient

    with ApiClient() as client:
        for model, told in parts_for_kubernetes():
            understood = client.deserialize(SimpleNamespace(data=json.dumps(told)), model)
            assert client.sanitize_for_serialization(understood) == told, model


def test_all_images_of_ours_are_the_same_one() -> None:
    assert {SERVICES[name]["image"] for name in OURS} == {SERVICES["code"]["image"]}
    helm = [HELM["dagsterWebserver"], HELM["dagsterDaemon"], *HELM["dagster-user-deployments"]["deployments"]]
    images = {f"{part['image']['repository']}:{part['image']['tag']}" for part in helm}
    watchdog = yaml.safe_load((DEPLOY / "kubernetes-watchdog.yaml").read_text())
    assert images == {one["image"] for one in watchdog["spec"]["template"]["spec"]["containers"]}
