from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.environment_answers import answer_sets, latest_answers
from sg_assets.sandbox.company.staff import Department, staff
from sg_assets_tests.sandbox.world import ANCHOR, DAY, NOW


def test_no_two_answer_sets_have_the_same_time_and_respondent(company: Company) -> None:
    found = answer_sets(company, NOW)
    assert len({(one.submitted_at, one.respondent) for one in found}) == len(found) > 50
    assert all(one.submitted_at <= NOW for one in found)


def test_customer_engineers_answer(company: Company) -> None:
    engineers = {one.person.email for one in staff(company) if one.department is Department.CUSTOMER_ENGINEERING}
    assert {one.respondent for one in answer_sets(company, NOW)} <= engineers


def test_answers_are_those_of_the_customers_own_instance(company: Company) -> None:
    for one in answer_sets(company, NOW):
        instance = company.instances_of(one.customer)[0]
        assert one.answers.get("site_id") in {None, instance.site_id}
        if one.customer.case == "air gapped":
            assert one.answers.get("is_air_gapped") in {None, True}
    assert {one.answers.get("deployment_type") for one in answer_sets(company, NOW)} >= {None, "Managed instance"}


def test_the_latest_is_the_newest_of_each_customer(company: Company) -> None:
    found, latest = answer_sets(company, NOW), latest_answers(company, NOW)
    assert latest.keys() == {one.customer.account_id for one in found}
    for one in found:
        assert one.submitted_at <= latest[one.customer.account_id].submitted_at


def test_what_was_submitted_does_not_change(company: Company) -> None:
    then, later = answer_sets(company, ANCHOR), answer_sets(company, ANCHOR + 50 * DAY)
    assert later[: len(then)] == then
    assert len(later) > len(then)
