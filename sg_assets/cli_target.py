"""`sg-assets target …`: the development copies of this machine. How one is worked in is `SG_TARGET`'s."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sg_assets.command import FAILED, WRONG_USAGE, fail

if TYPE_CHECKING:
    from sg_assets.environment import Environment


@click.group()
def target() -> None:
    """Development copies (SG_TARGET=dev_NAME): own tables, and production for everything else."""


@target.command("list")
@click.pass_obj
def list_targets(env: Environment) -> None:
    """The copies that are kept in the state folder."""
    from sg_assets import development  # noqa: PLC0415 (commands load what they need, when they do)

    for name in development.targets(env.shared_home):
        click.echo(name)


@target.command()
@click.argument("name")
@click.pass_obj
def drop(env: Environment, name: str) -> None:
    """Remove a copy with everything that was built in it; production is not touched."""
    from sg_assets import development  # noqa: PLC0415 (as above)

    try:
        development.drop(env.shared_home, name)
    except FileNotFoundError:
        fail(f"there is no copy {name}; `sg-assets target list` names them", WRONG_USAGE)
    except development.InUseError as error:
        fail(str(error), FAILED)
    click.echo(f"{name} is removed")
