"""Both engines for every test of the dialect."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sg_assets_tests.warehouse.dialect.both import Both, opened


@pytest.fixture(scope="session")
def both() -> Iterator[Both]:
    """DuckDB and Google's engine, opened once."""
    yield from opened()
