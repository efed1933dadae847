"""What the register can be asked to do: load the shipped file, and switch a module."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, TextIO
from uuid import UUID

from pydantic import ValidationError

from libs.outbox.uow import UnitOfWork
from libs.refusals import Invalid
from services.identity.organizations import queries
from services.identity.organizations.events import (
    OrganizationChanged,
    OrganizationModuleChanged,
    OrganizationRegistered,
    OrganizationState,
)
from services.identity.organizations.model import (
    Module,
    ModuleActivation,
    Organization,
    organization_id,
)
from services.identity.organizations.schemas import RegisterDifference, RegisterEntry
from services.identity.users.usecases import become


class RegisterFileInvalid(Invalid):
    """The file breaks a rule of the register; nothing of it was loaded."""

    title = "The register file cannot be loaded."


def read_register(file: TextIO) -> list[RegisterEntry]:
    """Read the rows of a register file; one bad row or one code twice refuses the whole file."""
    entries: list[RegisterEntry] = []
    reader = csv.DictReader(file, strict=True)
    for row in reader:
        try:
            entries.append(RegisterEntry.model_validate(row))
        except ValidationError as error:
            fault = error.errors()[0]
            column = ".".join(str(part) for part in fault["loc"])
            raise RegisterFileInvalid(
                f"Line {reader.line_num}, {column}: {fault['msg']}."
            ) from None
    for column in ("key", "code", "legacy_id"):
        counted = Counter(getattr(entry, column) for entry in entries)
        twice = [str(value) for value, n in counted.items() if n > 1 and value is not None]
        if twice:
            raise RegisterFileInvalid(f"The {column} {', '.join(twice)} stands there twice.")
    return entries


async def load_register(
    uow: UnitOfWork, entries: Iterable[RegisterEntry], *, dry_run: bool = False
) -> list[RegisterDifference]:
    """Bring the register in line with the file, in one transaction; nothing is ever deleted.

    Organizations that the file does not name are reported and stay as they are.
    """
    known = await queries.list_organizations_for_load(uow.session)
    by_key = {entry.key: entry for entry in entries}
    differences = [_difference(entry, known.get(entry.key)) for entry in by_key.values()]
    strangers = [row for key, row in known.items() if key not in by_key]
    _refuse_taken_codes(by_key.values(), strangers)
    if not dry_run:
        for difference in differences:
            await _apply(uow, by_key[difference.key], known.get(difference.key), difference)
    return differences + [
        RegisterDifference(key=row.key, code=row.code, action="not_in_file", changes={})
        for row in strangers
    ]


async def enable_module(
    uow: UnitOfWork, organization_id: UUID, module: Module, reason: str
) -> Organization:
    """Switch a module on for an organization; its members have it with their next token."""
    organization = await _lock(uow, organization_id)
    organization.enable_module(module)
    await _record_switch(uow, organization, module=module, enabled=True, reason=reason)
    return organization


async def disable_module(
    uow: UnitOfWork, organization_id: UUID, module: Module, reason: str
) -> Organization:
    """Switch a module off for an organization; no later token lets its members use it."""
    organization = await _lock(uow, organization_id)
    organization.disable_module(module)
    await _record_switch(uow, organization, module=module, enabled=False, reason=reason)
    return organization


@asynccontextmanager
async def acting_within(uow: UnitOfWork, organization: Organization) -> AsyncIterator[None]:
    """Write rows and events of another organization, as an operator; the author stays who it is."""
    before = uow.actor
    await become(uow, replace(before, org_id=organization.id, org_code=organization.code))
    yield
    await become(uow, before)


async def _lock(uow: UnitOfWork, organization_id: UUID) -> Organization:
    organization = await queries.get_organization(uow.session, organization_id, lock=True)
    uow.expect(organization)
    return organization


async def _record_switch(
    uow: UnitOfWork, organization: Organization, *, module: Module, enabled: bool, reason: str
) -> None:
    announced = OrganizationModuleChanged(**_state(organization), module=module, enabled=enabled)
    async with acting_within(uow, organization):
        uow.session.add(ModuleActivation(module=module.value, enabled=enabled, reason=reason))
        uow.publish(announced, of=organization)


_LOADED = ("code", "name", "org_type", "is_moa", "is_pilot", "legacy_id", "verified", "source_note")


def _state(organization: Organization) -> dict[str, Any]:
    return {name: getattr(organization, name) for name in OrganizationState.model_fields}


def _difference(entry: RegisterEntry, row: Organization | None) -> RegisterDifference:
    if row is None:
        return RegisterDifference(key=entry.key, code=entry.code, action="register", changes={})
    changes = {
        name: (getattr(row, name), getattr(entry, name))
        for name in _LOADED
        if getattr(row, name) != getattr(entry, name)
    }
    action = "change" if changes else "same"
    return RegisterDifference(key=entry.key, code=entry.code, action=action, changes=changes)


def _refuse_taken_codes(
    entries: Iterable[RegisterEntry], strangers: Iterable[Organization]
) -> None:
    taken = {row.code: row.key for row in strangers}
    for entry in entries:
        if entry.code in taken:
            raise RegisterFileInvalid(
                f"The code {entry.code} of {entry.key} belongs to {taken[entry.code]}, which the"
                " file does not name."
            )


async def _apply(
    uow: UnitOfWork, entry: RegisterEntry, row: Organization | None, difference: RegisterDifference
) -> None:
    if difference.action == "same":
        return
    values = {name: getattr(entry, name) for name in _LOADED}
    if row is None:
        row = Organization(
            id=organization_id(entry.key),
            key=entry.key,
            is_active=True,
            modules=[module.value for module in Module],
            **values,
        )
        uow.session.add(row)
        announced: type[OrganizationRegistered | OrganizationChanged] = OrganizationRegistered
    else:
        for name, value in values.items():
            setattr(row, name, value)
        announced = OrganizationChanged
    async with acting_within(uow, row):
        uow.publish(announced.model_validate(_state(row)), of=row)
