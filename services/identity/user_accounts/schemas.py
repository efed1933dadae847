"""Shapes of accounts for administrators."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import ReadShape, Remarks, Shape
from services.identity.users.model import Language, UserStatus


class AccountRead(ReadShape):
    """An account, without anything that opens it."""

    id: UUID
    email: str
    username: str | None
    full_name: str
    phone: str
    language: Language
    status: UserStatus
    locked_until: AwareDatetime | None
    lock_reason: str
    last_sign_in_at: AwareDatetime | None
    deactivated_at: AwareDatetime | None
    deactivated_by: UUID | None
    deactivated_reason: str
    version: Annotated[int, Field(description="The record's ETag is this number in quotes.")]


class AccountPage(Page[AccountRead]):
    """One page of accounts."""


class AccountListParams(ListParams):
    """Which accounts, and in which order; `email` is looked for as it is written."""

    status: UserStatus | None = None
    email: Annotated[str | None, Field(max_length=254)] = None
    sort: Literal["email", "-email", "full_name", "-full_name"] = "email"


class AccountLock(Shape):
    """Why the person is kept out, and until when; for good when nothing is said."""

    reason: Remarks
    until: AwareDatetime | None = None


class AccountStep(Shape):
    """Why the account is unlocked, closed or opened again."""

    reason: Remarks
