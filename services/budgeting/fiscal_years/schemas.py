"""The shape of a fiscal year over HTTP."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, Strict

from services.budgeting.fiscal_years.model import EARLIEST_YEAR, LATEST_YEAR

Year = Annotated[int, Strict(), Field(ge=EARLIEST_YEAR, le=LATEST_YEAR, examples=[2027])]
YearAsked = Annotated[int | None, Field(ge=EARLIEST_YEAR, le=LATEST_YEAR)]
