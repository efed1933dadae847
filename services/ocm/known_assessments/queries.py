"""Every SELECT on the remembered assessments."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func

from services.ocm.figures.queries import CellSelect, cell
from services.ocm.known_assessments.model import CLOSED, KnownAssessment


def select_assessment_cells(fiscal_year: int, today: date) -> list[CellSelect]:
    assessment = KnownAssessment
    in_year = assessment.fiscal_year == fiscal_year
    return [
        cell(
            "assessment",
            assessment.org_id,
            assessment.status,
            func.count(),
            amount=func.sum(assessment.estimated_budget_amount),
        )
        .where(in_year)
        .group_by(assessment.org_id, assessment.status),
        cell("level", assessment.org_id, assessment.level, func.count())
        .where(in_year)
        .group_by(assessment.org_id, assessment.level),
        cell("overdue", assessment.org_id, count=func.count())
        .where(in_year, assessment.status.not_in(CLOSED), assessment.planned_end_on < today)
        .group_by(assessment.org_id),
    ]
