"""The rules of assessments, without a database: stages, dates, areas."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from libs.refusals import Invalid
from services.mana.assessments.model import (
    AssessmentClosed,
    AssessmentNotCompleted,
    StageNotReady,
)
from services.mana.tests.factories import an_assessment_row

TODAY = date(2026, 3, 15)
STAGES = ["preparation", "data_collection", "analysis", "reporting", "completed"]


def test_an_assessment_goes_forward_stage_by_stage() -> None:
    assessment = an_assessment_row(findings="Water is out of reach")
    shown = [assessment.progress]
    for stage in STAGES:
        assert assessment.actual_end_on is None
        assessment.advance(today=TODAY)
        assert assessment.status == stage
        shown.append(assessment.progress)
    assert shown == [Decimal(percent) for percent in (0, 20, 40, 60, 80, 100)]
    assert (assessment.actual_start_on, assessment.actual_end_on) == (TODAY, TODAY)
    with pytest.raises(AssessmentClosed):
        assessment.advance(today=TODAY)


def test_no_data_are_collected_without_an_approved_notice() -> None:
    assessment = an_assessment_row(status="preparation", privacy_notice_approved=False)
    with pytest.raises(StageNotReady, match="privacy notice"):
        assessment.advance(today=TODAY)
    assessment.privacy_notice_approved = True
    assessment.advance(today=TODAY)
    assert assessment.status == "data_collection"


def test_a_community_is_asked_by_a_consent_procedure() -> None:
    assessment = an_assessment_row(status="preparation", level="community")
    with pytest.raises(StageNotReady, match="consent"):
        assessment.advance(today=TODAY)
    assessment.consent_procedure = "Elders are asked first, in Maguindanaon"
    assessment.advance(today=TODAY)
    assert assessment.status == "data_collection"


def test_nothing_is_completed_without_findings() -> None:
    with pytest.raises(StageNotReady, match="findings"):
        an_assessment_row(status="reporting").advance(today=TODAY)


@pytest.mark.parametrize("status", ["completed", "cancelled"])
def test_what_is_closed_stays_closed(status: str) -> None:
    with pytest.raises(AssessmentClosed):
        an_assessment_row(status=status).cancel(reason="No road")
    with pytest.raises(AssessmentClosed):
        an_assessment_row(status=status).check_open()


def test_only_a_completed_assessment_is_reopened_and_then_has_no_end() -> None:
    done = an_assessment_row(status="completed", actual_end_on=TODAY)
    done.reopen()
    assert (done.status, done.actual_end_on) == ("reporting", None)
    with pytest.raises(AssessmentNotCompleted):
        an_assessment_row(status="cancelled").reopen()


def test_a_duration_counts_both_ends() -> None:
    assert an_assessment_row().duration_days == 31


@pytest.mark.parametrize(
    ("end", "status", "is_overdue"),
    [
        (date(2020, 1, 2), "analysis", True),
        (date(2020, 1, 2), "completed", False),
        (date(2020, 1, 2), "cancelled", False),
        (date(2050, 1, 2), "analysis", False),
    ],
)
def test_only_what_is_open_is_overdue(end: date, status: str, is_overdue: bool) -> None:
    assert an_assessment_row(planned_end_on=end, status=status).is_overdue is is_overdue


REGION, PROVINCE, TOWN = "1200000000", "1206500000", "1206511000"


@pytest.mark.parametrize(
    ("level", "province", "town", "barangay", "pointer"),
    [
        ("regional", None, None, None, None),
        ("regional", PROVINCE, None, None, "/body/province_psgc"),
        ("provincial", PROVINCE, None, None, None),
        ("provincial", None, None, None, "/body/province_psgc"),
        ("provincial", PROVINCE, TOWN, None, "/body/municipality_psgc"),
        ("city_municipal", None, TOWN, None, None),
        ("city_municipal", PROVINCE, None, None, "/body/municipality_psgc"),
        ("city_municipal", PROVINCE, TOWN, "1206511012", "/body/barangay_psgc"),
        ("barangay", PROVINCE, TOWN, "1206511012", None),
        ("barangay", PROVINCE, TOWN, None, "/body/barangay_psgc"),
        ("barangay", PROVINCE, TOWN, "1206512012", "/body/barangay_psgc"),
        ("community", None, TOWN, None, None),
        ("community", None, None, None, "/body/municipality_psgc"),
    ],
)
def test_the_codes_of_an_area_fit_its_level(
    level: str, province: str | None, town: str | None, barangay: str | None, pointer: str | None
) -> None:
    row = an_assessment_row(
        level=level, province_psgc=province, municipality_psgc=town, barangay_psgc=barangay
    )
    if pointer is None:
        row.settle()
        assert row.fiscal_year == 2026
    else:
        with pytest.raises(Invalid) as refused:
            row.settle()
        assert refused.value.pointer == pointer
