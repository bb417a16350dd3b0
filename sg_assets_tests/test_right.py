"""Every credential has its rights written down; those are enough, and the doctor warns of more."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from sg_assets import discovery
from sg_assets.alerts import configured
from sg_assets.cli import main
from sg_assets.doctor import Diagnosis, examine
from sg_assets.environment import load
from sg_assets.sandbox.faults import Faults, Kind
from sg_assets.source import Source

SYSTEMS = discovery.project().systems
FURTHER = {
    "apollo": ["use storage.objects.create, storage.objects.delete, "],
    "events": ["use storage.objects.create, storage.objects.delete, "],
    "pings": ["use storage.objects.create, storage.objects.delete, "],
    "github": ["use the scope repo"],
    "hubspot": ["use the scope crm.objects.contacts.write"],
    "prometheus": ["delete series"],
    "salesforce": [
        "change records of Account (createable, deletable), Opportunity (",
        "change the fields of Account ARR__c",
    ],
    "production_db": ["change event_logs (delete, insert), ", "read event_logs (argument, url), "],
}
"""Of each vendor that tells: what the doctor says first of a credential that may do more."""


def test_every_system_says_what_its_credential_needs_and_what_can_be_told_of_more() -> None:
    assert [system.name for system in SYSTEMS if not (system.reached.needs and system.reached.excess)] == []


def test_what_is_only_read_needs_no_right_to_change_anything() -> None:
    sources = [system for system in SYSTEMS if not system.name.startswith("sent_")]
    changing = [right for system in sources for right in system.reached.needs if right.writes]
    assert [right for right in changing if not right.why.startswith("only for `")] == []  # what a person asks for
    sent = [system for system in SYSTEMS if system.name.startswith("sent_")]
    assert [system.name for system in sent if not any(right.writes for right in system.reached.needs)] == []


def test_every_channel_but_the_log_says_what_it_needs() -> None:
    assert configured.NEEDED.keys() - configured.NEEDS.keys() == {"log"}


def test_a_credential_that_may_do_more_is_a_warning_wherever_the_vendor_tells(tmp_path: Path) -> None:
    env = load({"SG_HOME": str(tmp_path), "SG_SANDBOX_SCALE": "0.05"})
    env.sandbox.faults.switch_on(Kind.FURTHER_RIGHTS)
    found = {one.source: one for one in examine(env, {name: _reached(name) for name in FURTHER})}
    assert {name: _beginnings(one, FURTHER[name]) for name, one in found.items()} == FURTHER
    assert [one.source for one in found.values() if one.is_sick or not one.is_permitted] == []


def test_a_warning_is_shown_and_in_json_and_no_failure(tmp_path: Path) -> None:
    Faults(tmp_path / "sandbox").switch_on(Kind.FURTHER_RIGHTS, "hubspot")
    variables = {"SG_HOME": str(tmp_path), "SG_SANDBOX_SCALE": "0.05"}
    shown = CliRunner().invoke(main, ["doctor", "hubspot"], env=variables)
    told = "may also use the scope crm.objects.contacts.write, which nobody needs. Take the scope from the private app."
    assert shown.exit_code == 0
    assert f"warning: {told}" in " ".join(shown.stdout.split())
    assert shown.stdout.splitlines()[0].split() == ["hubspot", "may", "do", "too", "much"]
    (found,) = json.loads(CliRunner().invoke(main, ["doctor", "hubspot", "--json"], env=variables).stdout)
    assert found["warnings"] == [told]
    assert [finding["subject"] for finding in found["findings"] if finding["too_much"]] == [
        "use the scope crm.objects.contacts.write"
    ]
    assert {"right": "crm.objects.deals.read", "on": "the private app", "writes": False}.items() <= found["needs"][
        2
    ].items()


@pytest.mark.parametrize("name", sorted({system.name for system in SYSTEMS} - FURTHER.keys()))
def test_of_the_others_it_is_written_why_nothing_is_asked(name: str) -> None:
    assert _reached(name).excess.startswith(("Not asked: ", "By the examination of the source"))


def _reached(name: str) -> Source:
    return next(system.reached for system in SYSTEMS if system.name == name)


def _beginnings(one: Diagnosis, expected: list[str]) -> list[str]:
    """The subjects of the warnings, each as long as what is expected in its place."""
    subjects = [finding.subject for finding in one.findings if finding.is_too_much]
    assert len(subjects) == len(expected), subjects
    return [subject[: len(wanted)] for subject, wanted in zip(subjects, expected, strict=True)]
