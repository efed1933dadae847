"""The pilot's commands, under the founding documents' names; identity does the work."""

from __future__ import annotations

from datetime import datetime

import typer

from deploy.cli.children import run_module
from deploy.cli.people import Gateway
from deploy.cli.pilot_programs import PILOTS, make_programs, take_options
from deploy.local.settings import running_settings
from libs.tenancy.rows import MANILA

COMMANDS = {
    "load_pilot_moas": "Begin the onboarding of the pilot organizations.",
    "create_pilot_user": "Invite one person, by a letter or by a printed code.",
    "import_pilot_users": "Invite the people of a CSV file; every fault is told by row and column.",
    "generate_pilot_data": "Invite made-up people of the pilots, and enter programs for them.",
    "assign_role": "Give a member a role.",
    "ensure_default_organization": "Check that the installation's own organization is there.",
    "verify_organization_data": "Check the register against its file and its rules.",
}


def onboard(context: typer.Context) -> None:
    """Hand the command and all that follows it to identity."""
    name = str(context.command.name).replace("-", "_")
    if name == "generate_pilot_data" and "--help" not in context.args:
        _generate(context.args)
        return
    raise typer.Exit(run_module("identity", "onboard", name, *context.args))


def _generate(words: list[str]) -> None:
    """Let identity invite the people, and planning take the programs, from the demo accounts."""
    asked, others = take_options(words)
    if code := run_module("identity", "onboard", "generate_pilot_data", *others):
        raise typer.Exit(code)
    year = asked.year or datetime.now(MANILA).year
    with Gateway(running_settings()) as gateway:
        for organization in [asked.moa.upper()] if asked.moa else PILOTS:
            new = make_programs(gateway, organization, asked.programs, year)
            print(f"{new} programs of {year} are new in {organization}")
