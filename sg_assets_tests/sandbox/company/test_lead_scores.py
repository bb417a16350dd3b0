from datetime import date

from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.lead_scores import QUALIFIED_POINTS, score_of
from sg_assets_tests.sandbox.world import ANCHOR, DAY

CREATED = (ANCHOR - 100 * DAY).date()


def test_marketing_qualifies_by_points(company: Company) -> None:
    for place in range(200):
        day = date(2026, 10, 1) if place % 2 else None
        score = score_of(company, f"{place}@acme.example", day, CREATED)
        assert (score.points >= QUALIFIED_POINTS) == (score.mql_on is not None)
        assert score.mql_on == day


def test_product_qualifies_by_the_better_grade(company: Company) -> None:
    scores = [score_of(company, f"{place}@acme.example", None, CREATED) for place in range(300)]
    for score in scores:
        assert score.grade == min(score.cloud_grade, score.private_grade)
        assert (score.grade in {"A", "B"}) == (score.pql_on is not None) == (score.stage == "PQL")
        assert score.pql_on is None or CREATED <= score.pql_on <= ANCHOR.date()
    assert {score.stage for score in scores} == {"PQL", "Lead"}


def test_a_score_can_be_asked_for_again(company: Company) -> None:
    assert score_of(company, "a@b.example", None, CREATED) == score_of(company, "a@b.example", None, CREATED)
