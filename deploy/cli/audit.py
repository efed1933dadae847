"""`bmms audit`: export an organization's trail, and check an exported one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deploy.cli import trail_verifier
from deploy.cli.children import run_module

audit = typer.Typer(help="The trail of security-relevant acts, and proof that it is whole.")


@audit.command("export")
def export(
    organization: Annotated[str, typer.Option("--organization", help="A code, or PLATFORM.")],
    out: Annotated[Path, typer.Option("--out", help="The file to write, for you alone.")],
) -> None:
    """Write the whole trail of an organization to a file that `bmms audit verify` reads."""
    where = str(out.resolve())
    told = ("--organization", organization, "--out", where)
    raise typer.Exit(run_module("identity", "export_trail", *told))


@audit.command("verify")
def verify(
    file: Annotated[Path, typer.Argument(help="An exported trail.")],
    jwks: Annotated[Path | None, typer.Option("--jwks", help="The keys that you trust.")] = None,
    head: Annotated[list[Path] | None, typer.Option("--head", help="A head that you kept.")] = None,
) -> None:
    """Find any change, deletion, insertion or cut; needs neither network nor a running system."""
    kept = [each for path in head or [] for each in ("--head", str(path))]
    trusted = ["--jwks", str(jwks)] if jwks else []
    raise typer.Exit(trail_verifier.main([str(file), *trusted, *kept]))
