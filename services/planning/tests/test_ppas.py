"""PPAs: the rules, then the story over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from libs.chassis.testing import CountedStatements, Person, ServiceDatabase
from libs.refusals import Conflict, Refusal
from libs.tenancy.actor import SYSTEM_USER_ID, Actor
from services.planning.indicators.model import IndicatorKind, IndicatorTold
from services.planning.ppas.model import (
    EndNotValid,
    Ppa,
    PpaNotFunded,
    PpaStatus,
    PpaYearNotBegun,
)
from services.planning.tests.factories import a_ppa, an_indicator, everything

PPAS = "/api/v1/moa/{}/planning/ppas"
ANYONE = Actor.system(SYSTEM_USER_ID)


def a_row(**changes: Any) -> Ppa:
    values = {
        "code": "PPA-2025-001",
        "fiscal_year": 2025,
        "status": PpaStatus.planning,
        "status_reason": "",
        "approved_budget_amount": Decimal(1),
        "indicators": [],
    }
    return Ppa(**{**values, **changes})


VERBS: dict[str, Callable[[Ppa], None]] = {
    "advance": Ppa.advance,
    "hold": lambda ppa: ppa.hold(reason="Typhoon"),
    "resume": Ppa.resume,
    "complete": lambda ppa: ppa.complete(actual_end_on=date(2025, 6, 30)),
    "reopen": lambda ppa: ppa.reopen(reason="Defects"),
    "cancel": lambda ppa: ppa.cancel(reason="No site"),
}


@given(st.lists(st.sampled_from(sorted(VERBS))))
def test_a_verb_works_exactly_when_it_is_open_and_nothing_leaves_cancelled(
    verbs: list[str],
) -> None:
    ppa = a_row()
    for verb in verbs:
        before, is_open = ppa.status, verb in ppa.open_actions(ANYONE)
        try:
            VERBS[verb](ppa)
        except Conflict:
            assert not is_open
            assert ppa.status == before
        else:
            assert is_open
            assert before != PpaStatus.cancelled
        assert (ppa.status == PpaStatus.completed) == (ppa.actual_end_on is not None)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [({"approved_budget_amount": None}, PpaNotFunded), ({"fiscal_year": 2100}, PpaYearNotBegun)],
)
def test_work_begins_funded_and_in_its_year(
    changes: dict[str, Any], refusal: type[Refusal]
) -> None:
    ppa = a_row(**changes)
    assert "advance" not in ppa.open_actions(ANYONE)
    with pytest.raises(refusal):
        ppa.advance()


@pytest.mark.parametrize("day", [date(2024, 12, 31), date(2100, 1, 1)])
def test_work_ends_in_or_after_its_year_and_not_in_the_future(day: date) -> None:
    with pytest.raises(EndNotValid):
        a_row(status=PpaStatus.ongoing).complete(actual_end_on=day)


def test_an_indicator_told_again_stays_the_same_record() -> None:
    clinics = IndicatorTold(IndicatorKind.output, "Clinics built", "3")
    nurses = IndicatorTold(IndicatorKind.output, "Nurses hired", "550")
    ppa = a_row()
    assert ppa.put_indicators([clinics, nurses])
    first, second = ppa.indicators
    assert not ppa.put_indicators([clinics, nurses])
    assert ppa.put_indicators([nurses, clinics._replace(target_text="4")])
    assert ppa.indicators == [second, first]
    assert (first.position, first.target_value) == (2, 4)


def ppas(person: Person) -> str:
    return PPAS.format(person.org)


async def created(person: Person, **changes: Any) -> dict[str, Any]:
    answer = await person.post(ppas(person), json=a_ppa(**changes))
    assert answer.status_code == 201, answer.text
    ppa: dict[str, Any] = answer.json()
    return ppa


async def act(person: Person, ppa: dict[str, Any], verb: str, **body: Any) -> Any:
    current = await person.get(f"{ppas(person)}/{ppa['id']}")
    return await person.post(
        f"{ppas(person)}/{ppa['id']}/{verb}",
        json=body or None,
        headers={"If-Match": current.headers["ETag"]},
    )


async def subjects(database: ServiceDatabase) -> list[tuple[str, int]]:
    """Return what was announced, with the versions of what it was about."""
    outbox = (await everything(database))["outbox"]
    return [(row["subject"], row["aggregate_version"]) for row in outbox]


async def test_a_ppa_is_registered_with_a_code_and_read_targets(
    person: Callable[..., Person],
) -> None:
    staff = person("MOH")
    first, second = await created(staff), await created(staff, title="Nutrition Program")
    assert (first["code"], second["code"]) == ("PPA-2025-001", "PPA-2025-002")
    assert (await created(staff, fiscal_year=2026))["code"] == "PPA-2026-001"
    assert (await created(person("MOLE")))["code"] == "PPA-2025-001"
    assert first["approved_budget_amount"] == "259680000.00"
    assert [(each["target_value"], each["target_unit"]) for each in first["indicators"]] == [
        ("100", "percent"),
        ("131", "number"),
    ]
    assert first["allowed_actions"] == ["change", "delete", "advance", "cancel"]
    assert first["source_file"] is None


async def test_a_code_names_one_ppa_of_a_year(person: Callable[..., Person]) -> None:
    staff = person("MOH")
    await created(staff, code="PPA-2025-041")
    answer = await staff.post(ppas(staff), json=a_ppa(code="PPA-2025-041"))
    assert answer.status_code == 409
    assert answer.json()["code"] == "ppa_code_taken"
    assert (await created(staff))["code"] == "PPA-2025-042"
    assert (await created(staff, code="PPA-2025-041", fiscal_year=2026))["fiscal_year"] == 2026


async def test_the_work_goes_its_way_and_each_step_is_announced(
    person: Callable[..., Person], database: ServiceDatabase
) -> None:
    staff = person("MOH")
    ppa = await created(staff)
    steps = [
        ("advance", {}, "ongoing"),
        ("hold", {"reason": "Typhoon"}, "on_hold"),
        ("resume", {}, "ongoing"),
        ("complete", {"actual_end_on": "2025-06-30"}, "completed"),
        ("reopen", {"reason": "Defects found"}, "ongoing"),
        ("cancel", {"reason": "Site lost"}, "cancelled"),
    ]
    for verb, body, status in steps:
        answer = await act(staff, ppa, verb, **body)
        assert answer.status_code == 200, answer.text
        assert answer.json()["status"] == status
    assert answer.json()["status_reason"] == "Site lost"
    assert answer.json()["allowed_actions"] == []
    past = ["registered", "advanced", "held", "resumed", "completed", "reopened", "cancelled"]
    assert await subjects(database) == [
        (f"planning.ppa.{verb}.v1", version) for version, verb in enumerate(past, start=1)
    ]


async def test_a_change_replaces_indicators_and_moves_the_version_once(
    person: Callable[..., Person], database: ServiceDatabase
) -> None:
    staff = person("MOH")
    ppa = await created(staff)
    url = f"{ppas(staff)}/{ppa['id']}"
    kept = {name: ppa["indicators"][1][name] for name in ("kind", "text", "target_text")}
    body = {"approved_budget_amount": None, "indicators": [kept, an_indicator(text="Beds")]}
    changed = await staff.patch(url, json=body, headers={"If-Match": '"1"'})
    assert changed.status_code == 200, changed.text
    assert changed.headers["ETag"] == '"2"'
    assert changed.json()["approved_budget_amount"] is None
    assert [each["text"] for each in changed.json()["indicators"]] == [kept["text"], "Beds"]
    assert changed.json()["indicators"][0]["id"] == ppa["indicators"][1]["id"]
    assert (await staff.get(url)).json()["indicators"] == changed.json()["indicators"]
    same = await staff.patch(url, json=body, headers={"If-Match": '"2"'})
    assert same.headers["ETag"] == '"2"'
    assert [s for s, _ in await subjects(database)] == [
        "planning.ppa.registered.v1",
        "planning.ppa.changed.v1",
    ]


async def test_what_has_begun_is_neither_changed_nor_deleted(
    person: Callable[..., Person],
) -> None:
    staff = person("MOH")
    ppa = await created(staff)
    await act(staff, ppa, "advance")
    url, match = f"{ppas(staff)}/{ppa['id']}", {"If-Match": '"2"'}
    changed = await staff.patch(url, json={"title": "Other"}, headers=match)
    deleted = await staff.delete(url, headers=match)
    assert changed.json()["code"] == deleted.json()["code"] == "ppa_not_in_planning"
    assert (await staff.get(url)).json()["title"] == ppa["title"]


async def test_a_deleted_ppa_is_announced_as_newer_than_it_ever_was(
    person: Callable[..., Person], database: ServiceDatabase
) -> None:
    staff = person("MOH")
    ppa = await created(staff)
    url = f"{ppas(staff)}/{ppa['id']}"
    assert (await staff.delete(url)).status_code == 428
    assert (await staff.delete(url, headers={"If-Match": '"1"'})).status_code == 204
    assert (await staff.get(url)).status_code == 404
    assert (await subjects(database))[-1] == ("planning.ppa.deleted.v1", 2)


@pytest.mark.parametrize(
    ("verb", "body"),
    [("hold", {}), ("hold", {"reason": " "}), ("complete", {}), ("cancel", {"reason": ""})],
)
async def test_a_step_that_needs_a_reason_or_a_day_is_refused_without(
    person: Callable[..., Person], verb: str, body: dict[str, Any]
) -> None:
    staff = person("MOH")
    ppa = await created(staff)
    await act(staff, ppa, "advance")
    assert (await act(staff, ppa, verb, **body)).status_code == 422
    assert (await staff.get(f"{ppas(staff)}/{ppa['id']}")).json()["status"] == "ongoing"


async def test_another_organization_sees_nothing(person: Callable[..., Person]) -> None:
    ppa = await created(person("MOH"))
    stranger = person("MOLE")
    assert (await stranger.get(f"{ppas(stranger)}/{ppa['id']}")).status_code == 404
    assert (await stranger.get(f"{PPAS.format('MOH')}/{ppa['id']}")).status_code == 403
    assert (await stranger.get(ppas(stranger))).json()["items"] == []


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"title": " "}, "/body/title"),
        ({"fiscal_year": 1999}, "/body/fiscal_year"),
        ({"approved_budget_amount": 5.0}, "/body/approved_budget_amount"),
        ({"approved_budget_amount": "-5.00"}, "/body/approved_budget_amount"),
        ({"approved_budget_amount": "5.001"}, "/body/approved_budget_amount"),
        ({"code": "ppa 1"}, "/body/code"),
        ({"indicators": [{"kind": "input", "text": "x"}]}, "/body/indicators/0/kind"),
        ({"status": "ongoing"}, "/body/status"),
    ],
)
async def test_bad_input_names_the_field(
    person: Callable[..., Person], changes: dict[str, Any], pointer: str
) -> None:
    staff = person("MOH")
    answer = await staff.post(ppas(staff), json=a_ppa(**changes))
    assert answer.status_code == 422, answer.text
    assert pointer in [fault["pointer"] for fault in answer.json()["errors"]]
    assert (await staff.get(ppas(staff))).json()["items"] == []


async def test_a_list_takes_three_statements_at_most_and_filters(
    person: Callable[..., Person], app: FastAPI
) -> None:
    staff = person("MOH")
    for number in range(3):
        await created(staff, title=f"PPA {number}", fiscal_year=2025 + number % 2)
    params = {"status": "planning", "fiscal_year": 2025, "count": "exact", "sort": "title"}
    with CountedStatements(app.state.database.engine) as counted:
        answer = await staff.get(ppas(staff), params=params)
    assert [each["title"] for each in answer.json()["items"]] == ["PPA 0", "PPA 2"]
    assert answer.json()["total"] == 2
    assert len(counted.statements) <= 3, counted.statements
    assert (await staff.get(ppas(staff), params={"status": "ongoing"})).json()["items"] == []


async def test_a_viewer_reads_and_writes_nothing(person: Callable[..., Person]) -> None:
    ppa = await created(person("MOH"))
    viewer = person("MOH", permissions=["planning.*.read"])
    assert (await viewer.get(f"{ppas(viewer)}/{ppa['id']}")).json()["allowed_actions"] == []
    assert (await viewer.post(ppas(viewer), json=a_ppa())).status_code == 403
    assert (await act(viewer, ppa, "cancel", reason="No")).status_code == 403
