"""A program stands on what its own organization has planned and assessed, and on nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from libs.chassis.testing import Person, ServiceDatabase
from services.budgeting.tests.factories import a_program, a_proposal, proposals_of, this_year
from services.budgeting.tests.neighbours import (
    a_known_ppa,
    a_plan,
    a_ppa,
    an_assessment,
    announced,
)


async def begun(person: Person, **links: Any) -> Any:
    told = {name: str(value) for name, value in links.items()}
    body = a_proposal(kind="supplemental", programs=[a_program(), a_program(**told)])
    return await person.post(proposals_of(person), json=body)


async def test_a_program_is_linked_to_its_ppa_goal_and_assessment(
    person: Callable[..., Person], database: ServiceDatabase
) -> None:
    goal = uuid4()
    await announced(database, "planning.strategic_plan.activated", a_plan(uuid4(), goal))
    needs = await announced(database, "mana.assessment.completed", an_assessment())
    links = {"ppa_id": await a_known_ppa(database), "goal_id": goal, "assessment_id": needs}
    answer = await begun(person("MOH"), **links)
    assert answer.status_code == 201, answer.text
    program = answer.json()["programs"][1]
    assert {name: program[name] for name in links} == {
        name: str(value) for name, value in links.items()
    }


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ("ppa_id", "ppa_unknown"),
        ("goal_id", "goal_unknown"),
        ("assessment_id", "assessment_unknown"),
    ],
)
async def test_what_another_organization_has_is_as_unknown_as_what_nobody_has(
    person: Callable[..., Person], database: ServiceDatabase, field: str, code: str
) -> None:
    goal = uuid4()
    theirs = {
        "ppa_id": await a_known_ppa(database, org="MOLE"),
        "goal_id": goal,
        "assessment_id": await announced(
            database, "mana.assessment.registered", an_assessment(), org="MOLE"
        ),
    }
    await announced(database, "planning.strategic_plan.activated", a_plan(goal), org="MOLE")
    staff = person("MOH")
    foreign, nobodys = [
        (await begun(staff, **{field: value})) for value in (theirs[field], uuid4())
    ]
    for answer in (foreign, nobodys):
        assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
        assert answer.json()["errors"][0]["pointer"] == f"/body/programs/1/{field}"
    assert foreign.json()["detail"] == nobodys.json()["detail"]


async def test_a_ppa_of_another_year_or_taken_out_of_the_register_is_unknown(
    person: Callable[..., Person], database: ServiceDatabase
) -> None:
    staff = person("MOH")
    other_year = a_ppa(fiscal_year=this_year() + 1)
    late = await announced(database, "planning.ppa.registered", other_year)
    assert (await begun(staff, ppa_id=late)).json()["code"] == "ppa_unknown"
    gone = await a_known_ppa(database)
    await announced(database, "planning.ppa.deleted", a_ppa(), about=gone, version=2)
    await announced(database, "planning.ppa.changed", a_ppa(), about=gone, version=1)
    assert (await begun(staff, ppa_id=gone)).json()["code"] == "ppa_unknown"


async def test_a_change_of_a_link_is_checked_too(
    person: Callable[..., Person], database: ServiceDatabase
) -> None:
    staff = person("MOH")
    proposal = (await begun(staff)).json()
    here = f"{proposals_of(staff)}/{proposal['id']}/programs/{proposal['programs'][0]['id']}"
    now = {"If-Match": f'"{proposal["programs"][0]["version"]}"'}
    answer = await staff.patch(here, json={"goal_id": str(uuid4())}, headers=now)
    assert (answer.status_code, answer.json()["code"]) == (422, "goal_unknown")
    known = str(await a_known_ppa(database))
    answer = await staff.patch(here, json={"ppa_id": known}, headers=now)
    assert answer.status_code == 200, answer.text
