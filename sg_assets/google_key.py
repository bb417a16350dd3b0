"""A service account's key, as `SG_GOOGLE_CREDENTIALS` gives it: read into the credentials that sign with it.

What is signed is elsewhere: `google.py` asks sources, `warehouse/bigquery_client.py` the warehouse. Google's packages
are imported when a key is read.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from google.oauth2.service_account import Credentials

CREDENTIALS = "SG_GOOGLE_CREDENTIALS"
WANTED = f"{CREDENTIALS} is the path or the JSON text of a service account's key."


class UnreadableKeyError(Exception):
    """No key can be read; the message says nothing of what was given, which may be a key that is not quite one."""


def read(credentials: str, scopes: Sequence[str] | None = None) -> Credentials:
    """The credentials of a key, given as its JSON or as the path of a file with it, for tokens of these scopes.

    Without scopes, whoever uses the credentials says which.

    Raises:
        UnreadableKeyError: there is no such file, or there is something else in it.
    """
    from google.oauth2 import service_account

    given = credentials.strip()
    try:
        info = json.loads(given if given.startswith("{") else Path(given).read_text(encoding="utf-8"))
        return service_account.Credentials.from_service_account_info(info, scopes=scopes and list(scopes))
    except (OSError, TypeError, ValueError) as error:
        problem = type(error).__name__
    raise UnreadableKeyError(problem)  # outside the handler: the library's message, which may quote it, is not chained
