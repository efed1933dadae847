"""`bmms verify`: is this installation whole, separate and well? Pass, warn, fail or skip each."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from typing import Annotated

import typer

from deploy.cli.checking import Check, Outcome, Subject
from deploy.cli.people import Gateway
from deploy.local.passwords import keep_passwords
from deploy.local.settings import running_settings
from deploy.local.state import require_running


def verify(
    only: Annotated[
        list[str] | None, typer.Option("--only", help="Ids of checks (V01); may be repeated.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Check the running installation; exit 1 when any check fails."""
    settings = running_settings()
    require_running(settings.home)
    checks = all_checks()
    unknown = set(only or ()) - {check.id for check in checks}
    if unknown:
        raise typer.BadParameter(f"there is no check {', '.join(sorted(unknown))}")
    with Gateway(settings) as gateway:
        subject = Subject(settings, keep_passwords(settings.home), gateway)
        outcomes = [run(check, subject) for check in checks if not only or check.id in only]
    print(
        json.dumps([asdict(each) for each in outcomes], indent=2) if as_json else _table(outcomes)
    )
    if any(each.verdict == "fail" for each in outcomes):
        raise typer.Exit(1)


def all_checks() -> tuple[Check, ...]:
    """Return every check; their libraries are loaded only now, for no other command needs them."""
    from deploy.cli import checks_of_access, checks_of_exposure, checks_of_parts, checks_of_rows

    families = (checks_of_parts, checks_of_access, checks_of_rows, checks_of_exposure)
    checks = [check for family in families for check in family.CHECKS]
    return tuple(sorted(checks, key=lambda check: check.id))


def run(check: Check, subject: Subject) -> Outcome:
    """Run one check; one that cannot be carried out has failed."""
    began = time.monotonic()
    try:
        verdict, evidence = check.look(subject)
    except Exception as obstacle:  # noqa: BLE001 (whatever stands in the way is the evidence)
        verdict, evidence = "fail", f"{type(obstacle).__name__}: {obstacle}"
    seconds = round(time.monotonic() - began, 3)
    return Outcome(check.id, check.title, verdict, " ".join(evidence.split()), seconds)


def _table(outcomes: list[Outcome]) -> str:
    lines = [f"{each.verdict:<5} {each.id}  {each.title}: {each.evidence}" for each in outcomes]
    counted = ", ".join(
        f"{sum(each.verdict == verdict for each in outcomes)} {verdict}"
        for verdict in ("pass", "warn", "fail", "skip")
    )
    return "\n".join([*lines, "", counted])
