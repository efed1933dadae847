"""`bmms import-ppas` and `bmms rebuild ocm`: commands that planning and ocm provide themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.children import run_module

rebuild = typer.Typer(help="Build a store anew from the events, beside the one that is in use.")


@rebuild.command("ocm")
def rebuild_ocm() -> None:
    """Build the oversight store anew from every service's outbox and swap it in."""
    raise typer.Exit(run_module("ocm", "rebuild"))


@rebuild.callback()
def choose() -> None:
    """Build a store anew from the events."""


def import_ppas(
    files: Annotated[
        list[Path],
        typer.Argument(exists=True, dir_okay=False, help="Published files, one per organization."),
    ],
) -> None:
    """Import published programmes, projects and activities; every row is imported or reported."""
    raise typer.Exit(
        run_module("planning", "import_ppas", *(str(each.resolve()) for each in files))
    )
