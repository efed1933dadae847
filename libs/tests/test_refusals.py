"""The words for no."""

from __future__ import annotations

import pytest

from libs.refusals import Conflict, Forbidden, Invalid, NotFound, Refusal, Stale


class PlanNotDraft(Conflict):
    title = "The plan is not a draft."


@pytest.mark.parametrize(
    ("kind", "status"),
    [(NotFound, 404), (Conflict, 409), (Forbidden, 403), (Invalid, 422), (Stale, 412)],
)
def test_each_kind_has_its_status(kind: type[Refusal], status: int) -> None:
    assert kind.status == status
    assert issubclass(kind, Refusal)
    assert kind.title.endswith(".")


def test_the_code_is_the_name_of_the_obstacle() -> None:
    assert PlanNotDraft.code() == "plan_not_draft"
    assert Stale.code() == "stale"


def test_a_refusal_reads_as_its_title_unless_it_says_more() -> None:
    assert str(PlanNotDraft()) == "The plan is not a draft."
    assert PlanNotDraft().detail is None
    told = PlanNotDraft("It is active.", pointer="/body/status")
    assert (str(told), told.detail, told.pointer) == (
        "It is active.",
        "It is active.",
        "/body/status",
    )
