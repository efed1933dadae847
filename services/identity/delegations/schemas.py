"""Shapes of delegations."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field, WithJsonSchema

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import RecordRead, Remarks, Shape
from services.identity.delegations.model import DECISIONS


def _known(permission: str) -> str:
    if permission not in DECISIONS:
        raise ValueError(f"it cannot be delegated; these can: {', '.join(DECISIONS)}")
    return permission


Decision = Annotated[
    str, AfterValidator(_known), WithJsonSchema({"type": "string", "enum": list(DECISIONS)})
]


def _once(told: list[Decision]) -> list[Decision]:
    return list(dict.fromkeys(told))


class DelegationCreate(Shape):
    """Which member decides what for oneself, from when until when, and why."""

    membership_id: UUID
    permissions: Annotated[
        list[Decision],
        Field(min_length=1, max_length=len(DECISIONS)),
        AfterValidator(_once),
    ]
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    reason: Remarks


class DelegationRead(RecordRead):
    """What a member decides for another, or did."""

    membership_id: UUID
    user_id: UUID
    delegator_id: UUID
    permissions: list[str]
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    reason: str
    revoked_at: AwareDatetime | None


class DelegationPage(Page[DelegationRead]):
    """One page of delegations."""


class DelegationListParams(ListParams):
    """Filters of the list of delegations."""

    delegator_id: UUID | None = None
    user_id: UUID | None = None
    sort: Literal["created_at", "-created_at"] = "-created_at"
