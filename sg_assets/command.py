"""What the commands of the command line share: how they fail, how they print documents, which names they take.

What a command does is in `cli.py` and the modules beside it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn, TypeVar

import click

if TYPE_CHECKING:
    from sg_assets.freshness.graph import Graph

FAILED, WRONG_USAGE, LATE = 1, 2, 3
as_json = click.option("--json", "wants_json", is_flag=True, help="One JSON document on standard output.")

Read = TypeVar("Read")


def fail(message: str, code: int = FAILED) -> NoReturn:
    """Say what is wrong on standard error and end."""
    click.echo(f"sg-assets: {message}", err=True)
    sys.exit(code)


def print_json(document: object) -> None:
    """One document on standard output."""
    click.echo(json.dumps(document, indent=2))


def read(option: str, text: str, parse: Callable[[str], Read]) -> Read:
    """What was written behind an option; ends with what to write where that cannot be read."""
    try:
        return parse(text)
    except ValueError as error:
        fail(f"{option} {text}: {error}", WRONG_USAGE)


def known(names: tuple[str, ...], graph: Graph) -> tuple[str, ...]:
    """The same names, where all of them are tables; else this ends."""
    if unknown := sorted(set(names) - set(graph.tables)):
        fail(f"no such table: {', '.join(unknown)}; `sg-assets tables list` names them", WRONG_USAGE)
    return names


def chosen(words: tuple[str, ...], graph: Graph) -> tuple[str, ...]:
    """The tables that words mean, in the order of the graph: a table, all of a source, or all of a group (dataset)."""
    meant: set[str] = set()
    for word in words:
        found = {t.name for t in graph if word in {t.name, t.source, t.dataset}}
        if not found:
            fail(f"{word} is no table, source or group; `sg-assets tables list` names them", WRONG_USAGE)
        meant |= found
    return tuple(name for name in graph.order if name in meant)
