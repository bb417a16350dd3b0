"""How a source says that another system may fill its tables instead of us: what that one writes, and how it is ours.

Declared beside what fetches the table, in the source's module. Where the other system writes is for a team to say, by a
variable; `filled.py` then makes of the fetched table a watched one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sg_assets.table import Part, Reach

if TYPE_CHECKING:
    from sg_assets.examination import Examine


class Filler(StrEnum):
    """Who fills tables."""

    DATAFLOW = "dataflow"
    FIVETRAN = "fivetran"


@dataclass(frozen=True, slots=True)
class Filling:
    """What another system writes in place of what we would fetch.

    `variable` says where: a dataset (`PROJECT.DATASET`), in which the tables of `parts` are by their names, or, where
    the one part names none, a table. `reach` is by what it is known how far it got. `examination` is how what is still
    fetched of the source is then looked at, where that needs fewer rights.
    """

    filler: Filler
    variable: str
    parts: tuple[Part, ...]
    reach: Reach
    examination: Examine | None = None

    @property
    def names_a_table(self) -> bool:
        """Whether the variable names a table, rather than a dataset."""
        return not self.parts[0].table

    @property
    def connection_variable(self) -> str:
        """The variable that names the connection of Fivetran, where its schema is not the dataset."""
        return connection_variable(self.variable)


def connection_variable(dataset_variable: str) -> str:
    """The variable that names a connection of Fivetran, beside the one that says which dataset it fills."""
    return dataset_variable.removesuffix("_DATASET") + "_CONNECTION"
