"""Shapes of chains."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import ReadShape


class AuditHeadListParams(ListParams):
    """Which heads, and in which order."""

    sort: Literal["created_at", "-created_at"] = "-created_at"


class AuditHeadRead(ReadShape):
    """A signed statement; keep it, and no later trail can be shorter or another."""

    seq: int
    hash: str
    statement: Annotated[str, Field(description="A compact JWS, signed with an audit key.")]
    at: Annotated[AwareDatetime, Field(validation_alias="created_at")]


class AuditHeadPage(Page[AuditHeadRead]):
    """One page of heads."""


class AuditKeysRead(ReadShape):
    """A key set (RFC 7517)."""

    keys: list[dict[str, Any]]
