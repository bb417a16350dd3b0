from datetime import timedelta
from itertools import pairwise

import pytest

from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.marketing import WAYS, Marketing, State
from sg_assets_tests.sandbox.world import ANCHOR, DAY, HOUR


@pytest.fixture(scope="module")
def marketing(company: Company) -> Marketing:
    return Marketing(company)


@pytest.fixture(scope="module")
def now(marketing: Marketing) -> State:
    return marketing.at(ANCHOR + 30 * HOUR)


def test_what_changed_says_so_within_minutes(marketing: Marketing) -> None:
    moments = [ANCHOR + timedelta(hours=hours, minutes=7) for hours in (5, 6, 9, 10, 40)]
    for earlier, later in pairwise(moments):
        before, after = marketing.at(earlier), marketing.at(later)
        for kind in ("contact", "company", "deal"):
            changed = [one for id_, one in after.records[kind].items() if before.records[kind].get(id_) != one]
            assert [one for one in changed if one.modified_at <= earlier - timedelta(minutes=5)] == []
            assert changed or later - earlier < DAY


def test_two_of_the_same_company_are_the_same_and_a_second_is_one_state(company: Company, marketing: Marketing) -> None:
    at = ANCHOR + 30 * HOUR
    assert marketing.at(at) == Marketing(company).at(at + timedelta(milliseconds=700))


def test_every_association_joins_records_that_are_there(now: State) -> None:
    for origin, target in WAYS:
        joined = now.associated(origin, target)
        assert joined
        for start, others in joined.items():
            for end, ways in others:
                assert now.records[origin][start].archived_at is None
                assert now.records[target][end].archived_at is None
                assert ways[0] == WAYS[origin, target][0]


def test_some_contacts_are_champions(now: State) -> None:
    labels = {w.label for many in now.associated("company", "contact").values() for _, ways in many for w in ways}
    assert labels == {None, "Primary", "Champion"}


def test_people_are_associated_with_the_company_of_their_address(now: State) -> None:
    for company, people in now.associated("company", "contact").items():
        domain = now.records["company"][company].properties["domain"]
        assert all(str(now.records["contact"][id_].properties["email"]).endswith(f"@{domain}") for id_, _ in people)


@pytest.mark.parametrize("kind", ["contact", "company", "deal"])
def test_records_have_the_same_properties_and_times_in_order(now: State, kind: str) -> None:
    records = now.records[kind].values()
    assert len({frozenset(record.properties) for record in records}) == 1
    for record in records:
        assert record.created_at <= record.modified_at <= ANCHOR + 30 * HOUR
        assert record.modified_at.microsecond % 1000 == 0


def test_archived_records_can_be_seen_for_ninety_days(marketing: Marketing) -> None:
    for days in (1, 60):
        at = ANCHOR + days * DAY
        gone = [r.archived_at for r in marketing.at(at).records["contact"].values() if r.archived_at]
        assert gone
        assert all(at - 90 * DAY <= moment <= at for moment in gone)
