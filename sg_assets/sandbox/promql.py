"""PromQL as text -> a tree: as much of the language as queries about an instance's health are written in.

Selectors with matchers and a range, function calls, aggregations, arithmetic. What it means is in `promql_values.py`.
Grammar: https://prometheus.io/docs/prometheus/latest/querying/basics/
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

AGGREGATIONS = ("sum", "avg", "min", "max", "count")
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?(?![\w:])|\.\d+)|(?P<duration>(?:\d+(?:ms|[smhdwy]))+)"
    r'|(?P<name>[a-zA-Z_:][\w:]*)|(?P<text>"(?:[^"\\]|\\.)*")|(?P<mark>=~|!~|!=|[(){}\[\],=+\-*/]))'
)
_UNITS: Mapping[str, float] = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31536000}


class ParseError(ValueError):
    """The text is no PromQL that is understood here."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number."""

    value: float


@dataclass(frozen=True, slots=True)
class Matcher:
    """A condition on a label; one that a series does not have is empty."""

    label: str
    mark: str
    text: str

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Whether a series meets it; patterns are about the whole value."""
        value = labels.get(self.label, "")
        is_met = value == self.text if self.mark in {"=", "!="} else bool(re.fullmatch(self.text, value))
        return is_met is (self.mark in {"=", "=~"})


@dataclass(frozen=True, slots=True)
class Selector:
    """Series by their labels: the newest sample of each, or with `seconds` all samples of so long."""

    matchers: tuple[Matcher, ...]
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A function of some arguments."""

    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Aggregation:
    """Series put together, one for each value of some labels, or (`is_without`) of all but these."""

    operator: str
    labels: tuple[str, ...]
    is_without: bool
    of: Node


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Two sides and what is between them."""

    operator: str
    left: Node
    right: Node


Node = Number | Selector | Call | Aggregation | Arithmetic


def parse(text: str) -> Node:
    """The tree of an expression.

    Raises:
        ParseError: there is none.
    """
    if not text.strip():
        msg = "1:1: parse error: no expression found in input"
        raise ParseError(msg)
    parser = _Parser(text)
    node = parser.sum()
    if parser.kind != "end":
        raise parser.error
    return node


class _Parser:
    """Reads one token after the other; `kind` and `token` are the next one's."""

    def __init__(self, text: str) -> None:
        self.text, self.place = text, 0
        self.kind, self.token = "", ""
        self.take()

    @property
    def error(self) -> ParseError:
        found = "end of input" if self.kind == "end" else f'"{self.token}"'
        return ParseError(f"1:{self.place + 1}: parse error: unexpected {found}")

    def take(self, wanted: str | None = None) -> str:
        """The next token, which must be the wanted one."""
        taken = self.token
        if wanted is not None and taken != wanted:
            raise self.error
        found = _TOKEN.match(self.text, self.place)
        if found is None and self.text[self.place :].strip():
            msg = f"1:{self.place + 1}: parse error: unexpected character: {self.text[self.place :].strip()[0]!r}"
            raise ParseError(msg)
        self.kind, self.token = (str(found.lastgroup), found[found.lastgroup or 0]) if found else ("end", "")
        self.place = found.end() if found else len(self.text)
        return taken

    def sum(self) -> Node:
        """Terms with plus and minus between them."""
        node = self.product()
        while self.token in {"+", "-"}:
            node = Arithmetic(self.take(), node, self.product())
        return node

    def product(self) -> Node:
        """Factors with times and by between them."""
        node = self.factor()
        while self.token in {"*", "/"}:
            node = Arithmetic(self.take(), node, self.factor())
        return node

    def factor(self) -> Node:
        """A number, something in parentheses, a call, an aggregation or a selector."""
        if self.kind == "number":
            return Number(float(self.take()))
        if self.token == "(":  # noqa: S105 (a mark)
            self.take()
            node = self.sum()
            self.take(")")
            return node
        if self.kind == "name" and self.token in AGGREGATIONS:
            return self.aggregation()
        if self.kind == "name" or self.token == "{":  # noqa: S105 (a mark)
            return self.call_or_selector()
        raise self.error

    def aggregation(self) -> Node:
        """The labels come before or after what is put together."""
        operator = self.take()
        is_without, labels = self.grouping()
        self.take("(")
        node = self.sum()
        self.take(")")
        if labels is None:
            is_without, labels = self.grouping()
        return Aggregation(operator, labels or (), is_without, node)

    def grouping(self) -> tuple[bool, tuple[str, ...] | None]:
        """`by (…)` or `without (…)`, None where there is neither."""
        if self.token not in {"by", "without"}:
            return False, None
        is_without, labels = self.take() == "without", []
        self.take("(")
        while self.kind == "name":
            labels.append(self.take())
            if self.token == ",":  # noqa: S105 (a mark)
                self.take()
        self.take(")")
        return is_without, tuple(labels)

    def call_or_selector(self) -> Node:
        """What begins with a name or a brace."""
        name = self.take() if self.kind == "name" else ""
        if name and self.token == "(":  # noqa: S105 (a mark)
            self.take()
            arguments = [self.sum()]
            while self.token == ",":  # noqa: S105 (a mark)
                self.take()
                arguments.append(self.sum())
            self.take(")")
            return Call(name, tuple(arguments))
        matchers = [Matcher("__name__", "=", name)] if name else []
        if self.token == "{":  # noqa: S105 (a mark)
            self.take()
            while self.kind == "name":
                matchers.append(self.matcher())
            self.take("}")
        return Selector(tuple(matchers), self.range())

    def matcher(self) -> Matcher:
        """One condition, and the comma after it."""
        label, mark = self.take(), self.take()
        if mark not in {"=", "!=", "=~", "!~"} or self.kind != "text":
            raise self.error
        text = self.take()[1:-1].replace('\\"', '"').replace("\\\\", "\\")
        if self.token == ",":  # noqa: S105 (a mark)
            self.take()
        return Matcher(label, mark, text)

    def range(self) -> float | None:
        """The seconds in brackets, if any."""
        if self.token != "[":  # noqa: S105 (a mark)
            return None
        self.take()
        if self.kind != "duration":
            raise self.error
        parts = re.findall(r"(\d+)(ms|[smhdwy])", self.take())
        self.take("]")
        return float(sum(int(count) * _UNITS[unit] for count, unit in parts))
