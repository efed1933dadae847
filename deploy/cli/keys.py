"""`bmms keys`: the keys with which identity signs tokens."""

from __future__ import annotations

from typing import Annotated

import typer

from deploy.cli.children import run_module

keys = typer.Typer(help="The keys with which identity signs tokens.")


@keys.command("rotate")
def rotate(
    compromised: Annotated[
        bool, typer.Option("--compromised", help="At once: what was signed before is worthless.")
    ] = False,
) -> None:
    """Let the next key sign, a day after it was published at the earliest."""
    raise typer.Exit(run_module("identity", "rotate_keys", *(["--compromised"] * compromised)))


@keys.callback()
def choose() -> None:
    """Say what is to be done with the keys."""
