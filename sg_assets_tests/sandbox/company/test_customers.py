from sg_assets.sandbox.company.cases import CASES
from sg_assets.sandbox.company.customers import customer, unique_id


def test_the_first_customers_are_the_special_cases_in_their_order() -> None:
    assert [customer(1, place).case for place in range(len(CASES) + 2)] == [*CASES, "ordinary", "ordinary"]


def test_names_numbers_and_ids_are_their_own() -> None:
    customers = [customer(1, place) for place in range(300)]
    for field in ("name", "domain", "account_id", "unique_id"):
        assert len({getattr(one, field) for one in customers}) == 300
    assert {one.unique_id for one in customers} & {one.loser_unique_id for one in customers} == set()


def test_unique_account_ids_are_seven_digits() -> None:
    assert all(len(unique_id(7, place)) == 7 and unique_id(7, place).isdigit() for place in range(100))


def test_usernames_begin_with_the_name_without_blanks_dashes_kept() -> None:
    cases = {one.case: one for one in (customer(1, place) for place in range(len(CASES)))}
    assert cases["dashes in the name"].username_stem == "Kite-and-Key"
    assert " " not in cases["full"].username_stem


def test_everybody_works_at_their_own_company() -> None:
    one = customer(1, 3)
    assert len(one.people) >= 3
    assert all(person.email.endswith("@" + one.domain) for person in one.people)


def test_hosted_customers_are_small_so_that_their_events_are_few() -> None:
    assert customer(1, list(CASES).index("user-level")).seats <= 60
