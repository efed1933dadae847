"""Shapes of copying a proposal over HTTP."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from libs.chassis.shapes import PercentIn, ReadShape, Shape, Title
from services.budgeting.fiscal_years.schemas import Year
from services.budgeting.proposal_states.model import ProposalKind
from services.budgeting.proposals.schemas import ProposalRead


class ProposalCopy(Shape):
    fiscal_year: Year
    title: Annotated[Title | None, Field(description="As before when left out.")] = None
    kind: ProposalKind = ProposalKind.annual
    raise_percent: Annotated[
        PercentIn, Field(description="By how much every unit cost is raised, half up.")
    ] = Decimal(0)


class NotCopiedRead(ReadShape):
    program: str
    line_item: str | None
    field: str
    value: str
    reason: str


class ProposalCopied(ReadShape):
    proposal: ProposalRead
    not_copied: list[NotCopiedRead]
