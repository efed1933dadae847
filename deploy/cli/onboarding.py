"""The pilot's commands, under the founding documents' names; identity does the work."""

from __future__ import annotations

import typer

from deploy.cli.children import run_module

COMMANDS = {
    "load_pilot_moas": "Begin the onboarding of the pilot organizations.",
    "create_pilot_user": "Invite one person, by a letter or by a printed code.",
    "import_pilot_users": "Invite the people of a CSV file; every fault is told by row and column.",
    "generate_pilot_data": "Invite made-up people of the pilots.",
    "assign_role": "Give a member a role.",
    "ensure_default_organization": "Check that the installation's own organization is there.",
    "verify_organization_data": "Check the register against its file and its rules.",
}


def onboard(context: typer.Context) -> None:
    """Hand the command and all that follows it to identity."""
    name = str(context.command.name).replace("-", "_")
    raise typer.Exit(run_module("identity", "onboard", name, *context.args))
