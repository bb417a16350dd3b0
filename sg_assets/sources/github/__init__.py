"""GitHub: issues and pull requests of declared repositories, and the analytics team's board.

`connection.py` signs in, says what GitHub's answers mean and how the source is examined; `rest.py` reads what changed;
`graphql.py` reads what only GraphQL tells, as complete listings.
"""

from sg_assets.sources.github import graphql, rest
from sg_assets.sources.github.connection import github

__all__ = ["github", "graphql", "rest"]
