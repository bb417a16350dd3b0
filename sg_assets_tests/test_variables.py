from pathlib import Path

from sg_assets import discovery, variables


def test_each_variable_is_listed_once_and_described() -> None:
    found = variables.every(discovery.sources())
    assert len({v.name for v in found}) == len(found)
    assert all(v.description for v in found)
    assert {"SG_ENV", "SG_SALESFORCE_URL", "SG_PINGS_BUCKET"} <= {v.name for v in found}


def test_no_file_keeps_nothing(tmp_path: Path) -> None:
    assert variables.kept_in(tmp_path / ".env") == {}


def test_a_file_keeps_what_it_sets(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("# a comment\nSG_ENV=production\nSG_CLOCK=\nSG_HOME\n#SG_WAREHOUSE=x\n")
    assert variables.kept_in(tmp_path / ".env") == {"SG_ENV": "production", "SG_CLOCK": ""}
