"""Sources as the variables make them: tables that another system fills are watched, the others fetched as ever.

The asset keeps its key, its columns and its promise, so that whatever reads it does so as before. Of a source of which
some tables are filled two are made, since they are reached in two ways.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from sg_assets.filling import Filler, Filling
from sg_assets.source import RawTable, Right, Source, nowhere
from sg_assets.table import Delivery, Input, Origin, Reach, Table
from sg_assets.variables import missing, value_of

if TYPE_CHECKING:
    from sg_assets.examination import Examine

CONNECTIONS = "raw_fivetran.connection"
"""The table that says when each connection of Fivetran last succeeded."""
_NAME = r"[A-Za-z0-9_]+"
_PROJECT = r"(?:(?:[a-z0-9.-]+:)?[a-z][a-z0-9-]*\.)?"
_SCALES = {True: ("a table", "PROJECT.DATASET.TABLE"), False: ("a dataset", "PROJECT.DATASET")}


def filled(sources: Iterable[Source], given: Mapping[str, str]) -> list[Source]:
    """The sources, each followed by what of it another system fills.

    Raises:
        EnvironmentProblem: a variable names no place.
    """
    found: list[Source] = []
    for source in sources:
        watched = {
            name: _watched(raw.table, filling, place, given)
            for name, raw in source.tables.items()
            if (filling := filling_of(source, name)) and (place := place_of(filling, given))
        }
        if not watched:
            found.append(source)
            continue
        if rest := {name: raw for name, raw in source.tables.items() if name not in watched}:
            found.append(replace(source, tables=rest, fillings={}, examination=_examination(source, watched)))
        found += [_part(source, filler, watched) for filler in Filler if _of(source, filler, watched)]
    return found


def filling_of(source: Source, table: str) -> Filling | None:
    """How another system may fill a table (`raw_x.y`) of a source; None where none does."""
    return source.fillings.get(table.partition(".")[2])


def place_of(filling: Filling, given: Mapping[str, str]) -> str | None:
    """Where another system writes, as its variable says; None where that is not set.

    Raises:
        EnvironmentProblem: it says no place.
    """
    what, example = _SCALES[filling.names_a_table]
    return value_of(
        given, filling.variable, partial(_place, parts=2 if filling.names_a_table else 1), f"{what}: {example}"
    )


def _place(text: str, *, parts: int) -> str:
    if not re.fullmatch(_PROJECT + r"\.".join([_NAME] * parts), text):
        raise ValueError(text)
    return text


def _watched(table: Table, filling: Filling, place: str, given: Mapping[str, str]) -> RawTable:
    tables = (
        replace(
            part,
            table=f"{place}.{part.table}" if part.table else place,
            beside=tuple(f"{place}.{name}" for name in part.beside),
        )
        for part in filling.parts
    )
    is_told = filling.reach is Reach.TOLD
    told_by = given.get(filling.connection_variable) or place.rpartition(".")[2]
    origin = Origin(filling.variable, tuple(tables), filling.reach, told_by if is_told else "")
    return RawTable(
        replace(
            table,
            delivery=Delivery.WATCHED,
            mode=None,
            partition=None,
            origin=origin,
            inputs=(Input(CONNECTIONS, is_lookup=True, is_optional=True),) if is_told else (),
            code_version=hashlib.sha256(repr((origin, table.columns, table.description)).encode()).hexdigest()[:16],
        )
    )


def _examination(source: Source, watched: Iterable[str]) -> Examine | None:
    """How what is left of a source is looked at."""
    given = (filling.examination for name in watched if (filling := filling_of(source, name)))
    return next(filter(None, given), source.examination)


def _of(source: Source, filler: Filler, watched: Mapping[str, RawTable]) -> dict[str, RawTable]:
    found = {name: filling_of(source, name) for name in watched}
    return {name: watched[name] for name, filling in found.items() if filling and filling.filler is filler}


def _part(source: Source, filler: Filler, watched: Mapping[str, RawTable]) -> Source:
    """What of a source another system fills: a source that is only watched."""
    tables = _of(source, filler, watched)
    variables = sorted({raw.table.origin.variable for raw in tables.values() if raw.table.origin})
    return Source(
        name=f"{source.name}_{filler}",
        description=source.description,
        owner=source.owner,
        promise=source.promise,
        connect=nowhere,
        tables=tables,
        needs=tuple(
            Right("roles/bigquery.dataViewer", name, "see how far it is filled, and read it") for name in variables
        ),
        excess="Not asked: the tables are read by the warehouse's own credential.",
    )


def refusals(sources: Iterable[Source], given: Mapping[str, str], *, is_bigquery: bool) -> list[str]:
    """A line for what cannot be: tables filled where nobody can see them, or by Fivetran, which cannot be asked."""
    everything = list(sources)
    origins = [raw.table.origin for source in everything for raw in source.tables.values() if raw.table.origin]
    if origins and not is_bigquery:
        named = sorted({origin.variable for origin in origins})
        return [f"SG_WAREHOUSE is a DuckDB file: unset {', '.join(named)} (others write into BigQuery)"]
    told = sorted({origin.variable for origin in origins if origin.reach is Reach.TOLD})
    absent = [name for source in everything if source.name == Filler.FIVETRAN for name in missing(source, given)]
    return [f"fivetran: set {', '.join(absent)} too (or unset {', '.join(told)})"] if told and absent else []
