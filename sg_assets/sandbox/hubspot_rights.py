"""The private app of the made-up company at HubSpot: its token, and the scopes that it was given.

It may read what we read; the fault `further_rights` lets it write contacts, too.
"""

from __future__ import annotations

from sg_assets.sandbox.faults import Kind
from sg_assets.sandbox.sandbox import Sandbox

TOKEN = "pat-na1-sandbox"  # noqa: S105 (of a made-up company)
SOURCE = "hubspot"
KINDS = ("companies", "contacts", "deals")
SCOPES = (
    "oauth",
    *(f"crm.objects.{kind}.read" for kind in KINDS),
    *(f"crm.schemas.{kind}.read" for kind in KINDS),
    "crm.objects.owners.read",
    "forms",
)
FURTHER = ("crm.objects.contacts.write",)


def scopes(sandbox: Sandbox) -> list[str]:
    """The scopes that the token has now."""
    return [*SCOPES, *(FURTHER if sandbox.faults.on(Kind.FURTHER_RIGHTS, SOURCE, "scopes") else ())]
