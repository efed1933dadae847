"""`bmms`: one command for operators and scripts; every subcommand lives in a module of its own."""

from __future__ import annotations

import typer

from deploy.cli import (
    audit,
    budget,
    keys,
    onboarding,
    organizations,
    projections,
    stack,
    token,
    verify,
)
from deploy.local.trouble import told_in_one_line

command = typer.Typer(
    name="bmms",
    help="Run, inspect and operate BMMS.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

# The founding documents spell commands with underscores; their scripts keep working.
for function in (
    stack.up,
    stack.down,
    stack.status,
    verify.verify,
    token.token,
    organizations.list_organizations,
    organizations.seed_organizations,
):
    name = function.__name__
    command.command(name.replace("_", "-"))(function)
    if "_" in name:
        command.command(name, hidden=True)(function)

for name in ("import-ppas", "import_ppas"):
    command.command(name, hidden="_" in name, context_settings=projections.PASS_ON)(
        projections.import_ppas
    )
for known, told in onboarding.COMMANDS.items():
    for name in (known.replace("_", "-"), known):
        command.command(name, help=told, hidden="_" in name, context_settings=projections.PASS_ON)(
            onboarding.onboard
        )
command.command("verify_deployment", hidden=True)(verify.verify)
command.add_typer(projections.rebuild, name="rebuild")
command.add_typer(keys.keys, name="keys")
command.add_typer(budget.budget, name="budget")
command.add_typer(budget.report, name="report")
command.add_typer(audit.audit, name="audit")


def app() -> None:
    """Run the command; trouble is one line on standard error and an exit code."""
    with told_in_one_line():
        command(prog_name="bmms")


if __name__ == "__main__":
    app()
