"""Every SELECT on the remembered PPAs."""

from __future__ import annotations

from sqlalchemy import func

from services.ocm.figures.queries import CellSelect, cell
from services.ocm.known_ppas.model import DELETED, KnownPpa


def select_ppa_cells(fiscal_year: int) -> list[CellSelect]:
    ppa = KnownPpa
    return [
        cell(
            "ppa",
            ppa.org_id,
            ppa.status,
            func.count(),
            amount=func.sum(ppa.approved_budget_amount),
            other=func.sum(ppa.indicators_count),
        )
        .where(ppa.fiscal_year == fiscal_year, ppa.status != DELETED)
        .group_by(ppa.org_id, ppa.status)
    ]
