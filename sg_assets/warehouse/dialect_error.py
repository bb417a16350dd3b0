"""The one error of the dialect: SQL that is not carried over, or must not be built from."""

from __future__ import annotations


class DialectError(ValueError):
    """The SQL cannot be carried over faithfully, or its result is no function of its inputs; the message says what to do."""
