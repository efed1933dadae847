"""Proposals: the rules, then the story over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from uuid_utils.compat import uuid7

from libs.chassis.testing import Person
from services.budgeting.programs.model import Program
from services.budgeting.proposal_states.model import ProposalIncomplete
from services.budgeting.tests.factories import (
    NOON,
    PROPOSALS,
    a_draft,
    a_line,
    a_program,
    a_proposal,
    act,
    created,
    proposals_of,
    this_year,
)


def test_what_is_missing_is_named() -> None:
    proposal = a_draft()
    proposal.programs[0].justification = "  "
    proposal.programs.append(
        Program(
            title="Empty", justification="x", priority_rank=2, requested_amount=0, line_items=[]
        )
    )
    with pytest.raises(ProposalIncomplete) as refused:
        proposal.submit(by=uuid7(), at=NOON)
    assert refused.value.detail == (
        "Missing: justification of “Care”; at least one line item of “Empty”."
    )
    empty = a_draft()
    empty.programs.clear()
    empty.recount("/body")
    with pytest.raises(ProposalIncomplete, match="at least one program"):
        empty.submit(by=uuid7(), at=NOON)


def test_sums_that_are_one_centavo_off_are_not_submitted() -> None:
    proposal = a_draft(None, "100.00")
    proposal.programs[0].requested_amount = Decimal("100.01")
    with pytest.raises(ProposalIncomplete, match="equals its lines"):
        proposal.submit(by=uuid7(), at=NOON)
    proposal.programs[0].requested_amount = Decimal("100.00")
    proposal.total_requested_amount = Decimal("99.99")
    with pytest.raises(ProposalIncomplete, match="equals its programs"):
        proposal.submit(by=uuid7(), at=NOON)


async def test_staff_prepares_and_the_manager_approves(person: Callable[..., Person]) -> None:
    staff, manager = person("MOH"), person("MOH")
    proposal = await created(staff)
    assert proposal["status"] == "draft"
    assert proposal["total_requested_amount"] == "60024.00"
    assert proposal["totals_by_class"] == [
        {"expense_class": "mooe", "requested_amount": "30012.00", "approved_amount": None},
        {"expense_class": "co", "requested_amount": "30012.00", "approved_amount": None},
    ]
    assert proposal["allowed_actions"] == ["change", "submit", "delete"]
    submitted = (await act(staff, proposal, "submit")).json()
    assert (submitted["status"], submitted["revision"]) == ("submitted", 1)
    assert (await act(staff, proposal, "approve")).status_code == 403
    approved = (await act(manager, proposal, "approve")).json()
    assert approved["status"] == "approved"
    assert approved["total_approved_amount"] == "60024.00"
    assert approved["decided_by"] == str(manager.user_id)
    assert approved["allowed_actions"] == []
    assert approved["programs"][0]["line_items"][0]["approved_amount"] == "15006.00"
    assert approved["programs"][0]["variance_amount"] == "0.00"


async def test_an_approver_grants_less_by_program_and_by_line(
    person: Callable[..., Person],
) -> None:
    staff, manager = person("MOH"), person("MOH")
    proposal = await created(staff)
    await act(staff, proposal, "submit")
    first, second = proposal["programs"]
    by_line = [
        {"line_item_id": line["id"], "approved_amount": amount}
        for line, amount in zip(second["line_items"], ("15006.00", "0.00"), strict=True)
    ]
    grants = [
        {"program_id": second["id"], "line_items": by_line},
        {"program_id": first["id"], "approved_amount": "10000.01"},
    ]
    too_much = [grants[0], {"program_id": first["id"], "approved_amount": "30012.01"}]
    refused = await act(manager, proposal, "approve", programs=too_much)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/body/programs/1/approved_amount"
    one = await act(manager, proposal, "approve", programs=grants[:1])
    assert one.json()["code"] == "grant_incomplete"
    answer = await act(manager, proposal, "approve", programs=grants)
    assert answer.status_code == 200, answer.text
    approved = answer.json()
    assert approved["total_approved_amount"] == "25006.01"
    shares = [line["approved_amount"] for line in approved["programs"][0]["line_items"]]
    assert shares == ["5000.01", "5000.00"]
    assert [each["approved_amount"] for each in approved["totals_by_class"]] == [
        "20006.01",
        "5000.00",
    ]


async def test_a_returned_proposal_is_edited_and_comes_back_as_the_next_revision(
    person: Callable[..., Person],
) -> None:
    staff, analyst, manager = person("MOH"), person("MOH"), person("MOH")
    proposal = await created(staff)
    here = f"{proposals_of(staff)}/{proposal['id']}"
    await act(staff, proposal, "submit")
    reviewed = (await act(analyst, proposal, "review")).json()
    assert reviewed["reviewed_by"] == str(analyst.user_id)
    assert reviewed["allowed_actions"] == ["return"]
    assert (await act(staff, proposal, "withdraw")).status_code == 409
    assert (await act(analyst, proposal, "approve")).json()["code"] == "reviewer_may_not_approve"
    returned = (await act(analyst, proposal, "return", remarks="Too dear")).json()
    assert (returned["status"], returned["remarks"]) == ("returned", "Too dear")
    program = proposal["programs"][0]
    line = f"{here}/programs/{program['id']}/line-items/{program['line_items'][0]['id']}"
    cheaper = await staff.patch(
        line, json={"unit_cost_amount": "1000.00"}, headers={"If-Match": '"1"'}
    )
    assert cheaper.status_code == 200, cheaper.text
    again = (await act(staff, proposal, "submit")).json()
    assert (again["revision"], again["remarks"], again["reviewed_by"]) == (2, "", None)
    assert (await act(manager, proposal, "approve")).json()["status"] == "approved"

    found = (await staff.get(f"{here}/submissions")).json()["items"]
    assert [each["revision"] for each in found] == [2, 1]
    contents = [
        (await staff.get(f"{here}/submissions/{each['id']}")).json()["content"] for each in found
    ]
    assert [each["total_requested_amount"] for each in contents] == ["57018.00", "60024.00"]
    assert contents[1]["programs"][0]["line_items"][0]["unit_cost_amount"] == "1250.50"
    assert "allowed_actions" not in str(contents)
    unknown = await staff.get(f"{here}/submissions/{uuid4()}")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "submission_not_found")


async def test_a_withdrawn_proposal_is_a_draft_again_but_is_never_deleted(
    person: Callable[..., Person],
) -> None:
    staff = person("MOH")
    proposal = await created(staff)
    await act(staff, proposal, "submit")
    stranger = await act(person("MOH"), proposal, "withdraw")
    assert stranger.json()["code"] == "only_preparer_withdraws"
    withdrawn = (await act(staff, proposal, "withdraw")).json()
    assert (withdrawn["status"], withdrawn["submitted_at"]) == ("draft", None)
    assert withdrawn["allowed_actions"] == ["change", "submit"]
    gone = await staff.delete(
        f"{proposals_of(staff)}/{proposal['id']}",
        headers={"If-Match": f'"{withdrawn["version"]}"'},
    )
    assert (gone.status_code, gone.json()["code"]) == (409, "proposal_not_deletable")


async def test_a_draft_is_edited_and_deleted_with_its_parts(person: Callable[..., Person]) -> None:
    staff = person("MOH")
    proposal = await created(staff)
    here = f"{proposals_of(staff)}/{proposal['id']}"
    assert (await staff.patch(here, json={"title": "New"})).status_code == 428
    first = await staff.patch(here, json={"title": "New"}, headers={"If-Match": '"1"'})
    assert (first.json()["title"], first.headers["ETag"]) == ("New", '"2"')
    stale = await staff.patch(here, json={"title": "Newer"}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    for fixed in ({"fiscal_year": 2027}, {"kind": "annual"}, {"total_requested_amount": "1.00"}):
        answer = await staff.patch(here, json=fixed, headers={"If-Match": '"2"'})
        assert answer.status_code == 422, answer.text
    assert (await staff.delete(here, headers={"If-Match": '"2"'})).status_code == 204
    assert (await staff.get(here)).status_code == 404
    await created(staff)


async def test_of_two_approvals_at_once_one_counts(person: Callable[..., Person]) -> None:
    staff, managers = person("MOH"), [person("MOH") for _ in range(4)]
    proposal = await created(staff)
    submitted = (await act(staff, proposal, "submit")).json()
    here = f"{proposals_of(staff)}/{proposal['id']}/approve"
    seen = {"If-Match": f'"{submitted["version"]}"'}
    answers = await asyncio.gather(*(manager.post(here, headers=seen) for manager in managers))
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [200, 412, 412, 412]
    decisions = await staff.get(f"{proposals_of(staff)}/{proposal['id']}/decisions")
    assert [each["decision"] for each in decisions.json()["items"]] == ["submitted", "approved"]


async def test_lines_added_at_once_are_all_counted(person: Callable[..., Person]) -> None:
    staff = person("MOH")
    proposal = await created(staff, programs=[a_program(line_items=[])])
    here = f"{proposals_of(staff)}/{proposal['id']}"
    lines = f"{here}/programs/{proposal['programs'][0]['id']}/line-items"
    line = a_line(unit_cost_amount="0.10", quantity="1")
    answers = await asyncio.gather(*(staff.post(lines, json=line) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {201}
    now = (await staff.get(here)).json()
    assert now["total_requested_amount"] == "0.80"
    assert [each["display_order"] for each in now["programs"][0]["line_items"]] == [*range(1, 9)]


async def test_another_organization_sees_nothing(person: Callable[..., Person]) -> None:
    proposal = await created(person("MOH"))
    stranger = person("MOLE")
    foreign = await stranger.get(f"{proposals_of(stranger)}/{proposal['id']}")
    unknown = await stranger.get(f"{proposals_of(stranger)}/{uuid4()}")
    assert foreign.status_code == unknown.status_code == 404
    assert {**foreign.json(), "trace_id": ""} == {**unknown.json(), "trace_id": ""}
    assert (await stranger.get(f"{PROPOSALS.format('MOH')}/{proposal['id']}")).status_code == 403
    assert (await stranger.get(proposals_of(stranger))).json()["items"] == []


BAD_INPUT: list[tuple[dict[str, Any], str]] = [
    ({"title": " "}, "/body/title"),
    ({"fiscal_year": "2026"}, "/body/fiscal_year"),
    ({"fiscal_year": this_year() - 3}, "/body/fiscal_year"),
    ({"fiscal_year": this_year() + 6}, "/body/fiscal_year"),
    ({"kind": "realignment"}, "/body/kind"),
    ({"total_requested_amount": "1.00"}, "/body/total_requested_amount"),
    ({"status": "approved"}, "/body/status"),
    ({"programs": [a_program(priority_rank=0)]}, "/body/programs/0/priority_rank"),
    ({"programs": [a_program(priority_rank="1")]}, "/body/programs/0/priority_rank"),
    ({"programs": [a_program(ppa_id="PPA-1")]}, "/body/programs/0/ppa_id"),
    (
        {"programs": [a_program(), a_program(line_items=[a_line(quantity="0")])]},
        "/body/programs/1/line_items/0/quantity",
    ),
    ({"programs": [a_program(approved_amount="1.00")]}, "/body/programs/0/approved_amount"),
]


async def test_bad_input_names_the_field(person: Callable[..., Person]) -> None:
    staff = person("MOH")
    for changes, pointer in BAD_INPUT:
        answer = await staff.post(proposals_of(staff), json=a_proposal(**changes))
        assert answer.status_code == 422, f"{changes}: {answer.text}"
        assert pointer in [fault["pointer"] for fault in answer.json()["errors"]], changes
    assert (await staff.get(proposals_of(staff))).json()["items"] == []


async def test_a_list_is_filtered_and_sorted_by_total(person: Callable[..., Person]) -> None:
    staff = person("MOH")
    for amount in ("300.00", "100.00", "200.00"):
        line = a_line(unit_cost_amount=amount, quantity="1")
        await created(
            staff, title=amount, kind="supplemental", programs=[a_program(line_items=[line])]
        )
    await created(staff, title="annual", programs=[])

    async def titles(**params: Any) -> list[str]:
        answer = await staff.get(proposals_of(staff), params=params)
        assert answer.status_code == 200, answer.text
        return [each["title"] for each in answer.json()["items"]]

    by_total = "total_requested_amount"
    assert await titles(sort=by_total) == ["annual", "100.00", "200.00", "300.00"]
    assert await titles(**{"total[gte]": "200.00", "sort": by_total}) == ["200.00", "300.00"]
    assert await titles(**{"total[gte]": "100.01", "total[lte]": "299.99"}) == ["200.00"]
    assert await titles(kind="annual", status="draft", fiscal_year=this_year()) == ["annual"]
    assert await titles(status="approved") == []
    first = (
        await staff.get(proposals_of(staff), params={"limit": 2, "sort": "-total_requested_amount"})
    ).json()
    rest = await titles(limit=2, sort="-total_requested_amount", cursor=first["next"])
    assert [each["title"] for each in first["items"]] + rest == [
        "300.00",
        "200.00",
        "100.00",
        "annual",
    ]
    for unknown in ({"total": "1.00"}, {"total_gte": "1.00"}, {"total[gte]": "NaN"}, {"kind": "x"}):
        answer = await staff.get(proposals_of(staff), params=unknown)
        assert answer.status_code == 422, unknown
