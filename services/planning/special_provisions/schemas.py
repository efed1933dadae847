"""Shapes of special provisions over HTTP."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import RecordRead
from services.planning.ppas.model import EARLIEST_YEAR, LATEST_YEAR


class ProvisionRead(RecordRead):
    fiscal_year: int
    position: int
    title: str
    details: str
    source_file: str
    source_position: str


class ProvisionPage(Page[ProvisionRead]):
    pass


class ProvisionFilter(ListParams):
    fiscal_year: Annotated[int | None, Field(ge=EARLIEST_YEAR, le=LATEST_YEAR)] = None
    sort: Literal["position", "-position", "title", "-title"] = "position"
