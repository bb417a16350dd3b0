from datetime import timedelta

from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.crm_people import users
from sg_assets.sandbox.company.staff import Department, in_department, staff
from sg_assets_tests.sandbox.world import ANCHOR, DAY


def test_everybody_has_an_address_a_name_on_github_and_a_number_of_their_own(company: Company) -> None:
    everybody = staff(company)
    assert [one.number for one in everybody] == list(range(len(everybody)))
    assert (
        len({one.person.email for one in everybody}) == len({one.github_login for one in everybody}) == len(everybody)
    )
    assert all(one.person.email.endswith("@sourcegraph.com") for one in everybody)


def test_the_users_of_salesforce_are_the_people_of_sales_and_customer_engineering(company: Company) -> None:
    known = {change.id: change.fields for change in users(company)}
    found = {one.salesforce_user_id: one for one in staff(company) if one.salesforce_user_id}
    assert set(found) == set(known)
    for id_, one in found.items():
        fields = known[str(id_)]
        assert (one.person.email, one.person.name, one.person.title) == (
            fields["Email"],
            fields["Name"],
            fields["Title"],
        )
        assert one.works_at(ANCHOR) == fields["IsActive"]
        assert (one.department is Department.SALES) == (one.person.title == "Account Executive")


def test_every_department_has_people(company: Company) -> None:
    assert all(in_department(company, department, ANCHOR) for department in Department)


def test_people_join_and_leave(company: Company) -> None:
    now = {one for one in staff(company) if one.works_at(ANCHOR)}
    soon = {one for one in staff(company) if one.works_at(ANCHOR + 10 * DAY)}
    assert len(soon - now) == 2
    assert len(now - soon) == 1
    assert any(one.left_at and one.left_at < ANCHOR for one in staff(company))
    assert all(one.left_at is None or one.left_at > one.joined_at + timedelta(days=9) for one in staff(company))


def test_the_people_do_not_depend_on_the_size_of_the_company(company: Company) -> None:
    assert staff(Company(company.seed, company.anchor, 2.0)) == staff(company)
