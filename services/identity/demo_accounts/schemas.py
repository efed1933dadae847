"""Who the demo accounts are, and the file that holds their passwords."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from services.identity.memberships.model import MembershipRole
from services.identity.system_grants.model import Grant

FILE = "demo-accounts.json"
ORGANIZATIONS = ("MOH", "MOLE", "MAFAR", "OOBC")
TREASURY = "MFBM"
NEVER = datetime.min.replace(tzinfo=UTC)
SPENDS = "MOH"
FUNCTIONS = ("budget_officer", "accountant", "disbursement_officer", "finance_director")
"""Who together spend the money of one organization; nobody may do the work of two."""
APPROVES = ("can_approve_plans", "can_approve_budgets")


class DemoAccount(BaseModel):
    """One row of the file."""

    model_config = ConfigDict(frozen=True)

    email: str
    password: Annotated[str, Field(repr=False)]
    totp_secret: Annotated[str | None, Field(repr=False)] = None
    organization: str
    role: str


class DemoPerson(BaseModel):
    """Who a demo account is for."""

    model_config = ConfigDict(frozen=True)

    email: str
    full_name: str
    organization: str
    label: str
    role: MembershipRole | None
    flags: tuple[str, ...] = ()
    grant: Grant | None = None
    function: str | None = None

    @property
    def needs_factor(self) -> bool:
        """Whether these rights ask for a second factor (identity sheet, section 9)."""
        return bool(self.flags or self.grant or self.function)


def demo_people(*, oversight: str, home: str) -> list[DemoPerson]:
    """Return everyone; `oversight` and `home` are the codes of OCM and of the platform's office."""
    analyst = DemoPerson(
        email=f"analyst@{oversight.lower()}.example",
        full_name=f"{oversight} Analyst",
        organization=oversight,
        label="analyst",
        role=MembershipRole.viewer,
        grant=Grant.ocm_analyst,
    )
    platform = DemoPerson(
        email="platform@bmms.example",
        full_name="Platform Administrator",
        organization=home,
        label="platform_administrator",
        role=None,
        grant=Grant.platform_administrator,
    )
    return [*_members(), *_functionaries(), analyst, *_treasury(), platform]


def _members() -> Iterable[DemoPerson]:
    for code in ORGANIZATIONS:
        for role in MembershipRole:
            yield DemoPerson(
                email=f"{role}@{code.lower()}.example",
                full_name=f"{code} {role.title()}",
                organization=code,
                label=role.value,
                role=role,
                flags=APPROVES if role is MembershipRole.manager else (),
            )


def _functionaries() -> Iterable[DemoPerson]:
    for function in FUNCTIONS:
        yield DemoPerson(
            email=f"{function}@{SPENDS.lower()}.example",
            full_name=f"{SPENDS} {function.replace('_', ' ').title()}",
            organization=SPENDS,
            label=function,
            role=MembershipRole.viewer,
            function=function,
        )


def _treasury() -> Iterable[DemoPerson]:
    for grant in (Grant.mfbm_analyst, Grant.mfbm_approver):
        name = grant.value.removeprefix("mfbm_")
        yield DemoPerson(
            email=f"{name}@{TREASURY.lower()}.example",
            full_name=f"{TREASURY} {name.title()}",
            organization=TREASURY,
            label=grant.value,
            role=MembershipRole.viewer,
            grant=grant,
        )


def new_password() -> str:
    """Return 192 random bits as 32 characters."""
    return secrets.token_urlsafe(24)


@dataclass(frozen=True, slots=True)
class KeptPasswords:
    """The passwords and app secrets of the file by address, and when it was written."""

    by_email: dict[str, str] = field(default_factory=dict, repr=False)
    totp_by_email: dict[str, str] = field(default_factory=dict, repr=False)
    written_at: datetime = NEVER


def read_accounts(folder: Path) -> KeptPasswords:
    """Return what the file holds; a missing or broken one holds nothing."""
    path = folder / FILE
    try:
        accounts = TypeAdapter(list[DemoAccount]).validate_json(path.read_bytes())
        written_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except (OSError, ValueError):
        return KeptPasswords()
    return KeptPasswords(
        {each.email: each.password for each in accounts},
        {each.email: each.totp_secret for each in accounts if each.totp_secret},
        written_at,
    )


def write_accounts(folder: Path, accounts: Iterable[DemoAccount]) -> Path:
    """Write the file for its owner alone, in one step; the same content is not written twice."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path, fresh = folder / FILE, folder / f".{FILE}.new"
    content = (
        json.dumps([account.model_dump(exclude_none=True) for account in accounts], indent=2) + "\n"
    )
    if path.exists() and path.read_text(encoding="utf-8") == content:
        return path
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(content)
    fresh.replace(path)
    return path
