"""`bmms budget prove` and `bmms report check`: whether ledger and files of it are still true."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.children import run_module
from deploy.cli.organizations import register
from deploy.cli.people import Gateway
from deploy.local.settings import running_settings

budget = typer.Typer(help="Look after the ledger.", no_args_is_help=True)


@budget.command("prove")
def prove(
    organization: Annotated[
        list[str] | None, typer.Option("--organization", help="Only this code; may be repeated.")
    ] = None,
) -> None:
    """Recompute every balance from the postings and name any difference (exit code 1)."""
    wanted = []
    if organization:
        with Gateway(running_settings()) as gateway:
            known = {each["code"]: each["id"] for each in register(gateway)}
        for code in organization:
            if code not in known:
                raise typer.BadParameter(f"the register has no organization {code}")
            wanted += ["--organization", known[code]]
    raise typer.Exit(run_module("budgeting", "prove", *wanted))


@budget.callback()
def choose() -> None:
    """Look after the ledger."""


report = typer.Typer(help="Look after reports.", no_args_is_help=True)


@report.command("check")
def check(file: Annotated[Path, typer.Argument(help="A workbook or print of a report.")]) -> None:
    """Say whether a file still equals the record, and which lines differ (exit code 1)."""
    raise typer.Exit(run_module("budgeting", "check_report", str(file)))


@report.callback()
def choose_of_report() -> None:
    """Look after reports."""
