"""What is said in Python: hosts and domains, and how the functions come into a connection."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from sg_assets.warehouse.dialect import prepare, to_duckdb
from sg_assets_tests.warehouse.dialect.both import Both, check_value, each

# The table in BigQuery's documentation of the net functions: URL, host, public suffix, registered domain.
DOCUMENTED = [
    ("", None, None, None),
    ("http://abc.xyz", "abc.xyz", "xyz", "abc.xyz"),
    ("//user:password@a.b:80/path?query", "a.b", None, None),
    ("https://[::1]:80", "[::1]", None, None),
    ("http://例子.卷筒纸.中国", "例子.卷筒纸.中国", "中国", "卷筒纸.中国"),
    ("    www.Example.Co.UK    ", "www.Example.Co.UK", "Co.UK", "Example.Co.UK"),
    ("mailto:?to=&subject=&body=", "mailto", None, None),
]
HOSTS = {
    "a.com:80/path": "a.com",
    "http://a.com.": "a.com.",
    "http://a.com..": "a.com.",
    "http://.a.com": "a.com",
    "a@b@c.com": "c.com",
    "http://[::1": "[::1",
    "http:a.com": "http",
    r"http://x.com\\path": "x.com",
    "x?y@z.com": "x",
}


@pytest.mark.parametrize(("url", "host", "suffix", "domain"), DOCUMENTED)
def test_parts_of_a_url(both: Both, url: str, host: str | None, suffix: str | None, domain: str | None) -> None:
    check_value(both.duck, f"net.host('{url}')", host)
    check_value(both.duck, f"net.public_suffix('{url}')", suffix)
    check_value(both.duck, f"net.reg_domain('{url}')", domain)


def test_a_private_domain_is_no_public_suffix(both: Both) -> None:
    check_value(both.duck, "net.reg_domain('http://foo.us.com')", "us.com")


@pytest.mark.parametrize(("url", "host"), [*each(HOSTS), *((url, host) for url, host, _, _ in DOCUMENTED)])
def test_a_host_is_googles(both: Both, url: str, host: str | None) -> None:
    check_value(both.duck, f"net.host('{url}')", host)
    check_value(both.google, f"net.host('{url}')", host)


@pytest.mark.parametrize("function", ["net.host", "net.reg_domain", "farm_fingerprint", "upper", "reverse"])
def test_null_gives_null(both: Both, function: str) -> None:
    check_value(both.duck, f"{function}(cast(null as string))", None)


def test_a_file_that_is_only_read_can_have_them_and_keeps_none(tmp_path: Path) -> None:
    path = str(tmp_path / "warehouse.duckdb")
    with closing(duckdb.connect(path)) as connection:
        connection.execute("create table t as select 7 as n")
    with closing(duckdb.connect(path, read_only=True)) as connection:
        prepare(connection)
        assert connection.execute(to_duckdb("select n / 2 from t")).fetchall() == [(3.5,)]
    with closing(duckdb.connect(path)) as connection:
        kept = "select count(*) from duckdb_functions() where function_name like 'bq\\_%' escape '\\'"
        assert connection.execute(kept).fetchall() == [(0,)]


def test_a_connection_may_be_prepared_again_and_so_may_its_cursors() -> None:
    with closing(duckdb.connect()) as connection:
        prepare(connection)
        prepare(connection)
        cursor = connection.cursor()
        prepare(cursor)
        sql = to_duckdb("select round(2.675, 2), substr('abc', -2)")
        assert cursor.execute(sql).fetchall() == connection.execute(sql).fetchall() == [(2.67, "bc")]


def test_times_are_in_utc_whatever_the_machine_says(both: Both) -> None:
    assert both.connection.execute("select current_setting('TimeZone')").fetchall() == [("UTC",)]
