"""Line items: the amount is derived, the quarters add up, bad amounts are named."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from libs.chassis.testing import Person
from services.budgeting.line_items.model import (
    LineItem,
    QuartersIncomplete,
    QuartersNotTotal,
)
from services.budgeting.programs.model import ZERO, Program
from services.budgeting.tests.factories import (
    a_line,
    a_program,
    act,
    created,
    proposals_of,
)


@pytest.mark.parametrize(
    ("quarters", "refusal"),
    [
        (("25.00", "25.00", "25.00", "25.00"), None),
        (("0.00", "0.00", "0.00", "100.00"), None),
        ((None, None, None, None), None),
        (("100.00", None, None, None), QuartersIncomplete),
        (("25.00", "25.00", "25.00", "25.01"), QuartersNotTotal),
        (("0.00", "0.00", "0.00", "0.00"), QuartersNotTotal),
    ],
)
def test_quarters_are_all_given_and_add_up(
    quarters: tuple[str | None, ...], refusal: type[Exception] | None
) -> None:
    q1, q2, q3, q4 = (None if told is None else Decimal(told) for told in quarters)
    line = LineItem(
        unit_cost_amount=Decimal("33.33"),
        quantity=Decimal("3.0003"),
        q1_amount=q1,
        q2_amount=q2,
        q3_amount=q3,
        q4_amount=q4,
    )
    if refusal is None:
        line.price()
        assert line.requested_amount == Decimal("100.00")
    else:
        with pytest.raises(refusal):
            line.price()


BAD_AMOUNTS = (
    "-1.00",
    "1e3",
    "1E+3",
    "NaN",
    "Infinity",
    "1.234",
    "1.5",
    "01.00",
    "",
    "10000000000000000.00",
    5.25,
    True,
)


@pytest.mark.parametrize("field", ["unit_cost_amount", "q1_amount"])
async def test_a_bad_amount_names_its_field(person: Callable[..., Person], field: str) -> None:
    staff = person("MOH")
    proposal = await created(staff, programs=[])
    here = f"{proposals_of(staff)}/{proposal['id']}"
    for amount in BAD_AMOUNTS:
        body = a_program(line_items=[a_line(), a_line(**{field: amount})])
        answer = await staff.post(f"{here}/programs", json=body)
        assert answer.status_code == 422, f"{amount}: {answer.text}"
        pointers = [fault["pointer"] for fault in answer.json()["errors"]]
        assert pointers == [f"/body/line_items/1/{field}"], amount
    assert (await staff.get(here)).json() == proposal


BAD_LINES: list[tuple[dict[str, Any], str]] = [
    ({"quantity": "0"}, "/body/quantity"),
    ({"quantity": "0.000"}, "/body/quantity"),
    ({"quantity": "-1"}, "/body/quantity"),
    ({"quantity": "1.0001"}, "/body/quantity"),
    ({"quantity": "1000000000"}, "/body/quantity"),
    ({"quantity": "1e2"}, "/body/quantity"),
    ({"quantity": "NaN"}, "/body/quantity"),
    ({"quantity": 3}, "/body/quantity"),
    ({"quantity": "\uff11\uff12"}, "/body/quantity"),
    ({"unit_cost_amount": "9999999999999999.99"}, "/body/unit_cost_amount"),
    ({"object_code": "502030"}, "/body/object_code"),
    ({"object_code": "502030100"}, "/body/object_code"),
    ({"object_code": "50203010 00"}, "/body/object_code"),
    ({"object_code": "٥٠٢٠٣٠١٠"}, "/body/object_code"),
    ({"expense_class": "PS"}, "/body/expense_class"),
    ({"description": "  "}, "/body/description"),
    ({"unit": ""}, "/body/unit"),
    ({"requested_amount": "1.00"}, "/body/requested_amount"),
    ({"approved_amount": "1.00"}, "/body/approved_amount"),
    ({"q1_amount": "15006.00"}, "/body/q2_amount"),
    (
        {
            "q1_amount": "15006.00",
            "q2_amount": "0.00",
            "q3_amount": "0.00",
            "q4_amount": "1.00",
        },
        "/body/q1_amount",
    ),
]


async def test_a_bad_line_names_the_field_also_when_changed(person: Callable[..., Person]) -> None:
    staff = person("MOH")
    proposal = await created(staff)
    program = proposal["programs"][0]
    here = f"{proposals_of(staff)}/{proposal['id']}"
    lines = f"{here}/programs/{program['id']}/line-items"
    line, now = f"{lines}/{program['line_items'][0]['id']}", {"If-Match": '"1"'}
    for changes, pointer in BAD_LINES:
        added = await staff.post(lines, json=a_line(**changes))
        changed = await staff.patch(line, json=changes, headers=now)
        for answer in (added, changed):
            assert answer.status_code == 422, f"{changes}: {answer.text}"
            assert pointer in [fault["pointer"] for fault in answer.json()["errors"]], changes
    assert (await staff.get(here)).json() == proposal


async def test_the_sums_follow_every_change_of_a_line(person: Callable[..., Person]) -> None:
    staff = person("MOH")
    proposal = await created(staff, programs=[a_program(line_items=[])])
    here = f"{proposals_of(staff)}/{proposal['id']}"
    lines = f"{here}/programs/{proposal['programs'][0]['id']}/line-items"
    assert proposal["total_requested_amount"] == "0.00"

    added = await staff.post(lines, json=a_line(unit_cost_amount="0.01", quantity="12.500"))
    assert added.status_code == 201, added.text
    assert added.json()["requested_amount"] == "0.13"
    assert added.json()["quantity"] == "12.500"
    assert added.json()["allowed_actions"] == ["change"]
    other = (await staff.post(lines, json=a_line(unit_cost_amount="100.00"))).json()
    now = (await staff.get(here)).json()
    assert now["total_requested_amount"] == "1200.13"
    assert now["programs"][0]["requested_amount"] == "1200.13"
    assert now["version"] == proposal["version"] + 2

    line = f"{lines}/{added.json()['id']}"
    changed = await staff.patch(
        line, json={"quantity": "2"}, headers={"If-Match": added.headers["ETag"]}
    )
    assert changed.json()["requested_amount"] == "0.02"
    stale = await staff.delete(line, headers={"If-Match": added.headers["ETag"]})
    assert stale.status_code == 412
    assert (await staff.delete(line)).status_code == 428
    gone = await staff.delete(line, headers={"If-Match": changed.headers["ETag"]})
    assert gone.status_code == 204
    now = (await staff.get(here)).json()
    assert now["total_requested_amount"] == "1200.00"
    assert [each["id"] for each in now["programs"][0]["line_items"]] == [other["id"]]
    assert now["programs"][0]["version"] == proposal["programs"][0]["version"] + 4


async def test_sums_that_are_too_large_name_what_was_sent(person: Callable[..., Person]) -> None:
    staff = person("MOH")
    most = a_line(unit_cost_amount="9999999999999999.99", quantity="1")
    least = a_line(unit_cost_amount="0.01", quantity="1")
    answer = await staff.post(
        proposals_of(staff),
        json={"title": "Too much", "fiscal_year": 2100, "programs": []},
    )
    assert answer.json()["errors"][0]["pointer"] == "/body/fiscal_year"
    proposal = await created(staff, programs=[a_program(line_items=[most])])
    assert proposal["total_requested_amount"] == "9999999999999999.99"
    here = f"{proposals_of(staff)}/{proposal['id']}/programs"
    for url, body, pointer in (
        (f"{here}/{proposal['programs'][0]['id']}/line-items", least, "/body/unit_cost_amount"),
        (here, a_program(line_items=[least]), "/body/line_items"),
        (
            here,
            a_program(line_items=[least, a_line(unit_cost_amount=most["unit_cost_amount"])]),
            "/body/line_items/1/unit_cost_amount",
        ),
    ):
        answer = await staff.post(url, json=body)
        assert answer.status_code == 422, answer.text
        assert answer.json()["code"] == "amount_too_large"
        assert answer.json()["errors"][0]["pointer"] == pointer


async def test_lines_of_a_submitted_proposal_are_closed(person: Callable[..., Person]) -> None:
    staff = person("MOH")
    proposal = await created(staff)
    program = proposal["programs"][0]
    await act(staff, proposal, "submit")
    lines = f"{proposals_of(staff)}/{proposal['id']}/programs/{program['id']}/line-items"
    line = f"{lines}/{program['line_items'][0]['id']}"
    now = {"If-Match": '"1"'}
    for answer in (
        await staff.post(lines, json=a_line()),
        await staff.patch(line, json={"unit": "box"}, headers=now),
        await staff.delete(line, headers=now),
    ):
        assert answer.status_code == 409, answer.text
        assert answer.json()["code"] == "proposal_not_editable"
    told = (await staff.get(f"{proposals_of(staff)}/{proposal['id']}")).json()
    assert told["programs"][0]["line_items"][0]["allowed_actions"] == []


def test_an_empty_program_asks_for_nothing() -> None:
    program = Program(title="Empty", line_items=[])
    program.recount("/body")
    assert program.requested_amount == ZERO
