from collections import Counter
from datetime import timedelta

import pytest

from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.nps import Nps, dotcom_site
from sg_assets_tests.sandbox.world import ANCHOR, DAY


@pytest.fixture(scope="module")
def nps(company: Company) -> Nps:
    return Nps(company)


def test_what_was_answered_stays_as_it_was(company: Company, nps: Nps) -> None:
    later = nps.answers(ANCHOR + 40 * DAY)
    earlier = Nps(company).answers(ANCHOR)
    assert later[: len(earlier)] == earlier
    assert len(later) > len(earlier) > 200
    assert [answer.at for answer in later] == sorted(answer.at for answer in later)


def test_answers_are_of_all_kinds_and_some_of_nobody_signed_in(nps: Nps) -> None:
    answers = nps.answers(ANCHOR)
    assert {answer.kind for answer in answers} == {"promoter", "passive", "detractor"}
    assert {answer.score for answer in answers} <= set(range(11))
    assert 0.05 < sum(answer.email is None for answer in answers) / len(answers) < 0.4
    assert any("\n" in answer.improvement for answer in answers)


def test_people_answer_on_the_instance_of_their_company(company: Company, nps: Nps) -> None:
    sites = {one.site_id: one for one in company.instances}
    for answer in nps.answers(ANCHOR):
        customer = sites[answer.site_id].customer if answer.site_id in sites else None
        if customer and answer.email:
            assert answer.email in {person.email for person in customer.people}
    assert {answer.site_id for answer in nps.answers(ANCHOR)} - set(sites) == {dotcom_site(company)}


def test_the_truth_of_a_month_counts_every_answer_once(nps: Nps) -> None:
    until = ANCHOR + timedelta(days=3)
    months: dict[object, Counter[str]] = {}
    for answer in nps.answers(until):
        months.setdefault(answer.at.date().replace(day=1), Counter())[answer.kind] += 1
    expected = {m: (n["promoter"] - n["detractor"]) / n.total() for m, n in months.items()}
    assert nps.by_month(until) == pytest.approx(expected)
    assert len(expected) >= 14
