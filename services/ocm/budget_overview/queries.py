"""The cells of appropriation, allotment, obligation and payment of one year."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import func

from services.ocm.figures.queries import CellSelect, cell
from services.ocm.known_allotments.model import RELEASED, KnownAllotment
from services.ocm.known_appropriation_items.model import KnownAppropriationItem
from services.ocm.known_cash_allocations.model import PROGRAMMED, KnownCashAllocation
from services.ocm.known_disbursements.model import PAID, KnownDisbursement
from services.ocm.known_obligations.model import STANDING, KnownObligation


def select_programme_cells(fiscal_year: int, today: date) -> list[CellSelect]:
    """Return the cash of all periods that have begun by a day: what was to be paid by then."""
    cash = KnownCashAllocation
    counts = (cash.status.in_(PROGRAMMED), cash.valid_from <= today)
    return [_sums("programmed", cash, cash.quarter, cash.amount, fiscal_year, *counts)]


def select_execution_cells(fiscal_year: int) -> list[CellSelect]:
    """Return sums by class and by quarter of what the law gave, was released, bound and paid."""
    item, allotment = KnownAppropriationItem, KnownAllotment
    obligation, payment = KnownObligation, KnownDisbursement
    released = allotment.status.in_(RELEASED)
    stands, paid = obligation.status.in_(STANDING), payment.status.in_(PAID)
    quarter = func.coalesce(allotment.quarter, func.extract("quarter", allotment.released_on))
    return [
        _sums("appropriated", item, item.expense_class, item.appropriated_amount, fiscal_year),
        *(
            _sums(measure, allotment, key, allotment.allotted_amount, fiscal_year, released)
            for measure, key in (("allotted", allotment.expense_class), ("allotted_in", quarter))
        ),
        *(
            _sums(measure, obligation, key, obligation.obligated_amount, fiscal_year, stands)
            for measure, key in (
                ("obligated", obligation.expense_class),
                ("obligated_in", func.extract("quarter", obligation.obligation_on)),
            )
        ),
        *(
            _sums(measure, payment, key, payment.gross_amount, fiscal_year, paid)
            for measure, key in (
                ("disbursed", payment.expense_class),
                ("disbursed_in", func.extract("quarter", payment.paid_on)),
            )
        ),
    ]


def select_pace_cells(fiscal_year: int) -> list[CellSelect]:
    """Return the median days from release to obligation and from obligation to payment (B15)."""
    allotment, obligation, payment = KnownAllotment, KnownObligation, KnownDisbursement
    to_obligate = obligation.obligation_on - allotment.released_on
    to_pay = payment.paid_on - obligation.obligation_on
    return [
        cell("days_to_obligate", obligation.org_id, amount=_median(to_obligate))
        .join(
            allotment,
            (allotment.org_id == obligation.org_id) & (allotment.id == obligation.allotment_id),
        )
        .where(obligation.fiscal_year == fiscal_year, obligation.status.in_(STANDING))
        .group_by(obligation.org_id),
        cell("days_to_pay", payment.org_id, amount=_median(to_pay))
        .join(
            obligation,
            (obligation.org_id == payment.org_id) & (obligation.id == payment.obligation_id),
        )
        .where(payment.fiscal_year == fiscal_year, payment.status.in_(PAID))
        .group_by(payment.org_id),
    ]


def _median(days: Any) -> Any:
    return func.percentile_cont(0.5).within_group(days)


def _sums(
    measure: str, known: Any, key: Any, amount: Any, fiscal_year: int, *conditions: Any
) -> CellSelect:
    return (
        cell(measure, known.org_id, key, func.count(), amount=func.sum(amount))
        .where(known.fiscal_year == fiscal_year, *conditions)
        .group_by(known.org_id, key)
    )
