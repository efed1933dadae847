"""Programs: what is granted is shared to the centavo, ranks and PPAs are distinct."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from libs.chassis.testing import Person, ServiceDatabase
from libs.refusals import Refusal
from services.budgeting.line_items.model import LARGEST
from services.budgeting.programs.model import (
    Grant,
    GrantAboveRequest,
    GrantIncomplete,
    GrantNotTotal,
    shared,
)
from services.budgeting.tests.factories import (
    NOON,
    a_draft,
    a_program,
    created,
    proposals_of,
)
from services.budgeting.tests.neighbours import a_known_ppa

AMOUNTS = st.lists(
    st.decimals(min_value=0, max_value=LARGEST / 30, places=2), min_size=1, max_size=30
)


@settings(deadline=None)
@given(requested=AMOUNTS, part=st.fractions(min_value=0, max_value=1))
def test_a_shared_amount_is_spent_to_the_centavo_and_nobody_gets_more_than_asked(
    requested: list[Decimal], part: float
) -> None:
    centavos = int(sum(requested) * 100 * part.numerator // part.denominator)  # type: ignore[attr-defined]
    amount = Decimal(centavos).scaleb(-2)
    shares = shared(amount, requested)
    assert sum(shares) == amount
    assert all(0 <= share <= asked for share, asked in zip(shares, requested, strict=True))


def test_the_centavos_left_over_go_where_most_was_lost() -> None:
    assert shared(Decimal("1.00"), [Decimal("1.00")] * 3) == [
        Decimal("0.34"),
        Decimal("0.33"),
        Decimal("0.33"),
    ]
    assert shared(Decimal("0.00"), [Decimal("0.00")]) == [Decimal("0.00")]


def test_a_grant_by_line_adds_up_the_program() -> None:
    proposal = a_draft(None, "100.00", "50.00")
    (program,) = proposal.programs
    first, second = program.line_items
    proposal.submit(by=uuid7(), at=NOON)
    told = [(second.id, Decimal("50.00")), (first.id, Decimal("99.99"))]
    proposal.approve(by=uuid7(), at=NOON, grants=[Grant(program.id, None, told)])
    assert proposal.total_approved_amount == program.approved_amount == Decimal("149.99")
    assert [line.approved_amount for line in program.line_items] == [
        Decimal("99.99"),
        Decimal("50.00"),
    ]
    assert program.variance_amount == Decimal("-0.01")
    assert proposal.totals_by_class[0].approved_amount == Decimal("149.99")


@pytest.mark.parametrize(
    ("case", "refusal", "pointer"),
    [
        ("nothing", GrantIncomplete, "/body/programs/0/approved_amount"),
        ("no program", GrantIncomplete, "/body/programs"),
        ("a program twice", GrantIncomplete, "/body/programs"),
        ("an unknown program", GrantIncomplete, "/body/programs"),
        ("a line left out", GrantIncomplete, "/body/programs/0/line_items"),
        ("a line twice", GrantIncomplete, "/body/programs/0/line_items"),
        ("an unknown line", GrantIncomplete, "/body/programs/0/line_items"),
        ("too much", GrantAboveRequest, "/body/programs/0/approved_amount"),
        ("too much of a line", GrantAboveRequest, "/body/programs/0/line_items/1/approved_amount"),
        ("a wrong sum", GrantNotTotal, "/body/programs/0/approved_amount"),
    ],
)
def test_a_grant_that_does_not_fit_is_refused_whole(
    case: str, refusal: type[Refusal], pointer: str
) -> None:
    proposal = a_draft(None, "100.00", "50.00")
    (program,) = proposal.programs
    first, second = program.line_items
    proposal.submit(by=uuid7(), at=NOON)
    whole = Grant(program.id, Decimal(10), None)
    right = [(first.id, Decimal(10)), (second.id, Decimal(5))]
    grants = {
        "nothing": [Grant(program.id, None, None)],
        "no program": [],
        "a program twice": [whole, whole],
        "an unknown program": [Grant(uuid7(), Decimal(10), None)],
        "a line left out": [Grant(program.id, None, right[:1])],
        "a line twice": [Grant(program.id, None, [*right, right[0]])],
        "an unknown line": [Grant(program.id, None, [right[0], (uuid7(), Decimal(1))])],
        "too much": [Grant(program.id, Decimal("150.01"), None)],
        "too much of a line": [Grant(program.id, None, [right[0], (second.id, Decimal("50.01"))])],
        "a wrong sum": [Grant(program.id, Decimal(16), right)],
    }[case]
    with pytest.raises(refusal) as refused:
        proposal.approve(by=uuid7(), at=NOON, grants=grants)
    assert refused.value.pointer == pointer
    assert proposal.status == "submitted"


async def test_programs_are_added_changed_and_taken_out(
    person: Callable[..., Person], database: ServiceDatabase
) -> None:
    staff = person("MOH")
    proposal = await created(staff, programs=[])
    here = f"{proposals_of(staff)}/{proposal['id']}"
    first = await staff.post(f"{here}/programs", json=a_program())
    assert first.status_code == 201, first.text
    assert first.headers["ETag"] == f'"{first.json()["version"]}"'
    second = (await staff.post(f"{here}/programs", json=a_program(priority_rank=7))).json()
    third = (await staff.post(f"{here}/programs", json=a_program())).json()
    ranks = [first.json()["priority_rank"], second["priority_rank"], third["priority_rank"]]
    assert ranks == [1, 7, 8]
    ppa_id = str(await a_known_ppa(database))
    changed = await staff.patch(
        f"{here}/programs/{third['id']}",
        json={"priority_rank": 2, "ppa_id": ppa_id, "title": "Now second"},
        headers={"If-Match": f'"{third["version"]}"'},
    )
    assert changed.status_code == 200, changed.text
    gone = await staff.delete(
        f"{here}/programs/{first.json()['id']}", headers={"If-Match": first.headers["ETag"]}
    )
    assert gone.status_code == 204
    now = (await staff.get(here)).json()
    assert [each["title"] for each in now["programs"]] == ["Now second", second["title"]]
    assert now["programs"][0]["ppa_id"] == ppa_id
    assert now["total_requested_amount"] == "60024.00"
    assert now["version"] == proposal["version"] + 5


async def test_rank_and_ppa_are_given_once(
    person: Callable[..., Person], database: ServiceDatabase
) -> None:
    staff = person("MOH")
    ppa_id = str(await a_known_ppa(database))
    proposal = await created(staff, programs=[a_program(ppa_id=ppa_id), a_program(title="Other")])
    here = f"{proposals_of(staff)}/{proposal['id']}/programs"
    other = proposal["programs"][1]
    now = {"If-Match": f'"{other["version"]}"'}
    for changes, code, pointer in (
        ({"priority_rank": 1}, "rank_taken", "/body/priority_rank"),
        ({"ppa_id": ppa_id}, "ppa_taken", "/body/ppa_id"),
    ):
        for answer in (
            await staff.post(here, json=a_program(**changes)),
            await staff.patch(f"{here}/{other['id']}", json=changes, headers=now),
        ):
            assert answer.status_code == 409, answer.text
            assert answer.json()["code"] == code
            assert answer.json()["errors"][0]["pointer"] == pointer
    twice = [a_program(ppa_id=ppa_id), a_program(ppa_id=ppa_id)]
    answer = await staff.post(
        proposals_of(staff),
        json={
            "title": "T",
            "fiscal_year": proposal["fiscal_year"],
            "kind": "supplemental",
            "programs": twice,
        },
    )
    assert answer.json()["errors"][0]["pointer"] == "/body/programs/1/ppa_id"


async def test_a_part_is_found_only_under_its_own_proposal(person: Callable[..., Person]) -> None:
    staff = person("MOH")
    first = await created(staff)
    second = await created(staff, kind="supplemental")
    program, line = second["programs"][0], second["programs"][0]["line_items"][0]
    here = f"{proposals_of(staff)}/{first['id']}/programs"
    now = {"If-Match": '"1"'}
    wrong_program = await staff.patch(f"{here}/{program['id']}", json={"title": "x"}, headers=now)
    assert wrong_program.json()["code"] == "program_not_found"
    wrong_line = await staff.delete(
        f"{here}/{first['programs'][0]['id']}/line-items/{line['id']}", headers=now
    )
    assert wrong_line.json()["code"] == "line_item_not_found"
    assert wrong_program.status_code == wrong_line.status_code == 404
