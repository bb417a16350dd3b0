"""A program that reads the copy of a warehouse until it is told to stop, and says what it saw.

    python -m sg_assets_tests.warehouse.reader COPY

It prints a line once it reads; a line on its standard input stops it. Then it prints, as JSON, how often it read, how
many states of the warehouse it saw, and how often what it saw did not fit together.
"""

from __future__ import annotations

import json
import select
import sys
from pathlib import Path

from sg_assets.warehouse.readcopy import ReadCopy

PAUSE = 0.01  # seconds
SQL = """
    select
        (select count(*) from raw_crm.account) as landed,
        (select count(*) from crm.account) as built,
        (select count(distinct name) from raw_crm.account) as deliveries
"""


def main(copy: Path) -> None:
    """Read on."""
    reader = ReadCopy(copy)
    reads, torn, seen = 0, 0, set()
    while not select.select([sys.stdin], [], [], PAUSE)[0]:
        answer = reader.query(SQL)
        landed, built, deliveries = answer.rows[0]
        torn += landed != built or deliveries != 1
        seen.add(answer.as_of)
        reads += 1
        if reads == 1:
            sys.stdout.write("reading\n")
            sys.stdout.flush()
    json.dump({"reads": reads, "torn": torn, "seen": len(seen)}, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
