"""What is put side by side: amounts of one proposal, and two frozen texts of it (sheet, 4.4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.budgeting.appropriation_items.model import AppropriationItem
from services.budgeting.line_items.model import ExpenseClass, LineItem
from services.budgeting.programs.model import ZERO, Program
from services.budgeting.proposals.model import Proposal
from services.budgeting.reviews.model import Review

LINE_FIELDS = (
    *("expense_class", "object_code", "description", "unit", "unit_cost_amount", "quantity"),
    *("justification", "sub_category", "procurement_mode", "procurement_reference"),
    *("q1_amount", "q2_amount", "q3_amount", "q4_amount"),
)
PROGRAM_FIELDS = (
    *("title", "priority_rank", "ppa_id", "goal_id", "assessment_id", "justification"),
    *("expected_outcomes", "alignment", "prexc_code", "location", "beneficiaries"),
    *("funding_source", "sector", "tier", "is_multi_year", "tags"),
    *("prior_year_actual_amount", "current_year_appropriation_amount"),
)


@dataclass(slots=True)
class Amounts:
    """The four figures; None is not known (yet), which differs from nothing."""

    requested_amount: Decimal = ZERO
    recommended_amount: Decimal | None = None
    approved_amount: Decimal | None = None
    enacted_amount: Decimal | None = None


@dataclass(slots=True)
class LineSide:
    """One line with its figures; acts know no lines."""

    line: LineItem
    amounts: Amounts


@dataclass(slots=True)
class ProgramSide:
    """One program with its figures, by class and by line."""

    program: Program
    amounts: Amounts
    by_class: dict[str, Amounts]
    lines: list[LineSide]


@dataclass(slots=True)
class Sides:
    """A whole proposal with its figures, and what was enacted for no program of it."""

    amounts: Amounts
    by_class: dict[str, Amounts]
    programs: list[ProgramSide]
    unmatched: list[AppropriationItem] = field(default_factory=list)


def compare_amounts(
    proposal: Proposal, review: Review | None, items: Iterable[AppropriationItem]
) -> Sides:
    """Put the figures of every line, class and program side by side, each sum from its parts."""
    recommended = _recommended(review)
    enacted, unmatched = _enacted(proposal, list(items))
    programs = [_program(each, recommended, enacted) for each in proposal.programs]
    by_class: dict[str, Amounts] = {}
    for expense_class in ExpenseClass:
        some = [each.by_class[expense_class] for each in programs if expense_class in each.by_class]
        if some:
            by_class[expense_class] = _sum(some)
    whole = _sum(each.amounts for each in programs)
    return Sides(whole, by_class, programs, unmatched)


def _recommended(review: Review | None) -> dict[str, Decimal] | None:
    if review is None or review.recommended_amount is None:
        return None
    return {
        line["line_item_id"]: Decimal(line["recommended_amount"])
        for program in review.programs
        for line in program["line_items"]
    }


Enacted = dict[tuple[UUID, str], Decimal]


def _enacted(
    proposal: Proposal, items: list[AppropriationItem]
) -> tuple[Enacted | None, list[AppropriationItem]]:
    """Return what acts gave each program by class; None as long as there is no act."""
    if not items:
        return None, []
    by_code = {each.prexc_code: each for each in reversed(proposal.programs) if each.prexc_code}
    by_title = {each.title.casefold(): each for each in reversed(proposal.programs)}
    enacted: Enacted = {}
    unmatched = []
    for item in items:
        program = by_code.get(item.prexc_code) or by_title.get(item.program_title.casefold())
        if program is None:
            unmatched.append(item)
        else:
            key = (program.id, item.expense_class)
            enacted[key] = enacted.get(key, ZERO) + item.enacted_amount
    return enacted, unmatched


def _program(
    program: Program, recommended: Mapping[str, Decimal] | None, enacted: Enacted | None
) -> ProgramSide:
    lines = [
        LineSide(
            line,
            Amounts(
                line.requested_amount,
                None if recommended is None else recommended.get(str(line.id), ZERO),
                line.approved_amount,
            ),
        )
        for line in program.line_items
    ]
    by_class: dict[str, Amounts] = {}
    for expense_class in ExpenseClass:
        some = [each.amounts for each in lines if each.line.expense_class == expense_class]
        given = None if enacted is None else enacted.get((program.id, expense_class))
        if some or given:
            by_class[expense_class] = _sum(some)
            by_class[expense_class].enacted_amount = None if enacted is None else given or ZERO
    return ProgramSide(program, _sum(by_class.values()), by_class, lines)


def _sum(some: Iterable[Amounts]) -> Amounts:
    parts = list(some)
    return Amounts(
        sum((each.requested_amount for each in parts), ZERO),
        _sum_known(each.recommended_amount for each in parts),
        _sum_known(each.approved_amount for each in parts),
        _sum_known(each.enacted_amount for each in parts),
    )


def _sum_known(amounts: Iterable[Decimal | None]) -> Decimal | None:
    known = list(amounts)
    return None if None in known or not known else sum((each or ZERO for each in known), ZERO)


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that is not the same in both texts."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Changed:
    """A program or line that was added, removed or changed between two texts."""

    id: str
    name: str
    change: str
    before_amount: Decimal | None
    after_amount: Decimal | None
    fields: list[Difference]
    line_items: list[Changed]


def compare_texts(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Changed]:
    """Return the programs, with the lines, that differ between two texts of one proposal."""
    return list(_changes(before["programs"], after["programs"], PROGRAM_FIELDS))


def _changes(
    before: list[dict[str, Any]], after: list[dict[str, Any]], names: Iterable[str]
) -> Iterator[Changed]:
    old, new = ({each["id"]: each for each in some} for some in (before, after))
    for key in dict.fromkeys((*new, *old)):
        was, now = old.get(key, {}), new.get(key, {})
        told = now or was
        parts = list(_changes(was.get("line_items", []), now.get("line_items", []), LINE_FIELDS))
        fields = [
            Difference(name, _text(was.get(name)), _text(now.get(name)))
            for name in names
            if was and now and was.get(name) != now.get(name)
        ]
        if was and now and not (fields or parts):
            continue
        yield Changed(
            id=key,
            name=told.get("title") or told["description"],
            change="added" if not was else "removed" if not now else "changed",
            before_amount=Decimal(was["requested_amount"]) if was else None,
            after_amount=Decimal(now["requested_amount"]) if now else None,
            fields=fields,
            line_items=parts,
        )


def _text(value: Any) -> str | None:
    if isinstance(value, list):
        return ", ".join(f"{each['tag']} {each['amount']}" for each in value)
    return None if value is None else str(value)
