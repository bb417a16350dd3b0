"""The header of a `.sql` file: the YAML in its leading comment, read and judged field by field.

Knows the grammar of the header and nothing of SQL; whether the header fits the query below it is judged in
`sql_file.py`. Every complaint names the file and says what to write.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

import yaml

from sg_assets.columns import Classification, Column
from sg_assets.day_snapshot import ADDED
from sg_assets.promise import Frozen, Promise

_FIELDS = (
    "description", "owner", "promise", "key", "partition", "open_days", "snapshot", "cluster", "lookup", "optional",
    "days", "not_empty", "max_bytes", "tags", "columns",
)  # fmt: skip
_OWNER = re.compile(r"team:[a-z][a-z0-9_-]*|[^@\s]+@[^@\s]+")
_NAME = re.compile(r"[a-z_][a-z0-9_]*")
_DURATION = re.compile(r"(\d+)([mhd])")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_BYTES = re.compile(r"(\d+) ?(MiB|GiB|TiB)")
_BINARY = {"MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
_DAYS = re.compile(r"(-?\d+)\.\.(-?\d+)")


class SqlFileError(ValueError):
    """A `.sql` file cannot be a table; the message names the file and says what to change."""


@dataclass(frozen=True)
class Header:
    """What the header of one file says. `days` holds only the inputs that the header names."""

    description: str
    owner: str
    promise: Promise | Frozen
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    partition: str | None = None
    is_day_snapshot: bool = False
    open_days: int = 7
    cluster: tuple[str, ...] = ()
    lookup: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()
    days: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    not_empty: bool = False
    max_bytes: int | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


class _Loader(yaml.CSafeLoader):
    """YAML in which a key written twice is an error instead of the last one winning."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:  # noqa: FBT001, FBT002 (PyYAML's signature)
        """Refuse a mapping that names a key twice."""
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key.value!r} is written twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


def split(text: str, file: Path) -> tuple[str, str]:
    """The header's YAML and the query below it.

    Raises:
        SqlFileError: the text does not begin with a comment.
    """
    opened = text.lstrip()
    end = opened.find("*/")
    if not opened.startswith("/*") or end < 0:
        msg = f"{file}: must begin with its header, a comment /* … */ in YAML"
        raise SqlFileError(msg)
    return opened[2:end], opened[end + 2 :].strip().removesuffix(";")


def read_header(text: str, file: Path) -> Header:
    """The header that this YAML says.

    Raises:
        SqlFileError: it is not YAML, a field is unknown, missing or does not say what it must.
    """
    try:
        said = yaml.load(text, Loader=_Loader)  # noqa: S506 (a safe loader)
    except yaml.YAMLError as error:
        msg = f"{file}: the header is not YAML: {' '.join(str(error).split())}"
        raise SqlFileError(msg) from error
    return _Reader(file).header(said)


class _Reader:
    """Reads the fields of one header; holds the file's name for its complaints."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def refuse(self, message: str) -> NoReturn:
        msg = f"{self.file}: {message}"
        raise SqlFileError(msg)

    def header(self, said: object) -> Header:
        said = self.mapping(said, "the header")
        for name in said:
            if name not in _FIELDS:
                self.refuse(f"unknown header field {name!r}; the fields are {', '.join(_FIELDS)}")
        for name in ("description", "owner", "promise", "key", "columns"):
            if not said.get(name):
                self.refuse(f"{name} is missing from the header")
        if "snapshot" in said:
            self.snapshot(said)
        owner = self.text(said["owner"], "owner")
        if not _OWNER.fullmatch(owner):
            self.refuse(f"owner {owner!r} must be team:<name> or an e-mail address")
        columns = self.columns(said["columns"])
        partition = said.get("partition")
        return Header(
            description=self.text(said["description"], "description"),
            owner=owner,
            promise=self.promise(said["promise"]),
            key=self.known(said["key"], "key", columns),
            columns=columns,
            partition=None if partition is None else self.partition(partition, columns),
            is_day_snapshot="snapshot" in said,
            open_days=self.count(said.get("open_days", 7), "open_days"),
            cluster=self.known(said.get("cluster", []), "cluster", columns),
            lookup=frozenset(self.names(said.get("lookup", []), "lookup")),
            optional=frozenset(self.names(said.get("optional", []), "optional")),
            days={str(k): self.window(v, str(k)) for k, v in self.mapping(said.get("days", {}), "days").items()},
            not_empty=self.truth(said.get("not_empty", False), "not_empty"),
            max_bytes=self.bytes(said["max_bytes"]) if "max_bytes" in said else None,
            tags={str(k): str(v) for k, v in self.mapping(said.get("tags", {}), "tags").items()},
        )

    def snapshot(self, said: Mapping[object, object]) -> None:
        if said["snapshot"] != "day":
            self.refuse("snapshot can only be: day")
        if others := [name for name in ("partition", "open_days", "days") if name in said]:
            self.refuse(f"snapshot: day says which days there are; leave out {', '.join(others)}")
        for column in ADDED:
            if column.name in self.mapping(said["columns"], "columns"):
                self.refuse(f"snapshot: day adds the column {column.name}; leave it out")

    def columns(self, said: object) -> tuple[Column, ...]:
        return tuple(self.column(name, text) for name, text in self.mapping(said, "columns").items())

    def column(self, name: object, said: object) -> Column:
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            self.refuse(f"column {name!r}: a name is lower-case letters, digits, underscores; quote on, yes and no")
        fields = self.mapping(said, f"column {name}")
        for unknown in fields.keys() - {"type", "class", "description"}:
            self.refuse(f"column {name}: unknown field {unknown!r}; quote a description that has a comma")
        if not fields.get("type"):
            self.refuse(f"column {name}: type is missing")
        if not fields.get("description"):
            self.refuse(f"column {name}: description is missing; say what one value means")
        try:
            return Column(
                name,
                self.text(fields["type"], f"column {name}: type"),
                self.text(fields["description"], f"column {name}: description"),
                Classification(str(fields.get("class", "none"))),
            )
        except ValueError as error:
            if isinstance(error, SqlFileError):
                raise
            self.refuse(f"column {name}: {error}")

    def promise(self, said: object) -> Promise | Frozen:
        fields = self.mapping(said, "promise")
        if set(fields) == {"frozen"}:
            return Frozen(self.text(fields["frozen"], "promise: frozen"))
        missing, unknown = {"cron", "warn", "fail"} - set(fields), set(fields) - {"cron", "warn", "fail", "timezone"}
        if missing or unknown:
            self.refuse(
                "promise must be {cron: …, timezone: UTC, warn: 4h, fail: 8h} or {frozen: reason}; "
                f"missing {sorted(missing)}, unknown {sorted(map(str, unknown))}"
            )
        try:
            return Promise(
                cron=self.text(fields["cron"], "promise: cron"),
                warn=self.duration(fields["warn"], "promise: warn"),
                fail=self.duration(fields["fail"], "promise: fail"),
                timezone=self.text(fields.get("timezone", "UTC"), "promise: timezone"),
            )
        except (ValueError, KeyError) as error:  # cronsim and zoneinfo raise subclasses of these
            if isinstance(error, SqlFileError):
                raise
            self.refuse(f"promise: {error}")

    def partition(self, said: object, columns: tuple[Column, ...]) -> str:
        name = self.text(said, "partition")
        types = {column.name: column.type for column in columns}
        if types.get(name) != "DATE":
            self.refuse(f"partition {name!r} must be a column of type DATE; it is {types.get(name, 'no column')}")
        return name

    def known(self, said: object, what: str, columns: tuple[Column, ...]) -> tuple[str, ...]:
        names = self.names(said, what)
        for name in names:
            if name not in {column.name for column in columns}:
                self.refuse(f"{what}: {name!r} is not among the columns")
        return names

    def window(self, said: object, table: str) -> tuple[int, int]:
        match = _DAYS.fullmatch(str(said))
        if not match or int(match[1]) > int(match[2]):
            self.refuse(f"days: {table}: {said!r} must be first..last, for instance -29..0")
        return int(match[1]), int(match[2])

    def duration(self, said: object, what: str) -> timedelta:
        match = _DURATION.fullmatch(str(said))
        if not match:
            self.refuse(f"{what}: {said!r} must be a number and one of m, h, d, for instance 4h")
        return int(match[1]) * _UNITS[match[2]]

    def bytes(self, said: object) -> int:
        match = _BYTES.fullmatch(str(said))
        if not match or not int(match[1]):
            self.refuse(f"max_bytes: {said!r} must be a number and one of MiB, GiB, TiB, for instance 200 GiB")
        return int(match[1]) * _BINARY[match[2]]

    def names(self, said: object, what: str) -> tuple[str, ...]:
        if not isinstance(said, Sequence) or isinstance(said, str) or not all(isinstance(name, str) for name in said):
            self.refuse(f"{what} must be a list, for instance [a, b]")
        if len(set(said)) < len(said):
            self.refuse(f"{what} names something twice")
        return tuple(said)

    def mapping(self, said: object, what: str) -> Mapping[object, object]:
        if not isinstance(said, Mapping):
            self.refuse(f"{what} must be a YAML mapping")
        return said

    def text(self, said: object, what: str) -> str:
        if not isinstance(said, str) or not said.strip():
            self.refuse(f"{what} must be a text")
        return said.strip()

    def count(self, said: object, what: str) -> int:
        if not isinstance(said, int) or isinstance(said, bool) or said < 0:
            self.refuse(f"{what} must be a number of days")
        return said

    def truth(self, said: object, what: str) -> bool:
        if not isinstance(said, bool):
            self.refuse(f"{what} must be true or false")
        return said
