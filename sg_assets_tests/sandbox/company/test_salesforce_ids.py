from sg_assets.sandbox.company.salesforce_ids import _check, salesforce_id


def test_ids_have_18_characters_and_the_prefix_of_their_object() -> None:
    found = {salesforce_id("001", "account", place) for place in range(500)}
    assert len(found) == 500
    assert all(len(one) == 18 and one.startswith("001") for one in found)


def test_the_last_three_characters_say_which_letters_are_upper_case() -> None:
    # Five letters are five bits, the first the lowest: Z and T of 1ZwTi are 2 + 8, the eleventh character.
    assert [_check("00570"), _check("00000"), _check("1ZwTi")] == ["A", "A", "K"]
    one = salesforce_id("006", "x")
    assert one[15:] == "".join(_check(one[start : start + 5]) for start in (0, 5, 10))
