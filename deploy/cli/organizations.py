"""`bmms list-organizations` and `bmms seed-organizations`: the register of 45."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from deploy.cli.children import run_module
from deploy.cli.people import Gateway
from deploy.local.settings import running_settings


def seed_organizations(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would change.")
    ] = False,
) -> None:
    """Load the shipped register: adds and changes, never deletes; repeating it changes nothing."""
    raise typer.Exit(run_module("identity", "seed", *(["--dry-run"] * dry_run)))


def list_organizations(
    org_type: Annotated[str | None, typer.Option("--type", help="Only this type.")] = None,
    pilot: Annotated[bool, typer.Option("--pilot", help="Only pilots.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Show the register as the running identity service tells it."""
    with Gateway(running_settings()) as gateway:
        found = [
            each
            for each in register(gateway)
            if org_type in (None, each["org_type"]) and (each["is_pilot"] or not pilot)
        ]
    if as_json:
        print(json.dumps(found, indent=2))
        return
    for each in found:
        mark = "pilot" if each["is_pilot"] else ""
        print(f"{each['code']:<12}{each['org_type']:<16}{mark:<7}{each['name']}")
    print(f"{len(found)} organizations")


def register(gateway: Gateway) -> list[dict[str, Any]]:
    """Return every organization, page by page."""
    organizations: list[dict[str, Any]] = []
    platform = gateway.person("platform_administrator")
    parameters: dict[str, str] = {"limit": "200"}
    while True:
        page = platform.get("/api/v1/identity/organizations", params=parameters)
        page.raise_for_status()
        told = page.json()
        organizations += told["items"]
        if not told["next"]:
            return organizations
        parameters["cursor"] = told["next"]
