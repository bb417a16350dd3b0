import re
import subprocess
import sys

from sg_assets.sandbox.company import dice


def test_the_same_names_give_the_same_throw_in_every_process() -> None:
    code = "from sg_assets.sandbox.company.dice import number; print(number(1, 'a', 2))"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(other.stdout) == dice.number(1, "a", 2)


def test_other_names_give_other_throws() -> None:
    assert len({dice.number("a", place) for place in range(1000)}) == 1000
    assert dice.number("ab", "c") != dice.number("a", "bc")


def test_fractions_spread_over_0_to_1() -> None:
    found = [dice.fraction("f", place) for place in range(1000)]
    assert 0 <= min(found) < 0.01
    assert 0.99 < max(found) < 1


def test_picks_every_item_at_times() -> None:
    assert {dice.pick("abc", "p", place) for place in range(50)} == set("abc")


def test_uuids_are_of_version_4() -> None:
    assert re.fullmatch(r"[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}", dice.uuid("u"))


def test_a_nonce_has_eight_bytes() -> None:
    assert len(dice.nonce("n")) == 8


def test_a_generator_of_its_own_goes_on_by_itself() -> None:
    first, again = dice.dice("d"), dice.dice("d")
    assert [first.random() for _ in range(3)] == [again.random() for _ in range(3)]
