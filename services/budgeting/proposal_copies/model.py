"""Carrying a proposal into another year: raised amounts, and what stays behind (sheet, 4.4)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from services.budgeting.line_items.model import CENTAVO, EXACT, LineItem, line_amount
from services.budgeting.programs.model import Program, shared

HUNDRED = Decimal(100)
QUARTERS = ("q1_amount", "q2_amount", "q3_amount", "q4_amount")
OF_OTHER_YEARS = ("prior_year_actual_amount", "current_year_appropriation_amount")
COPIED = (
    *("title", "justification", "expected_outcomes", "alignment", "prexc_code", "location"),
    *("beneficiaries", "funding_source", "sector", "tier", "is_multi_year"),
)
LINE_COPIED = (
    *("expense_class", "object_code", "description", "unit", "quantity", "justification"),
    *("sub_category", "procurement_mode"),
)


@dataclass(frozen=True, slots=True)
class NotCopied:
    """One thing that the copy does not have: where it stood, what it was, and why."""

    program: str
    line_item: str | None
    field: str
    value: str
    reason: str


def raised(amount: Decimal, percent: Decimal) -> Decimal:
    """Return an amount raised by a percentage, half up to the centavo."""
    factor = EXACT.divide(EXACT.add(HUNDRED, percent), HUNDRED)
    return EXACT.quantize(EXACT.multiply(amount, factor), CENTAVO)


def copied_line(line: LineItem, percent: Decimal) -> dict[str, Any]:
    """Return what a line is in the copy: its unit cost raised, its quarters in proportion."""
    cost = raised(line.unit_cost_amount, percent)
    told = {name: getattr(line, name) for name in LINE_COPIED}
    quarters = [getattr(line, name) for name in QUARTERS]
    if quarters[0] is not None:
        split = shared(line_amount(cost, line.quantity), quarters)
        told |= dict(zip(QUARTERS, split, strict=True))
    return {**told, "unit_cost_amount": cost}


def copied_tags(program: Program, total: Decimal) -> list[dict[str, Any]]:
    """Return the shares of a program in proportion to its new total, never more than it."""
    if program.requested_amount == 0:
        return [{**tag, "amount": Decimal("0.00")} for tag in program.tags]
    return [
        {
            **tag,
            "amount": min(
                total,
                EXACT.quantize(
                    EXACT.divide(
                        EXACT.multiply(Decimal(tag["amount"]), total), program.requested_amount
                    ),
                    CENTAVO,
                ),
            ),
        }
        for tag in program.tags
    ]
