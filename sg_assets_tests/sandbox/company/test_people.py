from sg_assets.sandbox.company.people import people_of


def test_people_of_a_group_have_addresses_of_their_own_at_its_domain() -> None:
    people = people_of(1, "group", "somewhere.example", 40)
    assert len({person.email for person in people}) == 40
    assert all(person.email.endswith("@somewhere.example") for person in people)


def test_a_larger_group_begins_with_the_same_people() -> None:
    assert people_of(1, "group", "a.example", 9)[:4] == people_of(1, "group", "a.example", 4)


def test_a_person_can_have_a_free_mail_address() -> None:
    person = people_of(1, "group", "a.example", 1)[0]
    assert person.free_mail == f"{person.first_name}_{person.last_name}@gmail.com".lower()
    assert person.name == f"{person.first_name} {person.last_name}"
