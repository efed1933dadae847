"""Every SELECT on the remembered proposals."""

from __future__ import annotations

from sqlalchemy import Numeric, Text, column, func, true

from services.ocm.figures.queries import CellSelect, cell
from services.ocm.known_proposals.model import APPROVED, PROPOSED, KnownProposal

CLASS = (
    column("expense_class", Text),
    column("requested_amount", Numeric),
    column("approved_amount", Numeric),
)


def select_proposal_cells(fiscal_year: int) -> list[CellSelect]:
    proposal = KnownProposal
    part = (
        func.jsonb_to_recordset(proposal.totals_by_class)
        .table_valued(*CLASS)
        .render_derived(with_types=True)
    )
    return [
        cell(
            "proposal",
            proposal.org_id,
            proposal.status,
            func.count(),
            amount=func.sum(proposal.total_requested_amount),
            other=func.sum(proposal.total_approved_amount),
        )
        .where(proposal.fiscal_year == fiscal_year)
        .group_by(proposal.org_id, proposal.status),
        cell(
            "class",
            proposal.org_id,
            part.c.expense_class,
            func.count(),
            amount=func.sum(part.c.requested_amount),
            other=func.sum(part.c.approved_amount).filter(proposal.status.in_(APPROVED)),
        )
        .select_from(proposal)
        .join(part, true())
        .where(proposal.fiscal_year == fiscal_year, proposal.status.in_(PROPOSED))
        .group_by(proposal.org_id, part.c.expense_class),
    ]
