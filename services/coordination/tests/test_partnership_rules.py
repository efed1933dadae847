"""The rules of partnerships, without a database: states, numbers, dates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.coordination.inter_moa_partnerships.model import InterMoaPartnership
from services.coordination.invitations.model import PartnershipAnswer, PartnershipInvitation
from services.coordination.partnership_states import model as states
from services.coordination.tests.factories import a_partnership

NOW = datetime.now(UTC)
CREATOR, OTHER = uuid4(), uuid4()


def an_invitation_row(**changes: Any) -> PartnershipInvitation:
    sent = {"sent_at": NOW, "expires_at": NOW + timedelta(days=14), "answer": None}
    row = {**sent, "invited_org_id": uuid4(), "valid_days": 14, "removal_reason": "", **changes}
    return PartnershipInvitation(**row)


def prepared(**changes: Any) -> PartnershipInvitation:
    return an_invitation_row(**{"sent_at": None, "expires_at": None, **changes})


def expired() -> PartnershipInvitation:
    return an_invitation_row(expires_at=NOW - timedelta(seconds=1))


def answered(word: str = "accepted") -> PartnershipInvitation:
    return an_invitation_row(answer=PartnershipAnswer(answer=word, reason=""))


def a_row(*invitations: PartnershipInvitation, **changes: Any) -> InterMoaPartnership:
    row = {
        **a_partnership(),
        "starts_on": NOW.date(),
        "ends_on": NOW.date() + timedelta(days=365),
        "status": "pending_approval",
        "requires_ocm_approval": False,
        "created_by": CREATOR,
        "invitations": list(invitations),
        "membership": [],
        "commitments": [],
        **changes,
    }
    return InterMoaPartnership(**row)


def test_submitting_sends_what_was_prepared() -> None:
    row = a_row(prepared(), status="draft")
    row.submit(by=OTHER, at=NOW)
    assert row.status == "pending_approval"
    assert row.invitations[0].expires_at == NOW + timedelta(days=14)
    assert row.invitations[0].partnership_title == row.title


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"objectives": " "}, "objectives"),
        ({"starts_on": None}, "start and end"),
        ({"ends_on": None}, "start and end"),
    ],
)
def test_what_is_incomplete_is_not_submitted(changes: dict[str, Any], missing: str) -> None:
    with pytest.raises(states.PartnershipIncomplete, match=missing):
        a_row(prepared(), status="draft", **changes).submit(by=OTHER, at=NOW)


def test_nothing_is_submitted_to_nobody_nor_a_pair_to_two() -> None:
    with pytest.raises(states.PartnershipIncomplete, match="at least one"):
        a_row(status="draft").submit(by=OTHER, at=NOW)
    with pytest.raises(states.PartnershipIncomplete, match="a single invitation"):
        a_row(prepared(), prepared(), status="draft").submit(by=OTHER, at=NOW)


@pytest.mark.parametrize(
    ("partnership_type", "invitations", "is_enough"),
    [
        ("bilateral", [answered()], True),
        ("bilateral", [answered("declined")], False),
        ("multilateral", [answered()], False),
        ("multilateral", [answered(), answered()], True),
        ("multilateral", [answered(), answered(), answered("declined"), expired()], True),
        ("joint_program", [answered()], True),
        ("joint_program", [answered("withdrawn")], False),
    ],
)
def test_each_type_takes_its_number_of_participants(
    partnership_type: str, invitations: list[PartnershipInvitation], is_enough: bool
) -> None:
    row = a_row(*invitations, partnership_type=partnership_type)
    if is_enough:
        row.activate(by=OTHER, at=NOW)
        assert row.status == "active"
    else:
        with pytest.raises(states.ParticipantsMissing):
            row.activate(by=OTHER, at=NOW)


def test_nobody_activates_while_an_answer_is_awaited() -> None:
    with pytest.raises(states.InvitationsWaiting):
        a_row(answered(), an_invitation_row()).activate(by=OTHER, at=NOW)


def test_the_creator_never_activates() -> None:
    with pytest.raises(states.CreatorMayNotActivate):
        a_row(answered()).activate(by=CREATOR, at=NOW)


def test_what_needs_the_chief_minister_waits_for_the_chief_minister() -> None:
    with pytest.raises(states.OcmApprovalAwaited):
        a_row(answered(), requires_ocm_approval=True).activate(by=OTHER, at=NOW)


def test_returning_hides_what_is_not_answered_and_keeps_what_is() -> None:
    row = a_row(an_invitation_row(), answered())
    row.return_(remarks="The ports are wrong")
    assert [one.status for one in row.invitations] == ["prepared", "accepted"]


def test_an_end_closes_every_invitation() -> None:
    for end in ("complete", "terminate"):
        row = a_row(an_invitation_row(), answered(), expired(), status="active")
        told = {"report": "Done"} if end == "complete" else {"reason": "No money"}
        getattr(row, end)(at=NOW, **told)
        assert [one.status for one in row.invitations] == ["revoked", "accepted", "revoked"]
        assert [list(one.invited_actions) for one in row.invitations] == [[], [], []]
        assert [list(one.lead_actions) for one in row.invitations] == [[], [], []]


OPEN = ("draft", "pending_approval", "active", "on_hold")
VERBS: dict[str, tuple[Callable[[InterMoaPartnership], None], set[str]]] = {
    "submit": (lambda row: row.submit(by=OTHER, at=NOW), {"draft"}),
    "change": (lambda row: row.check_draft(), {"draft"}),
    "return": (lambda row: row.return_(remarks="No"), {"pending_approval"}),
    "activate": (lambda row: row.activate(by=OTHER, at=NOW), {"pending_approval"}),
    "hold": (lambda row: row.hold(reason="Flood"), {"active"}),
    "resume": (lambda row: row.resume(), {"on_hold"}),
    "complete": (lambda row: row.complete(report="Done", at=NOW), {"active"}),
    "terminate": (lambda row: row.terminate(reason="No money", at=NOW), set(OPEN)),
    "invite": (lambda row: row.check_invitable(uuid4()), set(OPEN)),
    "delete": (lambda row: row.check_deletable(), {"draft"}),
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("status", states.PartnershipStatus)
def test_a_verb_is_open_in_its_states_and_nowhere_else(
    verb: str, status: states.PartnershipStatus
) -> None:
    do, open_in = VERBS[verb]
    row = a_row(answered(), status=status, partnership_type="joint_program")
    assert (verb in states.LEAD_ACTIONS[status]) == (status in open_in)
    if status in open_in:
        do(row)
    else:
        with pytest.raises(states.Conflict):
            do(row)
        assert row.status == status
