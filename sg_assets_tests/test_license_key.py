"""Licence keys: what goes in comes out, whatever is no key has only its hash, and the key never shows."""

from __future__ import annotations

import base64
import hashlib
import json
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sg_assets.columns import Classification
from sg_assets.license_key import (
    LicenseClaims,
    claims_columns,
    decode_license_key,
    encode_license_key,
    license_columns,
    license_expressions,
    unnested,
)
from sg_assets_tests.warehouse.dialect.both import opened

CREATED, EXPIRES = datetime(2022, 3, 1, 10, tzinfo=UTC), datetime(2023, 3, 1, 10, tzinfo=UTC)
NONCE = b"\x00\x01\x02\x03\xfd\xfe\xff\x7f"
KEY = encode_license_key(
    version=3,
    tags=["plan:enterprise-1", "acme-and-sons"],
    user_count=250,
    created_at=CREATED,
    expires_at=EXPIRES,
    salesforce_subscription_id="a1a0000001",
    salesforce_opportunity_id="0060000001",
    nonce=NONCE,
)
TIMES = st.datetimes(datetime(1990, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 (bounds have none)


@given(
    version=st.sampled_from([2, 3]),
    tags=st.lists(st.text().map(str.strip), max_size=4),
    user_count=st.integers(0, 10**6),
    created_at=TIMES,
    expires_at=TIMES,
    subscription=st.none() | st.text(),
    opportunity=st.none() | st.text(),
    nonce=st.binary(min_size=8, max_size=8),
)
def test_a_key_says_what_was_put_into_it(  # noqa: PLR0913 (the parts of a key)
    *,
    version: int,
    tags: list[str],
    user_count: int,
    created_at: datetime,
    expires_at: datetime,
    subscription: str | None,
    opportunity: str | None,
    nonce: bytes,
) -> None:
    key = encode_license_key(
        version=version,
        tags=tags,
        user_count=user_count,
        created_at=created_at,
        expires_at=expires_at,
        salesforce_subscription_id=subscription,
        salesforce_opportunity_id=opportunity,
        nonce=nonce,
    )
    said = created_at if version == 3 else None
    assert decode_license_key(key) == LicenseClaims(
        version, tuple(tags), user_count, said, expires_at, subscription, opportunity
    )


def test_the_format_is_the_vendors() -> None:
    key = json.loads(base64.urlsafe_b64decode(KEY + "=" * (-len(KEY) % 4)))
    assert set(key["sig"]) == {"Format", "Blob", "Rest"}
    assert json.loads(base64.b64decode(key["info"])) == {
        "v": 3,
        "n": list(NONCE),
        "t": ["plan:enterprise-1", "acme-and-sons"],
        "u": 250,
        "c": "2022-03-01T10:00:00Z",
        "e": "2023-03-01T10:00:00Z",
        "sf_sub_id": "a1a0000001",
        "sf_opp_id": "0060000001",
    }


def test_a_time_that_go_never_set_is_none() -> None:
    key = encode_license_key(version=1, tags=[], user_count=1, created_at=CREATED, expires_at=EXPIRES, nonce=NONCE)
    claims = decode_license_key(key)
    assert claims
    assert claims.created_at is None


def test_times_are_in_utc() -> None:
    there = timezone(timedelta(hours=-8))
    key = encode_license_key(
        version=3, tags=[], user_count=1, created_at=CREATED.astimezone(there), expires_at=EXPIRES, nonce=NONCE
    )
    claims = decode_license_key(key)
    assert claims
    assert claims.created_at == CREATED
    assert claims.created_at is not None
    assert claims.created_at.tzinfo is UTC


def test_tags_are_trimmed_and_may_be_missing() -> None:
    key = encode_license_key(
        version=3, tags=[" trial ", "dev"], user_count=1, created_at=CREATED, expires_at=EXPIRES, nonce=NONCE
    )
    claims = decode_license_key(key)
    assert claims
    assert claims.tags == ("trial", "dev")
    info = {"v": 1, "n": [0] * 8, "t": None, "u": 1, "c": "0001-01-01T00:00:00Z", "e": "2023-03-01T10:00:00.123456789Z"}
    bare = decode_license_key(packed({"sig": {}, "info": base64.b64encode(json.dumps(info).encode()).decode()}))
    assert bare
    assert bare.tags == ()


def packed(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "text",
    [
        "not a key",
        "",
        "%%%",
        "ünïcode",
        packed([]),
        packed({}),
        packed({"info": 5}),
        packed({"info": "bnVsbA=="}),
        KEY[:-9],
    ],
)
def test_what_is_no_key_has_only_its_hash(text: str) -> None:
    assert decode_license_key(text) is None
    if text:
        columns = license_columns(text)
        assert columns.pop("license_key_sha256") == hashlib.sha256(text.encode()).hexdigest()
        assert set(columns.values()) == {None}


@given(st.text())
def test_any_text_is_read_or_refused_without_an_accident(text: str) -> None:
    assert decode_license_key(text) is None


def test_the_columns_in_place_of_a_key() -> None:
    columns = license_columns(f"  {KEY}\n")
    assert columns == {
        "license_key_sha256": hashlib.sha256(KEY.encode()).hexdigest(),
        "license_version": 3,
        "license_tags": ["plan:enterprise-1", "acme-and-sons"],
        "license_user_count": 250,
        "license_created_at": CREATED,
        "license_expires_at": EXPIRES,
        "license_salesforce_subscription_id": "a1a0000001",
        "license_salesforce_opportunity_id": "0060000001",
    }
    assert list(columns) == [column.name for column in claims_columns]
    assert Classification.SECRET not in {column.classification for column in claims_columns}


def test_both_engines_read_of_a_key_what_we_read() -> None:
    bare = {"v": 1, "t": None, "u": 1, "c": "0001-01-01T00:00:00Z", "e": "2023-03-01T10:00:00.123456789Z"}
    keys = [
        KEY, f"  {KEY}", "not a key", "", None, "ünïcode", packed([]), packed({"info": 5}), KEY[:-9],
        packed({"sig": {}, "info": base64.b64encode(json.dumps(bare).encode()).decode()}),
        packed({"info": base64.b64encode(b'{"v": 1, "u": "many", "e": "2023-03-01T10:00:00Z"}').decode()}),
    ]  # fmt: skip
    columns = ", ".join(f"{value} as {name}" for name, value in license_expressions("t.k").items())
    listed = ", ".join("null" if key is None else f"'{key}'" for key in keys)
    source = f"(select k, place from unnest([{listed}]) as k with offset as place) as t"
    expected = [tuple(license_columns(key).values()) for key in keys]
    with contextmanager(opened)() as both:
        for run in (both.duck, both.google):
            rows = run(f"select {columns} from {source}{unnested('t.k')} order by place")
            assert [tuple(None if value == [] else value for value in row) for row in rows] == [
                tuple(None if value == [] else value for value in row) for row in expected
            ]


@pytest.mark.parametrize("key", [None, ""])
def test_no_key_is_no_claim(key: object) -> None:
    assert set(license_columns(key).values()) == {None}


def test_a_key_that_is_no_text_is_refused_without_being_shown() -> None:
    with pytest.raises(TypeError, match="a licence key is text, not list") as caught:
        license_columns([KEY])
    assert KEY not in str(caught.value)


def test_a_nonce_has_eight_bytes() -> None:
    with pytest.raises(ValueError, match="8 bytes, not 3"):
        encode_license_key(version=3, tags=[], user_count=1, created_at=CREATED, expires_at=EXPIRES, nonce=b"123")
