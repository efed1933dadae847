"""Decisions: nobody decides on what they prepared, no path leaves a settled state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from uuid_utils.compat import uuid7

from libs.chassis.testing import Person
from libs.refusals import Refusal
from libs.tenancy.actor import Actor
from services.budgeting.decisions.model import (
    OnlyPreparerWithdraws,
    PreparerMayNotApprove,
    PreparerMayNotReview,
    ReviewerMayNotApprove,
    Step,
)
from services.budgeting.proposal_states.model import ProposalNotPending, ProposalStatus
from services.budgeting.proposals.model import Proposal
from services.budgeting.tests.factories import NOON, a_draft, act, created, proposals_of

PEOPLE = [uuid7() for _ in range(4)]
SETTLED = (ProposalStatus.approved, ProposalStatus.rejected)
VERBS: dict[str, Callable[[Proposal, Any], None]] = {
    "change": lambda proposal, by: proposal.prepare(by=by, at=NOON),
    "submit": lambda proposal, by: proposal.submit(by=by, at=NOON),
    "withdraw": lambda proposal, by: proposal.withdraw(by=by),
    "review": lambda proposal, by: proposal.review(by=by, at=NOON),
    "return": lambda proposal, by: proposal.return_(by=by, remarks="Say more"),
    "approve": lambda proposal, by: proposal.approve(by=by, at=NOON),
    "reject": lambda proposal, by: proposal.reject(by=by, at=NOON, reason="No money"),
    "delete": lambda proposal, _: proposal.check_deletable(),
}


class Course(RuleBasedStateMachine):
    """Any verbs by any people in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.proposal = a_draft(PEOPLE[0], "10.00", "5.55")
        self.settled: str | None = None
        self.prepared = {PEOPLE[0]}
        self.reviewer: object = None

    @rule(verb=st.sampled_from(sorted(VERBS)), by=st.sampled_from(PEOPLE))
    def take(self, verb: str, by: Any) -> None:
        before = self.proposal.status
        offered = verb in self.proposal.open_actions(Actor(by, uuid7(), "MOH"))
        try:
            VERBS[verb](self.proposal, by)
        except Refusal:
            assert not offered, f"{verb} was offered and refused"
            assert self.proposal.status == before
            return
        assert offered, f"{verb} was done and not offered"
        if verb in ("change", "submit"):
            self.prepared.add(by)
        if verb in ("review", "return"):
            self.reviewer = by if verb == "review" else None
        if self.proposal.status in SETTLED and self.settled is None:
            self.settled = self.proposal.status
            assert by not in self.prepared
            assert by != self.reviewer

    @invariant()
    def what_is_settled_stays(self) -> None:
        assert self.settled in (None, self.proposal.status)

    @invariant()
    def an_amount_is_approved_only_in_an_approved_proposal(self) -> None:
        granted = self.proposal.total_approved_amount
        assert (granted is not None) == (self.proposal.status == "approved")


TestCourse = Course.TestCase
TestCourse.settings = settings(max_examples=200, stateful_step_count=30, deadline=None)


def test_who_edited_one_line_prepared_it_and_does_not_approve() -> None:
    author, editor, other = PEOPLE[:3]
    proposal = a_draft(author)
    proposal.prepare(by=editor, at=NOON)
    proposal.submit(by=author, at=NOON)
    for by in (author, editor):
        with pytest.raises(PreparerMayNotApprove):
            proposal.approve(by=by, at=NOON)
        with pytest.raises(PreparerMayNotApprove):
            proposal.reject(by=by, at=NOON, reason="No")
        with pytest.raises(PreparerMayNotReview):
            proposal.review(by=by, at=NOON)
        with pytest.raises(PreparerMayNotReview):
            proposal.return_(by=by, remarks="No")
    with pytest.raises(OnlyPreparerWithdraws):
        proposal.withdraw(by=other)
    proposal.approve(by=other, at=NOON)
    assert proposal.status == ProposalStatus.approved


def test_the_reviewer_leaves_the_decision_to_another() -> None:
    author, reviewer, approver = PEOPLE[:3]
    proposal = a_draft(author)
    proposal.submit(by=author, at=NOON)
    proposal.review(by=reviewer, at=NOON)
    with pytest.raises(ReviewerMayNotApprove):
        proposal.approve(by=reviewer, at=NOON)
    proposal.reject(by=approver, at=NOON, reason="No money this year")
    assert proposal.decided_by == approver
    with pytest.raises(ProposalNotPending):
        proposal.approve(by=approver, at=NOON)


def test_every_step_belongs_to_a_stage() -> None:
    assert [step.stage for step in Step] == [
        "endorsement",
        "submission",
        "submission",
        "review",
        "review",
        "approval",
        "approval",
    ]


async def test_every_step_leaves_a_decision(person: Callable[..., Person]) -> None:
    staff, analyst, manager = person("MOH"), person("MOH"), person("MOH")
    proposal = await created(staff)
    for by, verb, body in (
        (staff, "submit", {}),
        (staff, "withdraw", {}),
        (staff, "submit", {}),
        (analyst, "review", {}),
        (analyst, "return", {"remarks": "Say more"}),
        (staff, "submit", {}),
        (manager, "approve", {"remarks": "Well done"}),
    ):
        answer = await act(by, proposal, verb, **body)
        assert answer.status_code == 200, f"{verb}: {answer.text}"
    found = (await staff.get(f"{proposals_of(staff)}/{proposal['id']}/decisions")).json()["items"]
    assert [(each["stage"], each["decision"], each["revision"]) for each in found] == [
        ("submission", "submitted", 1),
        ("submission", "withdrawn", 1),
        ("submission", "submitted", 2),
        ("review", "reviewed", 2),
        ("review", "returned", 2),
        ("submission", "submitted", 3),
        ("approval", "approved", 3),
    ]
    assert {each["amount"] for each in found} == {"60024.00"}
    assert [each["remarks"] for each in found if each["remarks"]] == ["Say more", "Well done"]
    assert found[-1]["created_by"] == str(manager.user_id)


async def test_the_preparer_is_refused_and_nothing_is_recorded(
    person: Callable[..., Person],
) -> None:
    staff = person("MOH")
    proposal = await created(staff)
    submitted = (await act(staff, proposal, "submit")).json()
    assert submitted["allowed_actions"] == ["withdraw"]
    answer = await act(staff, proposal, "approve")
    assert answer.status_code == 403
    assert answer.json()["code"] == "preparer_may_not_approve"
    found = (await staff.get(f"{proposals_of(staff)}/{proposal['id']}/decisions")).json()["items"]
    assert [each["decision"] for each in found] == ["submitted"]


async def test_who_stands_in_decides_for_whom_is_away_and_no_more_than_they_could(
    person: Callable[..., Person],
) -> None:
    staff, head = person("MOH"), person("MOH")
    proposal = await created(staff)
    await act(staff, proposal, "submit")
    verbs = ("review", "return", "approve", "reject")

    def standing_in(principal: Person) -> Person:
        names = [f"budgeting.proposal.{verb} {principal.user_id} staff" for verb in verbs]
        return person("MOH", stands_in=names)

    for_preparer = standing_in(staff)
    for verb, body in (("review", {}), ("approve", {}), ("return", {"remarks": "x"})):
        answer = await act(for_preparer, proposal, verb, **body)
        assert (answer.status_code, answer.json()["code"]) == (403, "beyond_the_absent")
    assert (await act(head, proposal, "review")).status_code == 200
    for_reviewer = await act(standing_in(head), proposal, "approve")
    assert for_reviewer.json()["code"] == "beyond_the_absent"
    away = person("MOH")
    assert (await act(standing_in(away), proposal, "approve")).status_code == 200
    found = (await staff.get(f"{proposals_of(staff)}/{proposal['id']}/decisions")).json()["items"]
    said = [(each["decision"], each["for_user_id"]) for each in found]
    assert said == [("submitted", None), ("reviewed", None), ("approved", str(away.user_id))]


@pytest.mark.parametrize(("verb", "field"), [("return", "remarks"), ("reject", "reason")])
async def test_a_no_needs_its_reason(person: Callable[..., Person], verb: str, field: str) -> None:
    staff, manager = person("MOH"), person("MOH")
    proposal = await created(staff)
    await act(staff, proposal, "submit")
    for body in ({field: "  "}, {field: ""}, {"why": "because"}):
        answer = await act(manager, proposal, verb, **body)
        assert answer.status_code == 422, answer.text
        assert f"/body/{field}" in [fault["pointer"] for fault in answer.json()["errors"]]
