"""The part of SOQL that a reader of records needs: SELECT … FROM … WHERE … AND … ORDER BY … LIMIT n."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from operator import eq, ge, gt, le, lt, ne

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*')|(?P<time>\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d))?)"
    r"|(?P<number>-?\d+(?:\.\d+)?)|(?P<word>[A-Za-z_][\w.]*)|(?P<sign><=|>=|!=|<>|[=<>(),]))"
)
_SIGNS: Mapping[str, Callable[[object, object], bool]] = {"=": eq, "!=": ne, "<>": ne}
_ORDERS: Mapping[str, Callable[[object, object], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}  # pyrefly: ignore[bad-assignment]
_WORDS = {"true": True, "false": False, "null": None}

Record = Mapping[str, object]


class SoqlError(Exception):
    """The query cannot be run; `code` is Salesforce's name for why."""

    code = "MALFORMED_QUERY"


class FieldError(SoqlError):
    """It names a field that is not there, or compares it with a value of another type."""

    code = "INVALID_FIELD"


class ObjectError(SoqlError):
    """It names an object that is not there."""

    code = "INVALID_TYPE"


@dataclass(frozen=True, slots=True)
class Condition:
    """`field sign value`; the value of IN is a tuple."""

    field: str
    sign: str
    value: object

    def holds(self, record: Record) -> bool:
        """Whether a record fulfils it; nothing is less or more than null.

        Raises:
            FieldError: the value cannot be compared with the field's.
        """
        own = record.get(self.field)
        if self.sign == "in":
            return own in self.value if isinstance(self.value, tuple) else False
        if self.sign in _SIGNS:
            return _SIGNS[self.sign](own, self.value)
        try:
            return own is not None and _ORDERS[self.sign](own, self.value)
        except TypeError as problem:
            msg = f"value of filter criterion for field '{self.field}' must be of another type"
            raise FieldError(msg) from problem


@dataclass(frozen=True, slots=True)
class Query:
    """A query that was read; without fields it counts."""

    object: str
    fields: tuple[str, ...]
    conditions: tuple[Condition, ...] = ()
    order: tuple[tuple[str, bool], ...] = ()  # field, and whether the greatest comes first
    limit: int | None = None

    @property
    def names(self) -> set[str]:
        """Every field that it names."""
        return {*self.fields, *(one.field for one in self.conditions), *(field for field, _ in self.order)}


def read(text: str) -> Query:
    """Read a query.

    Raises:
        SoqlError: it cannot be read.
    """
    return _Reader(text).query()


class _Reader:
    """Walks over the tokens of one query."""

    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        place, text = 0, text.strip()
        while place < len(text):
            match = _TOKEN.match(text, place)
            if match is None:
                msg = f"unexpected token: '{text[place : place + 20]}'"
                raise SoqlError(msg)
            self._tokens.append((str(match.lastgroup), str(match.group(str(match.lastgroup)))))
            place = match.end()
        self._place = 0

    def query(self) -> Query:
        self._need("select")
        fields = self._fields()
        self._need("from")
        name = self._next("word")
        conditions = self._conditions() if self._is("where") else ()
        order: list[tuple[str, bool]] = []
        if self._is("order"):
            self._need("by")
            while not order or self._is(","):
                field = self._next("word")
                order.append((field, self._is("desc") or (self._is("asc") and False)))
        limit = int(self._next("number")) if self._is("limit") else None
        if self._place < len(self._tokens):
            msg = f"unexpected token: '{self._tokens[self._place][1]}'"
            raise SoqlError(msg)
        return Query(name, fields, conditions, tuple(order), limit)

    def _fields(self) -> tuple[str, ...]:
        found = [self._next("word")]
        if found[0].lower() == "count" and self._is("("):
            self._need(")")
            return ()
        while self._is(","):
            found.append(self._next("word"))
        return tuple(found)

    def _conditions(self) -> tuple[Condition, ...]:
        found: list[Condition] = []
        while not found or self._is("and"):
            field = self._next("word")
            if self._is("in"):
                self._need("(")
                values = [self._value()]
                while self._is(","):
                    values.append(self._value())
                self._need(")")
                found.append(Condition(field, "in", tuple(values)))
            else:
                found.append(Condition(field, self._next("sign"), self._value()))
        return tuple(found)

    def _value(self) -> object:
        kind, text = self._take()
        match kind:
            case "text":
                return re.sub(r"\\(.)", r"\1", text[1:-1])
            case "number":
                return float(text)
            case "time":
                return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
            case "word" if text.lower() in _WORDS:
                return _WORDS[text.lower()]
        msg = f"unexpected token: '{text}'"
        raise SoqlError(msg)

    def _is(self, wanted: str) -> bool:
        if self._place < len(self._tokens) and self._tokens[self._place][1].lower() == wanted:
            self._place += 1
            return True
        return False

    def _need(self, wanted: str) -> None:
        if not self._is(wanted):
            msg = f"expecting '{wanted}', found '{self._take()[1]}'"
            raise SoqlError(msg)

    def _next(self, kind: str) -> str:
        found, text = self._take()
        if found != kind:
            msg = f"unexpected token: '{text}'"
            raise SoqlError(msg)
        return text

    def _take(self) -> tuple[str, str]:
        if self._place >= len(self._tokens):
            msg = "unexpected end of query"
            raise SoqlError(msg)
        self._place += 1
        return self._tokens[self._place - 1]
