"""Whether what programs are linked to is there, and one's own."""

from __future__ import annotations

from collections.abc import Sequence

from libs.outbox.uow import UnitOfWork
from services.budgeting.program_links.model import AssessmentUnknown, GoalUnknown, Links, PpaUnknown
from services.budgeting.program_links.queries import (
    list_known_assessments,
    list_known_goals,
    list_known_ppas,
)

JUST_NOW = "What was entered a moment ago is known here within seconds."


async def check_links(uow: UnitOfWork, links: Sequence[Links], fiscal_year: int) -> None:
    """Refuse a link to a PPA, goal or assessment that the organization does not have.

    At most three statements, however many programs; none when nothing is linked.
    """
    ppas = {each.ppa_id for each in links if each.ppa_id}
    goals = {each.goal_id for each in links if each.goal_id}
    assessments = {each.assessment_id for each in links if each.assessment_id}
    session = uow.session
    known_ppas = await list_known_ppas(session, ppas, fiscal_year) if ppas else set()
    known_goals = await list_known_goals(session, goals, fiscal_year) if goals else set()
    known = await list_known_assessments(session, assessments) if assessments else set()
    for each in links:
        if each.ppa_id and each.ppa_id not in known_ppas:
            raise PpaUnknown(JUST_NOW, pointer=f"{each.pointer}/ppa_id")
        if each.goal_id and each.goal_id not in known_goals:
            raise GoalUnknown(JUST_NOW, pointer=f"{each.pointer}/goal_id")
        if each.assessment_id and each.assessment_id not in known:
            raise AssessmentUnknown(JUST_NOW, pointer=f"{each.pointer}/assessment_id")
