"""Fiscal years: which are open, and what an organization may ask for in one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date

import pytest

from libs.chassis.testing import Person
from services.budgeting.fiscal_years.model import FiscalYearNotOpen, check_open
from services.budgeting.tests.factories import a_proposal, act, created, proposals_of, this_year


@pytest.mark.parametrize("year", [2025, 2026, 2031])
def test_last_year_to_five_ahead_are_open(year: int) -> None:
    check_open(year, date(2026, 12, 31))


@pytest.mark.parametrize("year", [2024, 2032])
def test_other_years_are_not(year: int) -> None:
    with pytest.raises(FiscalYearNotOpen):
        check_open(year, date(2026, 1, 1))


async def test_one_annual_proposal_a_year_is_live(person: Callable[..., Person]) -> None:
    staff, manager = person("MOH"), person("MOH")
    first = await created(staff)
    second = await staff.post(proposals_of(staff), json=a_proposal())
    assert (second.status_code, second.json()["code"]) == (409, "annual_proposal_exists")
    await created(staff, fiscal_year=this_year() + 1)
    await created(person("MOLE"))
    await act(staff, first, "submit")
    rejected = (await act(manager, first, "reject", reason="Begin anew")).json()
    assert (rejected["status"], rejected["remarks"]) == ("rejected", "Begin anew")
    await created(staff)


async def test_of_two_annual_proposals_at_once_one_is_made(person: Callable[..., Person]) -> None:
    staff = person("MOH")
    answers = await asyncio.gather(
        *(staff.post(proposals_of(staff), json=a_proposal()) for _ in range(4))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert len((await staff.get(proposals_of(staff))).json()["items"]) == 1


async def test_supplemental_proposals_are_numbered_also_at_once(
    person: Callable[..., Person],
) -> None:
    staff = person("MOH")
    more = a_proposal(kind="supplemental", programs=[])
    answers = await asyncio.gather(*(staff.post(proposals_of(staff), json=more) for _ in range(4)))
    assert sorted(answer.json()["number"] for answer in answers) == [1, 2, 3, 4]
    next_year = await created(staff, kind="supplemental", fiscal_year=this_year() + 1)
    assert next_year["number"] == 1
    assert (await created(staff))["number"] is None
