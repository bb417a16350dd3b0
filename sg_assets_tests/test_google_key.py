"""Keys of service accounts, as a variable gives them."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest

from sg_assets import google_key
from sg_assets_tests.canaries import found_in
from sg_assets_tests.canaries import google_key as made_key


def test_it_is_a_path_or_the_text_itself(tmp_path: Path) -> None:
    key, _ = made_key("https://oauth2.example.com/token")
    (tmp_path / "key.json").write_text(key)
    for given in (key, f"\n{key}\n", str(tmp_path / "key.json")):
        found = google_key.read(given, ["a-scope"])
        assert (found.service_account_email, found.scopes) == ("robot@made-up.example", ["a-scope"])
    assert google_key.read(key).scopes is None


def test_what_is_no_key_is_refused_and_not_shown(tmp_path: Path) -> None:
    key, secret = made_key("https://oauth2.example.com/token")
    (tmp_path / "key.json").write_text(secret)
    broken = [key[:-1], f'"{key}', f"[{key}]", key.replace("BEGIN", "GIN"), "{}"]
    for given in (*broken, secret, str(tmp_path / "key.json")):
        with pytest.raises(google_key.UnreadableKeyError) as refused:
            google_key.read(given)
        told = "".join(traceback.format_exception(refused.value))
        assert found_in(told.encode(), {"it": secret}) == set()
