import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sg_assets.sandbox.faults import Faults, Kind


def test_nothing_is_on_and_nothing_is_written_at_first(tmp_path: Path) -> None:
    faults = Faults(tmp_path)
    assert list(faults.list()) == []
    assert faults.take(Kind.SERVER_ERROR, "pings", "/x") is None
    assert list(tmp_path.iterdir()) == []


def test_a_fault_is_on_until_it_is_cleared(tmp_path: Path) -> None:
    faults = Faults(tmp_path)
    fault = faults.switch_on(Kind.SLOW_BODY, "pings", match="*/o", seconds=3)
    assert list(faults.list()) == [fault]
    assert fault.options == {"seconds": 3}
    assert [faults.take(Kind.SLOW_BODY, "pings", "/storage/o") for _ in range(3)] == [fault] * 3
    assert faults.clear() == 1
    assert list(faults.list()) == []


def test_one_of_several_can_be_cleared(tmp_path: Path) -> None:
    faults = Faults(tmp_path)
    first, second = faults.switch_on(Kind.CUT_BODY), faults.switch_on(Kind.SERVER_ERROR)
    assert faults.clear(first.id) == 1
    assert list(faults.list()) == [second]


def test_a_counted_fault_is_used_up(tmp_path: Path) -> None:
    faults = Faults(tmp_path)
    faults.switch_on("server_error", "pings", count=2)
    taken = [faults.take(Kind.SERVER_ERROR, "pings", "/x") is not None for _ in range(3)]
    assert taken == [True, True, False]
    assert list(faults.list()) == []


def test_a_token_expires_once_unless_told_otherwise(tmp_path: Path) -> None:
    assert Faults(tmp_path).switch_on(Kind.EXPIRED_TOKEN, "salesforce").left == 1


def test_a_fault_concerns_its_source_and_what_it_matches(tmp_path: Path) -> None:
    faults = Faults(tmp_path)
    faults.switch_on(Kind.EMPTY_LIST, "salesforce", match="Account")
    assert faults.on(Kind.EMPTY_LIST, "salesforce", "Account")
    assert not faults.on(Kind.EMPTY_LIST, "salesforce", "Lead")
    assert not faults.on(Kind.EMPTY_LIST, "pings", "Account")
    assert not faults.on(Kind.NULL_VALUE, "salesforce", "Account")
    faults.switch_on(Kind.NULL_VALUE, match="*", field="x")
    assert faults.on(Kind.NULL_VALUE, "pings", "anything")


def test_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="earthquake"):
        Faults(tmp_path).switch_on("earthquake")


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (Kind.LATE_OBJECT, {}),
        (Kind.NULL_VALUE, {}),
        (Kind.WRONG_VALUE, {"field": "x"}),
    ],
)
def test_a_missing_option_is_refused(tmp_path: Path, kind: Kind, options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"{kind} needs"):
        Faults(tmp_path).switch_on(kind, **options)


def test_a_file_without_a_fault_in_it_yet_is_no_problem(tmp_path: Path) -> None:
    (tmp_path / "faults.sqlite").touch()
    assert list(Faults(tmp_path).list()) == []
    Faults(tmp_path).switch_on(Kind.CUT_BODY)
    assert len(Faults(tmp_path).list()) == 1


def test_another_process_sees_it_and_uses_it_up(tmp_path: Path) -> None:
    faults = Faults(tmp_path)
    faults.switch_on(Kind.SERVER_ERROR, "pings", count=1)
    code = (
        "import sys; from pathlib import Path; from sg_assets.sandbox.faults import Faults, Kind;"
        "print(Faults(Path(sys.argv[1])).take(Kind.SERVER_ERROR, 'pings', '/') is not None)"
    )
    other = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert other.stdout.strip() == "True"
    assert faults.take(Kind.SERVER_ERROR, "pings", "/") is None
