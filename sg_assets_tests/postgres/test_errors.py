"""The driver's own messages, as they came from a real server, and what they mean."""

from __future__ import annotations

import pytest

from sg_assets.postgres.errors import meaning

MISSING = (
    'NOT_FOUND: Failed to prepare query: ERROR:  column "nope" does not exist\n'
    "LINE 1: select nope from pg_class\n               ^\n\nQuery was: select nope from pg_class. SQLSTATE: 42703"
)
TIMED_OUT = "[libpq] Execution error [PGRES_FATAL_ERROR]: ERROR:  canceling statement due to statement timeout\n"
CUT = (
    "[libpq] PQgetCopyData() failed: server closed the connection unexpectedly\n"
    "\tThis probably means the server terminated abnormally\n\tbefore or while processing the request.\n"
)
REFUSED = (
    'IO: [libpq] Failed to connect: connection to server at "127.0.0.1", port 1 failed: Connection refused\n'
    "\tIs the server running on that host and accepting TCP/IP connections?\n"
)
WRONG = (
    'IO: [libpq] Failed to connect: connection to server on socket "/s" failed: FATAL:  password authentication failed'
    ' for user "u"\n'
)


@pytest.mark.parametrize(
    ("text", "status", "came", "advice"),
    [
        (MISSING, 404, 'column "nope" does not exist', "renamed or dropped"),
        (MISSING.replace("42703", "42501"), 403, 'column "nope" does not exist', "grant it select"),
        (TIMED_OUT, 504, "canceling statement due to statement timeout", "a later try"),
        (CUT, None, "PQgetCopyData() failed: server closed the connection unexpectedly", "Is the server up"),
        (
            REFUSED,
            None,
            'Failed to connect: connection to server at "127.0.0.1", port 1 failed: Connection refused',
            "",
        ),
        (WRONG, 401, 'FATAL: password authentication failed for user "u"', "Check the role"),
        (WRONG.replace("password authentication failed", "sorry, too many clients already"), None, "too many", ""),
        (WRONG.replace("password authentication failed", "the database system is starting up"), None, "", ""),
    ],
)
def test_a_message_says_what_came_and_what_to_do(text: str, status: int | None, came: str, advice: str) -> None:
    found = meaning(text)
    assert found.status == status
    assert came in found.came
    assert "\n" not in found.came
    assert "Query was" not in found.came
    assert advice in found.advice


@pytest.mark.parametrize("code", ["", " SQLSTATE: 22P02"])
def test_a_value_is_never_repeated(code: str) -> None:
    found = meaning(f'ERROR:  invalid input syntax for type bigint: "ada@example.com"\n.{code}')
    assert (found.came, found.status) == ("invalid input syntax for type bigint", 404)
