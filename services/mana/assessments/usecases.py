"""Everything a person can do with an assessment, one function a verb."""

from __future__ import annotations

from uuid import UUID

from uuid_utils.compat import uuid7

from libs.outbox.uow import UnitOfWork
from services.mana.assessments.events import (
    AssessmentAdvanced,
    AssessmentCancelled,
    AssessmentChanged,
    AssessmentCompleted,
    AssessmentRegistered,
    AssessmentReopened,
)
from services.mana.assessments.model import (
    Assessment,
    AssessmentCodeTaken,
    AssessmentStatus,
)
from services.mana.assessments.queries import find_assessment_with_code, get_assessment
from services.mana.assessments.schemas import AssessmentChange, AssessmentCreate


async def create_assessment(uow: UnitOfWork, told: AssessmentCreate) -> Assessment:
    """Plan an assessment; it is announced at once and can be cancelled, but never deleted."""
    assessment = Assessment(
        **told.model_dump(),
        id=uuid7(),
        actual_start_on=None,
        actual_end_on=None,
        findings="",
        recommendations="",
        status=AssessmentStatus.planning,
        status_reason="",
    )
    await _settle(uow, assessment)
    uow.session.add(assessment)
    uow.publish(AssessmentRegistered.about(assessment), of=assessment)
    return assessment


async def change_assessment(
    uow: UnitOfWork, assessment_id: UUID, told: AssessmentChange
) -> Assessment:
    """Edit an open assessment; others learn its new state."""
    assessment = await _locked(uow, assessment_id)
    assessment.check_open()
    with uow.session.no_autoflush:
        for name, value in told.changes().items():
            setattr(assessment, name, value)
        await _settle(uow, assessment)
    uow.publish(AssessmentChanged.about(assessment), of=assessment)
    return assessment


async def advance_assessment(uow: UnitOfWork, assessment_id: UUID) -> Assessment:
    """Take an assessment to its next stage; there is no step back except from completed."""
    assessment = await _locked(uow, assessment_id)
    assessment.advance(today=assessment.today)
    is_done = assessment.status == AssessmentStatus.completed
    announced = AssessmentCompleted if is_done else AssessmentAdvanced
    uow.publish(announced.about(assessment), of=assessment)
    return assessment


async def cancel_assessment(uow: UnitOfWork, assessment_id: UUID, reason: str) -> Assessment:
    """End an open assessment with a reason; it can never be taken up again."""
    assessment = await _locked(uow, assessment_id)
    assessment.cancel(reason=reason)
    uow.publish(AssessmentCancelled.about(assessment), of=assessment)
    return assessment


async def reopen_assessment(uow: UnitOfWork, assessment_id: UUID) -> Assessment:
    """Take a completed assessment back to reporting; its findings can be corrected."""
    assessment = await _locked(uow, assessment_id)
    assessment.reopen()
    uow.publish(AssessmentReopened.about(assessment), of=assessment)
    return assessment


async def _locked(uow: UnitOfWork, assessment_id: UUID) -> Assessment:
    assessment = await get_assessment(uow.session, assessment_id, lock=True)
    uow.expect(assessment)
    return assessment


async def _settle(uow: UnitOfWork, assessment: Assessment) -> None:
    assessment.settle()
    if await find_assessment_with_code(uow.session, assessment) is not None:
        raise AssessmentCodeTaken(f"{assessment.code} is taken in {assessment.fiscal_year}.")
