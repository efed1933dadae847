"""Comparisons and copies: the same figures from every side, and nothing left out in silence."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.chassis.testing import CountedStatements, Person, ServiceDatabase
from services.budgeting.line_items.model import LARGEST, LineItem
from services.budgeting.proposal_copies.model import QUARTERS, copied_line, raised
from services.budgeting.tests.factories import (
    a_line,
    a_program,
    act,
    an_act,
    an_act_item,
    an_open_call,
    created,
    endorsed_and_submitted,
    make,
    step,
    there,
    this_year,
)
from services.budgeting.tests.issued import take_effect
from services.budgeting.tests.neighbours import a_known_ppa, a_ppa, announced

SMALL = st.decimals(min_value=0, max_value=Decimal("999999999.99"), places=2)
PERCENT = st.decimals(min_value=0, max_value=100, places=2)


@pytest.fixture
def people(person: Callable[..., Person]) -> dict[str, Person]:
    return {
        "staff": person("MOH"),
        "head": person("MOH"),
        "analyst": person("MFBM"),
        "decider": person("MFBM"),
    }


@pytest.mark.usefixtures("register")
async def test_four_figures_stand_side_by_side(
    people: dict[str, Person], app: FastAPI, database: ServiceDatabase
) -> None:
    staff, analyst = people["staff"], people["analyst"]
    await an_open_call(analyst)
    proposal = await endorsed_and_submitted(staff, people["head"])
    here = there(staff, f"proposals/{proposal['id']}/comparison")
    first = (await staff.get(here)).json()
    assert (first["requested_amount"], first["recommended_amount"]) == ("60024.00", None)
    received = (await analyst.get(there(analyst, "submissions"))).json()["items"][0]
    review = f"reviews/{(await make(analyst, 'reviews', {'submission_id': received['id']}))['id']}"
    given = [
        {"program_id": each["id"], "recommended_amount": amount}
        for each, amount in zip(proposal["programs"], ("20000.01", "0.00"), strict=True)
    ]
    await step(analyst, review, "recommend", programs=given)
    await step(people["decider"], review, "approve")
    items = [
        an_act_item("MOH", program_title="PRIMARY care in every barangay", amount="9000.00"),
        an_act_item("MOH", program_title="Something else", amount="5.00"),
    ]
    enacted = await make(analyst, "appropriations", an_act(items=items))
    await step(people["decider"], f"appropriations/{enacted['id']}", "enact")
    await take_effect(app, database)
    with CountedStatements(app.state.database.engine) as counted:
        told = (await staff.get(here)).json()
    assert len(counted.statements) <= 6, counted.statements
    program, other = told["programs"]
    names = [f"{name}_amount" for name in ("requested", "recommended", "approved", "enacted")]
    assert [program[name] for name in names] == ["30012.00", "20000.01", "20000.01", "9000.00"]
    assert [other[name] for name in names] == ["30012.00", "0.00", "0.00", "0.00"]
    mooe, co = told["by_class"]
    assert [mooe[name] for name in names] == ["30012.00", "10000.01", "10000.01", "9000.00"]
    assert co["enacted_amount"] == "0.00"
    assert [each["program_title"] for each in told["unmatched"]] == ["Something else"]
    lines = [each["recommended_amount"] for each in program["line_items"]]
    assert lines == ["10000.01", "10000.00"]


async def test_two_revisions_differ_by_what_was_edited(people: dict[str, Person]) -> None:
    staff, head = people["staff"], people["head"]
    proposal = await created(staff)
    await act(staff, proposal, "submit")
    await act(head, proposal, "return", remarks="Cut it")
    here = f"proposals/{proposal['id']}"
    program, other = proposal["programs"]
    line = program["line_items"][0]
    url = there(staff, f"{here}/programs/{program['id']}")
    cut = {"quantity": "10"}
    match = {"If-Match": f'"{line["version"]}"'}
    await staff.patch(f"{url}/line-items/{line['id']}", json=cut, headers=match)
    seen = (await staff.get(there(staff, here))).json()["programs"][1]
    gone = there(staff, f"{here}/programs/{other['id']}")
    await staff.delete(gone, headers={"If-Match": f'"{seen["version"]}"'})
    compare = there(staff, f"{here}/revision-comparison")
    now = (await staff.get(compare, params={"before": 1})).json()
    await act(staff, proposal, "submit")
    told = (await staff.get(compare, params={"before": 1, "after": 2})).json()
    assert {**told, "after": None} == now
    assert (told["before_amount"], told["after_amount"]) == ("60024.00", "27511.00")
    changed, removed = told["programs"]
    assert (removed["title"], removed["change"], removed["after_amount"]) == (
        *("Maternal health", "removed"),
        None,
    )
    assert changed["fields"] == []
    (differing,) = changed["line_items"]
    fields = [{"field": "quantity", "before": "12.000", "after": "10.000"}]
    assert (differing["change"], differing["fields"]) == ("changed", fields)
    missing = await staff.get(compare, params={"before": 1, "after": 3})
    assert (missing.status_code, "no revision 3" in missing.text) == (404, True)
    assert (await staff.get(compare, params={"before": 2, "after": 2})).status_code == 422


@settings(deadline=None)
@given(cost=SMALL, percent=PERCENT, parts=st.lists(st.integers(0, 100), min_size=3, max_size=3))
def test_raised_amounts_are_exact_and_quarters_add_up(
    cost: Decimal, percent: Decimal, parts: list[int]
) -> None:
    exact = Fraction(cost) * (100 + Fraction(percent)) / 100
    assert Fraction(raised(cost, percent)) == Fraction(
        (exact * 100 + Fraction(1, 2)).__floor__(), 100
    )
    line = LineItem(unit_cost_amount=cost, quantity=Decimal(3))
    line.price()
    quarters = [
        (line.requested_amount * part / 300).quantize(Decimal("0.01"), "ROUND_DOWN")
        for part in parts
    ]
    for name, amount in zip(
        QUARTERS, [*quarters, line.requested_amount - sum(quarters)], strict=True
    ):
        setattr(line, name, amount)
    LineItem(**copied_line(line, percent)).price()


def linked(carried: UUID, ended: UUID) -> list[dict[str, Any]]:
    """Return programs with all that a copy may lack."""
    quarters = dict.fromkeys(QUARTERS[:3], "0.00") | {"q4_amount": "15006.00"}
    laptop = a_line(expense_class="co", object_code="5060405003", unit_cost_amount="50000.00")
    return [
        a_program(
            ppa_id=str(carried),
            line_items=[a_line(**quarters, procurement_reference="APP-7"), laptop],
            tags=[{"tag": "gad", "amount": "15006.00"}],
            prior_year_actual_amount="7.00",
        ),
        a_program(title="Ended", ppa_id=str(ended)),
    ]


async def test_a_copy_says_what_it_lacks(
    people: dict[str, Person], database: ServiceDatabase
) -> None:
    staff, year = people["staff"], this_year()
    carried = await a_known_ppa(database)
    ended = await announced(database, "planning.ppa.registered", a_ppa(code="PPA-2"))
    after = await announced(database, "planning.ppa.registered", a_ppa(fiscal_year=year + 1))
    source = await created(staff, programs=linked(carried, ended))
    url = there(staff, f"proposals/{source['id']}/copy")
    same = await staff.post(url, json={"fiscal_year": year})
    assert (same.status_code, same.json()["code"]) == (409, "annual_proposal_exists")
    told = await staff.post(url, json={"fiscal_year": year + 1, "raise_percent": "3.33"})
    assert told.status_code == 201, told.text
    copy = told.json()["proposal"]
    program, other = copy["programs"]
    line = program["line_items"][0]
    # 1250.50 raised by 3.33 % is 1292.14165; twelve of 1292.14 are 15505.68.
    assert (line["unit_cost_amount"], line["requested_amount"]) == ("1292.14", "15505.68")
    assert line["q4_amount"] == "15505.68"
    assert (copy["status"], copy["revision"], copy["fiscal_year"]) == ("draft", 0, year + 1)
    assert (program["ppa_id"], other["ppa_id"]) == (str(after), None)
    lacking = {(each["program"], each["field"]) for each in told.json()["not_copied"]}
    assert lacking == {
        ("Primary care in every barangay", "procurement_reference"),
        ("Primary care in every barangay", "prior_year_actual_amount"),
        ("Ended", "ppa_id"),
    }
    assert all(each["reason"] for each in told.json()["not_copied"])
    (tag,) = program["tags"]
    share = Fraction("15006") / Fraction(source["programs"][0]["requested_amount"])
    exact = share * Fraction(program["requested_amount"])
    assert Fraction(tag["amount"]) == Fraction((exact * 100 + Fraction(1, 2)).__floor__(), 100)


async def test_a_copy_raised_beyond_every_amount_names_the_percentage(
    people: dict[str, Person],
) -> None:
    staff = people["staff"]
    largest = a_program(line_items=[a_line(unit_cost_amount=str(LARGEST), quantity="1")])
    full = await created(staff, kind="supplemental", programs=[largest])
    over = await staff.post(
        there(staff, f"proposals/{full['id']}/copy"),
        json={"fiscal_year": this_year(), "kind": "supplemental", "raise_percent": "0.01"},
    )
    assert (over.status_code, over.json()["code"]) == (422, "amount_too_large")
    assert over.json()["errors"][0]["pointer"] == "/body/raise_percent"
