"""Every SELECT on the remembered plans."""

from __future__ import annotations

from sqlalchemy import BigInteger, Text, cast, column, func, true

from services.ocm.figures.queries import CellSelect, cell
from services.ocm.known_strategic_plans.model import MEASURED, KnownStrategicPlan

GOAL = (column("status", Text), column("goals", Text))


def select_plan_cells(fiscal_year: int) -> list[CellSelect]:
    plan = KnownStrategicPlan
    covers = (plan.start_year <= fiscal_year, plan.end_year >= fiscal_year)
    goal = func.jsonb_each_text(plan.goals_by_status).table_valued(*GOAL).render_derived()
    return [
        cell("plan", plan.org_id, plan.status, func.count())
        .where(*covers)
        .group_by(plan.org_id, plan.status),
        cell("goal", plan.org_id, goal.c.status, func.sum(cast(goal.c.goals, BigInteger)))
        .select_from(plan)
        .join(goal, true())
        .where(*covers)
        .group_by(plan.org_id, goal.c.status),
        cell(
            "progress",
            plan.org_id,
            amount=func.sum(plan.goals_progress),
            other=func.sum(plan.goals_weight),
        )
        .where(*covers, plan.status.in_(MEASURED))
        .group_by(plan.org_id),
    ]
