"""Shapes of the difference between a scenario and a proposal's draft over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field, Strict

from libs.chassis.shapes import Decimal2, Money, ReadShape, Shape
from services.budgeting.proposal_states.model import ProposalStatus
from services.budgeting.scenario_differences.model import Change


class ScenarioApply(Shape):
    proposal_id: UUID
    proposal_version: Annotated[
        int, Strict(), Field(ge=1, description="The one whose difference was looked at.")
    ]


class LineDifferenceRead(ReadShape):
    line_item_id: UUID
    description: str
    before_unit_cost_amount: Money
    after_unit_cost_amount: Money
    before_amount: Money
    after_amount: Money


class ProgramDifferenceRead(ReadShape):
    change: Annotated[
        Change,
        Field(
            description="added: begun without lines; without_lines: nothing to reprice;"
            " not_in_scenario: left as it is."
        ),
    ]
    program_id: UUID | None
    ppa_id: UUID | None
    title: str
    before_amount: Money
    scenario_amount: Money | None
    after_amount: Money
    rest_amount: Annotated[
        Decimal2, Field(description="Given by the scenario, and taken by no line.")
    ]
    line_items: list[LineDifferenceRead]


class ScenarioDifferenceRead(ReadShape):
    """What applying would do; apply it with the version of the proposal that stands here."""

    scenario_id: UUID
    proposal_id: UUID
    proposal_version: int
    proposal_status: ProposalStatus
    before_amount: Money
    after_amount: Money
    rest_amount: Decimal2
    programs: list[ProgramDifferenceRead]
