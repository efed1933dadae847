"""What can be done with register files: read them, lay one over the other, and load the result."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable
from typing import Any, TextIO
from uuid import UUID

from pydantic import ValidationError

from libs.outbox.uow import UnitOfWork
from libs.refusals import Invalid
from services.identity.organizations import queries
from services.identity.organizations.events import OrganizationRegistered
from services.identity.organizations.model import (
    Module,
    Organization,
    OrganizationStatus,
    organization_id,
)
from services.identity.organizations.usecases import acting_within, announce_change, state_of
from services.identity.register_files.schemas import RegisterDifference, RegisterEntry

_REQUIRED = ("code", "name", "org_type", "is_moa", "is_pilot", "verified", "source_note")
_OPTIONAL = ("legacy_id", "official_name", "acronym", "valid_from", "valid_to")

Row = dict[str, str]


class RegisterFileInvalid(Invalid):
    """The file breaks a rule of the register; nothing of it was loaded."""

    title = "The register file cannot be loaded."


def read_table(file: TextIO) -> list[tuple[int, Row]]:
    """Return the rows of a register file with their line numbers."""
    reader = csv.DictReader(file, strict=True)
    return [(reader.line_num, row) for row in reader]


def read_register(file: TextIO, corrections: TextIO | None = None) -> list[RegisterEntry]:
    """Read a register file and the corrections over it; one bad row refuses the whole."""
    rows = dict(enumerate(read_table(file)))
    named = {row.get("key"): nth for nth, (_, row) in rows.items()}
    for line, correction in read_table(corrections) if corrections else ():
        nth = named.setdefault(correction.get("key"), len(rows))
        known = rows.get(nth, (line, {}))[1]
        said = {name: value for name, value in correction.items() if value not in ("", None)}
        rows[nth] = (line, {**_unsaid(correction, known), **known, **said})
    entries = [_entry(line, row) for line, row in rows.values()]
    _refuse_doubles(entries)
    return entries


def _unsaid(correction: Row, known: Row) -> Row:
    """Return what a new organization is when its row does not say: nothing is confirmed."""
    told = {"is_moa": "true", "is_pilot": "false", "verified": "no", "source_note": ""}
    return {} if known else {**correction, **told}


def _entry(line: int, row: Row) -> RegisterEntry:
    try:
        return RegisterEntry.model_validate(row)
    except ValidationError as error:
        fault = error.errors()[0]
        column = ".".join(str(part) for part in fault["loc"])
        raise RegisterFileInvalid(f"Line {line}, {column}: {fault['msg']}.") from None


def _refuse_doubles(entries: list[RegisterEntry]) -> None:
    for column in ("key", "code", "legacy_id"):
        counted = Counter(getattr(entry, column) for entry in entries)
        twice = [str(value) for value, n in counted.items() if n > 1 and value is not None]
        if twice:
            raise RegisterFileInvalid(f"The {column} {', '.join(twice)} stands there twice.")
    counted = Counter(alias for entry in entries for alias in entry.aliases)
    if twice := [alias for alias, n in counted.items() if n > 1]:
        raise RegisterFileInvalid(f"The alias {', '.join(twice)} stands there twice.")


async def load_register(
    uow: UnitOfWork, entries: Iterable[RegisterEntry], *, dry_run: bool = False
) -> list[RegisterDifference]:
    """Bring the register in line with the file, in one transaction; nothing is ever deleted.

    Organizations that the file does not name are reported and stay as they are, and so does what
    an administrator has changed by hand.
    """
    await queries.lock_the_tree(uow.session)
    known = await queries.list_organizations_for_load(uow.session)
    by_key = {entry.key: entry for entry in entries}
    _refuse_unknown_parents(by_key.values(), known)
    _refuse_circles(by_key.values(), known)
    differences = [_difference(entry, known.get(entry.key)) for entry in by_key.values()]
    strangers = [row for key, row in known.items() if key not in by_key]
    _refuse_taken_codes(by_key.values(), strangers)
    if not dry_run:
        for difference in differences:
            await _apply(uow, by_key[difference.key], known.get(difference.key), difference)
        await _keep_aliases(uow, by_key.values())
    return differences + [
        RegisterDifference(key=row.key, code=row.code, action="not_in_file", changes={})
        for row in strangers
    ]


def _values(entry: RegisterEntry) -> dict[str, Any]:
    said = {name: getattr(entry, name) for name in _REQUIRED}
    said |= {n: getattr(entry, n) for n in _OPTIONAL if getattr(entry, n) is not None}
    if entry.parent_key is not None:
        said["parent_id"] = organization_id(entry.parent_key)
    return said


def _difference(entry: RegisterEntry, row: Organization | None) -> RegisterDifference:
    if row is None:
        return RegisterDifference(key=entry.key, code=entry.code, action="register", changes={})
    changes = {
        name: (getattr(row, name), value)
        for name, value in _values(entry).items()
        if getattr(row, name) != value and name not in row.edited
    }
    action = "change" if changes else "same"
    return RegisterDifference(key=entry.key, code=entry.code, action=action, changes=changes)


def _refuse_unknown_parents(
    entries: Iterable[RegisterEntry], known: dict[str, Organization]
) -> None:
    there = {*known, *(entry.key for entry in entries)}
    for entry in entries:
        if entry.parent_key is not None and entry.parent_key not in there:
            raise RegisterFileInvalid(f"{entry.parent_key}, above {entry.key}, is not there.")


def _refuse_circles(entries: Iterable[RegisterEntry], known: dict[str, Organization]) -> None:
    keys = {row.id: key for key, row in known.items()}
    above = {key: keys.get(row.parent_id) if row.parent_id else None for key, row in known.items()}
    above |= {entry.key: entry.parent_key for entry in entries if entry.parent_key}
    for key in above:
        seen, higher = {key}, above[key]
        while higher is not None:
            if higher in seen:
                raise RegisterFileInvalid(f"{higher} would be above itself.")
            seen.add(higher)
            higher = above.get(higher)


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
    if row is None:
        await _register(uow, entry)
    elif difference.action == "change":
        before = {name: getattr(row, name) for name in difference.changes}
        for name, (_, value) in difference.changes.items():
            setattr(row, name, value)
        await announce_change(uow, row, before, "The register file was loaded.")


async def _register(uow: UnitOfWork, entry: RegisterEntry) -> None:
    row = Organization(
        id=organization_id(entry.key),
        key=entry.key,
        is_active=True,
        status=OrganizationStatus.registered.value,
        modules=[module.value for module in Module],
        **{"acronym": "", "legacy_id": None, **_values(entry)},
    )
    uow.session.add(row)
    async with acting_within(uow, row):
        uow.publish(OrganizationRegistered.model_validate(state_of(row)), of=row)


async def _keep_aliases(uow: UnitOfWork, entries: Iterable[RegisterEntry]) -> None:
    for entry in entries:
        for alias in entry.aliases:
            await queries.keep_alias(uow.session, _id(entry), alias, uow.now())
    await queries.supersede_aliases(uow.session, uow.now())


def _id(entry: RegisterEntry) -> UUID:
    return organization_id(entry.key)
