"""Sequences follow from the CRM: who owns a person writes to them, and it ends when something came of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.crm import Crm
from sg_assets.sandbox.company.crm_changes import CrmChanges
from sg_assets.sandbox.company.outreach import Outreach, Recipient, Sequence
from sg_assets_tests.sandbox.world import ANCHOR

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def outreach(company: Company) -> Outreach:
    return Outreach(company)


def listed(outreach: Outreach, days: float) -> list[tuple[Sequence, Recipient]]:
    found = outreach.recipients(ANCHOR + days * DAY)
    by_id = {one.id: one for one in outreach.sequences}
    return [(by_id[id_], one) for id_, recipients in found.items() for one in recipients]


def test_everybody_is_in_the_crm_and_owned_by_who_writes_to_them(outreach: Outreach) -> None:
    at = ANCHOR + 3 * DAY
    records = Crm(CrmChanges(outreach.company)).at(at)
    owners = {
        str(record["Email"]): record["OwnerId"] for kind in ("Contact", "Lead") for record in records[kind].values()
    }
    written_to = listed(outreach, 3)
    known = [(sequence, one) for sequence, one in written_to if one.email.lower() in owners]
    assert len(known) > 0.98 * len(written_to)  # the others were erased from the CRM since
    for sequence, one in known:
        if sequence.name != "Renewal check-in":  # there it is the owner of the opportunity
            assert owners[one.email.lower()] == sequence.owner.salesforce_user_id


def test_who_was_converted_is_not_written_to_any_more(outreach: Outreach) -> None:
    at = ANCHOR + 3 * DAY
    leads = Crm(CrmChanges(outreach.company)).at(at)["Lead"].values()
    converted = {str(lead["Email"]) for lead in leads if lead["IsConverted"]}
    states = {recipient.email.lower(): recipient.state(at) for _, recipient in listed(outreach, 3)}
    assert {states[email] for email in converted & states.keys()} == {"completed"}


def test_states_go_on_and_never_back(outreach: Outreach) -> None:
    seen: dict[str, str] = {}
    for days in (0, 1, 5, 15, 40):
        for _, one in listed(outreach, days):
            state = one.state(ANCHOR + days * DAY)
            assert seen.get(one.id, "active") in {"active", state}
            assert one.created_at <= one.updated_at(ANCHOR + days * DAY) <= ANCHOR + days * DAY
            seen[one.id] = state
    assert set(seen.values()) == {"active", "completed", "failed"}


def test_people_are_added_and_taken_out_after_the_anchor(outreach: Outreach) -> None:
    before, after = ({one.id for _, one in listed(outreach, days)} for days in (0, 6))
    assert after - before
    assert before - after


def test_an_address_may_be_spelled_in_two_ways(outreach: Outreach) -> None:
    emails = [one.email for _, one in listed(outreach, 0)]
    assert any(email != email.lower() for email in emails)
    assert len(emails) == len({(one.sequence_id, one.email) for _, one in listed(outreach, 0)})


def test_the_newest_come_first(outreach: Outreach) -> None:
    for recipients in outreach.recipients(ANCHOR).values():
        assert recipients == sorted(recipients, key=lambda one: (one.created_at, one.id), reverse=True)


def test_a_sequence_is_deleted_the_day_after_the_anchor(outreach: Outreach) -> None:
    gone = [one for one in outreach.sequences if one.deleted_at]
    assert [one.exists(ANCHOR) for one in gone] == [True]
    assert not gone[0].exists(ANCHOR + DAY)


def test_the_same_company_has_the_same_sequences(outreach: Outreach) -> None:
    again = Outreach(Company(outreach.company.seed, outreach.company.anchor, outreach.company.scale))
    assert again.sequences == outreach.sequences
    assert again.recipients(ANCHOR) == outreach.recipients(ANCHOR)
    assert len({one.id for one in outreach.sequences}) == len(outreach.sequences)
