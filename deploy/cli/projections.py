"""`bmms import-ppas` and `bmms rebuild ocm`: commands that planning and ocm provide themselves."""

from __future__ import annotations

import typer

from deploy.cli.children import run_module

PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
"""What follows such a command is for the service's own, `--help` too."""

rebuild = typer.Typer(help="Build a store anew from the events, beside the one that is in use.")


@rebuild.command("ocm", context_settings=PASS_ON)
def rebuild_ocm(context: typer.Context) -> None:
    """Build the oversight store anew from every service's outbox and swap it in."""
    raise typer.Exit(run_module("ocm", "rebuild", *context.args))


@rebuild.callback()
def choose() -> None:
    """Build a store anew from the events."""


def import_ppas(context: typer.Context) -> None:
    """Import published programmes, projects and activities; every row is imported or reported."""
    raise typer.Exit(run_module("planning", "import_ppas", *context.args))
