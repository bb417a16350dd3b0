"""Licence keys: what a key says, and the hash under which it is stored, because the key itself never is.

A key is base64 (URL alphabet, no padding) of JSON `{"sig": {"Format", "Blob", "Rest"}, "info": base64 of JSON}`. It is
signed but not encrypted, so whoever has it can read its claims; the signature is not checked here, since that needs the
vendor's private half and no decision of ours hangs on it. The format is that of `internal/license/license.go` in
Sourcegraph's public source. Encoding is for the sandbox.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from sg_assets.columns import Classification, Column

PREFIX = "license_"
NO_TIME = datetime(1, 1, 1, tzinfo=UTC)
"""What Go writes for a time that was never set: keys before version 3 carry it as their time of creation."""

claims_columns: tuple[Column, ...] = (
    Column(
        "license_key_sha256",
        "STRING",
        "SHA-256 (hexadecimal) of the licence key without blanks around it; the key itself is never stored.",
        Classification.PSEUDONYMOUS,
    ),
    Column("license_version", "INT64", "Version of the key's format: 2 adds Salesforce ids, 3 the time of creation."),
    Column("license_tags", "ARRAY<STRING>", "Tags in the key: plan:enterprise-1, trial, the company's name, …"),
    Column("license_user_count", "INT64", "Users that the key allows."),
    Column("license_created_at", "TIMESTAMP", "When the key was made; null before version 3 of the format."),
    Column("license_expires_at", "TIMESTAMP", "When the key expires."),
    Column("license_salesforce_subscription_id", "STRING", "Salesforce id of the subscription that the key is for."),
    Column("license_salesforce_opportunity_id", "STRING", "Salesforce id of the opportunity that the key was sold in."),
)
"""The columns in place of a licence key, the same wherever one arrives. A key that cannot be read has only its hash."""

_NOTHING: dict[str, object] = {column.name: None for column in claims_columns}


@dataclass(frozen=True, slots=True)
class LicenseClaims:
    """What a licence key says of itself; `created_at` is None where the key does not say it."""

    version: int
    tags: tuple[str, ...]
    user_count: int
    created_at: datetime | None
    expires_at: datetime
    salesforce_subscription_id: str | None = None
    salesforce_opportunity_id: str | None = None


def encode_license_key(  # noqa: PLR0913 (the parts of a key)
    *,
    version: int,
    tags: tuple[str, ...] | list[str],
    user_count: int,
    created_at: datetime,
    expires_at: datetime,
    salesforce_subscription_id: str | None = None,
    salesforce_opportunity_id: str | None = None,
    nonce: bytes,
) -> str:
    """Write a key in the vendor's format; its signature is only a hash, which no instance would accept.

    The arguments are those of `LicenseClaims`, and eight bytes that make two keys with the same claims differ.

    Raises:
        ValueError: the nonce has another length.
    """
    if len(nonce) != 8:  # noqa: PLR2004 (the format's own figure)
        msg = f"a licence key's nonce has 8 bytes, not {len(nonce)}"
        raise ValueError(msg)
    info: dict[str, object] = {
        "v": version,
        "n": list(nonce),
        "t": list(tags),
        "u": user_count,
        "c": _go_time(created_at if version >= 3 else NO_TIME),  # noqa: PLR2004 (the version that added it)
        "e": _go_time(expires_at),
    }
    if salesforce_subscription_id is not None:
        info["sf_sub_id"] = salesforce_subscription_id
    if salesforce_opportunity_id is not None:
        info["sf_opp_id"] = salesforce_opportunity_id
    signed = json.dumps(info, separators=(",", ":")).encode()
    signature = {"Format": "rsa-sha2-256", "Blob": _base64(hashlib.sha256(signed).digest()), "Rest": None}
    key = json.dumps({"sig": signature, "info": _base64(signed)}, separators=(",", ":"))
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def decode_license_key(text: str) -> LicenseClaims | None:
    """Read the claims of a key, or None where the text is not one."""
    try:
        key = json.loads(base64.b64decode(_padded(text.strip()), altchars=b"-_", validate=True))
        info = json.loads(base64.b64decode(key["info"], validate=True))
        created_at = datetime.fromisoformat(info["c"]).astimezone(UTC) if info.get("c") else NO_TIME
        return LicenseClaims(
            version=int(info["v"]),
            tags=tuple(tag.strip() for tag in info["t"] or ()),
            user_count=int(info["u"]),
            created_at=None if created_at <= NO_TIME else created_at,
            expires_at=datetime.fromisoformat(info["e"]).astimezone(UTC),
            salesforce_subscription_id=info.get("sf_sub_id"),
            salesforce_opportunity_id=info.get("sf_opp_id"),
        )
    except (binascii.Error, AttributeError, KeyError, OverflowError, TypeError, ValueError):
        return None


def license_columns(key: object) -> dict[str, object]:
    """What to store in place of a licence key: the values of `claims_columns`, all None where there is no key.

    Raises:
        TypeError: the key is no text; the message does not repeat it.
    """
    if key is None or key == "":
        return dict(_NOTHING)
    if not isinstance(key, str):
        msg = f"a licence key is text, not {type(key).__name__}"
        raise TypeError(msg)
    return dict(_columns_of(key))


@lru_cache(maxsize=4096)
def _columns_of(key: str) -> dict[str, object]:
    """A company has few keys and sends each of them thousands of times."""
    sha256 = hashlib.sha256(key.strip().encode()).hexdigest()
    claims = decode_license_key(key)
    if claims is None:
        return {**_NOTHING, "license_key_sha256": sha256}
    return {
        "license_key_sha256": sha256,
        "license_version": claims.version,
        "license_tags": list(claims.tags),
        "license_user_count": claims.user_count,
        "license_created_at": claims.created_at,
        "license_expires_at": claims.expires_at,
        "license_salesforce_subscription_id": claims.salesforce_subscription_id,
        "license_salesforce_opportunity_id": claims.salesforce_opportunity_id,
    }


def unnested(key: str) -> str:
    """What follows FROM in BigQuery's SQL so that `license` is the JSON of the claims of a key, null where it is none.

    `key` is an expression; the columns themselves are `license_expressions`.
    """
    needed = (
        "safe_cast(json_value(info, '$.v') as int64) is not null",
        "safe_cast(json_value(info, '$.u') as int64) is not null",
        "safe_cast(json_value(info, '$.e') as timestamp) is not null",
    )
    steps = {
        "coded": f"rpad(translate(trim({key}), '-_', '+/'), 4 * div(length(trim({key})) + 3, 4), '=')",
        "signed": "json_value(safe_cast(safe.from_base64(coded) as string), '$.info')",
        "info": "safe_cast(safe.from_base64(signed) as string)",
        "license": f"if({' and '.join(needed)}, info, null)",
    }
    return "".join(f", unnest([{value}]) as {name}" for name, value in steps.items())


def license_expressions(key: str) -> dict[str, str]:
    """The `claims_columns` in BigQuery's SQL, of a key that is an expression, where `unnested` follows FROM.

    They are those of `license_columns`, for keys that reach us in a table of somebody else's.
    """
    created_at = "safe_cast(json_value(license, '$.c') as timestamp)"
    values = (
        f"if({key} = '', null, to_hex(sha256(trim({key}))))",
        "safe_cast(json_value(license, '$.v') as int64)",
        "array(select trim(tag) from unnest(json_value_array(license, '$.t')) as tag with offset as o order by o)",
        "safe_cast(json_value(license, '$.u') as int64)",
        f"if({created_at} > timestamp '0001-01-01 00:00:00+00', {created_at}, null)",
        "safe_cast(json_value(license, '$.e') as timestamp)",
        "json_value(license, '$.sf_sub_id')",
        "json_value(license, '$.sf_opp_id')",
    )
    return {column.name: value for column, value in zip(claims_columns, values, strict=True)}


def _go_time(time: datetime) -> str:
    """Go's JSON of a time: RFC 3339 in UTC; four digits of the year, which strftime does not promise."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z") if time > NO_TIME else "0001-01-01T00:00:00Z"


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _padded(text: str) -> str:
    return text + "=" * (-len(text) % 4)
