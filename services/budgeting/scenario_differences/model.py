"""Bringing the programs of a draft to the amounts of a scenario, to the centavo where it goes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from libs.refusals import Conflict, Forbidden, Invalid
from services.budgeting.line_items.model import (
    CENTAVO,
    EXACT,
    LARGEST,
    LineItem,
    line_amount,
)
from services.budgeting.programs.model import ZERO, Program, shared
from services.budgeting.proposal_copies.model import QUARTERS, copied_tags
from services.budgeting.scenario_rows.model import ScenarioRow


class OtherYear(Invalid):
    """A scenario of one year says nothing about a proposal for another."""

    title = "The proposal is for another fiscal year than the scenario."


class ProposalRightMissing(Forbidden):
    """A scenario opens no proposal to whoever could not read or change it anyway."""

    title = "Your rights do not include this for proposals."


class DifferenceOutdated(Conflict):
    """The draft is not the one whose difference was shown."""

    title = "The proposal has changed since: look at the difference again, then apply it."


class Change(StrEnum):
    """What becomes of a program; `added` is one for a PPA of the scenario that has none yet."""

    repriced = "repriced"
    same = "same"
    without_lines = "without_lines"
    added = "added"
    not_in_scenario = "not_in_scenario"


@dataclass(slots=True)
class LineStep:
    """One line with another unit cost; its quantity stays."""

    line: LineItem
    unit_cost_amount: Decimal

    @property
    def amount(self) -> Decimal:
        """What the line makes then."""
        return line_amount(self.unit_cost_amount, self.line.quantity)


@dataclass(slots=True)
class ProgramStep:
    """One program or PPA: what it has, what the scenario gives, what its lines can make of it."""

    change: Change
    ppa_id: UUID | None
    title: str
    program: Program | None
    before_amount: Decimal
    scenario_amount: Decimal | None
    after_amount: Decimal
    funding_source: str | None = None
    lines: list[LineStep] = field(default_factory=list)

    @property
    def rest_amount(self) -> Decimal:
        """What the scenario gives and no line takes: unit costs are whole centavos."""
        return ZERO if self.scenario_amount is None else self.scenario_amount - self.after_amount


def steps_towards(programs: Sequence[Program], rows: Iterable[ScenarioRow]) -> list[ProgramStep]:
    """Return a step for every program, and one for every PPA that has none."""
    given = {row.ppa_id: row for row in rows if row.is_in}
    steps = [
        _step(each, given.pop(each.ppa_id, None) if each.ppa_id else None) for each in programs
    ]
    steps += [
        ProgramStep(
            *(Change.added, row.ppa_id, row.title, None, ZERO, row.amount, ZERO), row.funding_source
        )
        for row in given.values()
        if row.amount
    ]
    return steps


def _step(program: Program, row: ScenarioRow | None) -> ProgramStep:
    before = program.requested_amount
    given = None if row is None else row.amount
    step = ProgramStep(Change.same, program.ppa_id, program.title, program, before, given, before)
    if row is None:
        step.change = Change.not_in_scenario
    elif not before and row.amount:
        step.change = Change.without_lines
    elif row.amount != before:
        lines = repriced(program.line_items, row.amount)
        step.lines = [each for each in lines if each.unit_cost_amount != each.line.unit_cost_amount]
        step.after_amount = sum((each.amount for each in lines), ZERO)
        step.change = Change.repriced if step.lines else Change.same
    return step


def repriced(lines: Sequence[LineItem], target: Decimal) -> list[LineStep]:
    """Return the lines with unit costs that come as near to the target as they can, never above.

    Each line gets its share in proportion, its unit cost rounded down to the centavo; what is then
    left goes to the lines of the largest quantities that can still take some of it, so that a line
    of quantity 1 leaves nothing over.
    """
    parts = shared(target, [line.requested_amount for line in lines])
    steps = [
        LineStep(line, _cost(part, line.quantity)) for line, part in zip(lines, parts, strict=True)
    ]
    left = target - sum((step.amount for step in steps), ZERO)
    for step in sorted(steps, key=lambda one: -one.line.quantity):
        if step.line.requested_amount and left > 0:
            before = step.amount
            step.unit_cost_amount = _cost(before + left, step.line.quantity)
            left -= step.amount - before
    return steps


def _cost(amount: Decimal, quantity: Decimal) -> Decimal:
    exact = EXACT.divide(amount, quantity)
    return min(LARGEST, exact.quantize(CENTAVO, rounding=ROUND_FLOOR, context=EXACT))


def take(step: ProgramStep) -> None:
    """Write a step: unit costs, quarters and shares of concerns in proportion; sums follow."""
    program = step.program
    if program is None or not step.lines:
        return
    tags: list[dict[str, Any]] = copied_tags(program, step.after_amount)
    program.tags = [{**tag, "amount": f"{tag['amount']:.2f}"} for tag in tags]
    for each in step.lines:
        line, quarters = each.line, [getattr(each.line, name) for name in QUARTERS]
        if quarters[0] is not None:
            split = _split(each.amount, quarters)
            for name, amount in zip(QUARTERS, split, strict=True):
                setattr(line, name, amount)
        line.unit_cost_amount = each.unit_cost_amount
        line.price()


def _split(amount: Decimal, quarters: list[Decimal]) -> list[Decimal]:
    """Share an amount like the quarters before; of nothing before, all falls due in the first."""
    return shared(amount, quarters) if any(quarters) else [amount, ZERO, ZERO, ZERO]
