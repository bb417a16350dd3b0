"""GitHub: issues and pull requests of declared repositories, and the analytics team's board.

`connection.py` signs in, says what GitHub's answers mean and how the source is examined; `rest.py` reads what changed,
with the columns of `fields.py`; `board.py` reads the board, of which only GraphQL tells; `fivetran.py` says what
Fivetran may have copied instead.
"""

from sg_assets.sources.github import board, fivetran, rest
from sg_assets.sources.github.connection import github

__all__ = ["board", "fivetran", "github", "rest"]
