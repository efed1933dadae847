"""Shapes of consents: what a person sees of their own."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import ReadShape


class ConsentRead(ReadShape):
    """What one client may know about the person who asks."""

    id: UUID
    client_id: str
    client_name: str
    scopes: list[str]
    given_at: AwareDatetime
    withdrawn_at: AwareDatetime | None


class ConsentPage(Page[ConsentRead]):
    """One page of a person's consents."""


class ConsentListParams(ListParams):
    """In which order."""

    sort: Literal["given_at", "-given_at"] = "-given_at"
