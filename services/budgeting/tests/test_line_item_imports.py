from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from httpx import Response
from hypothesis import given
from hypothesis import strategies as st

from libs.chassis.files import XLSX
from libs.chassis.testing import Person
from services.budgeting.line_item_sheets.model import as_amount
from services.budgeting.tests.factories import PROPOSALS, a_line, a_program, a_proposal
from services.budgeting.tests.sheets import Rows, a_row, opened, saved

FILE = {"Content-Type": XLSX}


class Desk:
    """A clerk with one proposal: exports, edits and uploads workbooks of it."""

    def __init__(self, person: Person, proposal: dict[str, Any]) -> None:
        self.person = person
        self.url = f"{PROPOSALS.format('MOH')}/{proposal['id']}"

    async def export(self) -> tuple[list[Any], list[str], Rows]:
        answer = await self.person.get(f"{self.url}/line-items.xlsx")
        assert answer.status_code == 200, answer.text
        return opened(answer.content)

    async def upload(self, content: bytes, **headers: str) -> Response:
        url = f"{self.url}/line-item-imports"
        return await self.person.post(url, content=content, headers={**FILE, **headers})

    async def send(self, rows: Rows) -> dict[str, Any]:
        mark, headings, _ = await self.export()
        answer = await self.upload(saved(mark, headings, rows))
        assert answer.status_code == 201, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def act(self, told: dict[str, Any], verb: str) -> Response:
        url = f"{self.url}/line-item-imports/{told['id']}"
        seen = await self.person.get(url)
        return await self.person.post(f"{url}/{verb}", headers={"If-Match": seen.headers["ETag"]})

    async def lines(self) -> list[dict[str, Any]]:
        proposal = (await self.person.get(self.url)).json()
        return [line for program in proposal["programs"] for line in program["line_items"]]


KEPT = ("id", "description", "unit_cost_amount", "quantity", "requested_amount", "display_order")


def kept(lines: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [tuple(line[key] for key in KEPT) for line in lines]


@pytest.fixture
async def desk(person: Callable[..., Person]) -> Desk:
    clerk = person("MOH")
    answer = await clerk.post(PROPOSALS.format("MOH"), json=a_proposal())
    return Desk(clerk, answer.json())


async def test_the_export_sent_back_as_it_is_changes_nothing(desk: Desk) -> None:
    told = await desk.send((await desk.export())[2])
    assert (told["rows_read"], told["rows_unchanged"], told["differences"]) == (4, 4, [])
    assert told["rejections"] == []


async def test_a_preview_shows_each_cell_that_differs_and_touches_no_line(desk: Desk) -> None:
    before = await desk.lines()
    _, _, rows = await desk.export()
    rows[0]["Unit cost (PHP)"] = 1300.75
    rows[1]["Remove"] = "yes"
    told = await desk.send([*rows, a_row()])
    counts = {key: told[f"rows_{key}"] for key in ("added", "changed", "removed", "unchanged")}
    assert counts == {"added": 1, "changed": 1, "removed": 1, "unchanged": 2}
    changed = next(each for each in told["differences"] if each["action"] == "change")
    assert changed["row"] == 5
    assert changed["cells"] == [
        {"column": "Unit cost (PHP)", "before": "1250.50", "after": "1300.75"}
    ]
    assert await desk.lines() == before
    assert told["allowed_actions"] == ["apply"]


async def test_what_is_applied_is_exact_and_undone_whole(desk: Desk) -> None:
    before = await desk.lines()
    _, _, rows = await desk.export()
    rows[0]["Quantity"] = 12.125
    rows[3]["Remove"] = "yes"
    told = await desk.send([*rows, a_row(**{"Unit cost (PHP)": "9,999,999,999.99"})])
    applied = await desk.act(told, "apply")
    assert applied.status_code == 200, applied.text
    lines = await desk.lines()
    assert len(lines) == 4
    assert lines[0]["requested_amount"] == str(
        (Decimal("1250.50") * Decimal("12.125")).quantize(Decimal("0.01"), "ROUND_HALF_UP")
    )
    assert "399999999999.60" in {line["requested_amount"] for line in lines}
    total = (await desk.person.get(desk.url)).json()["total_requested_amount"]
    assert Decimal(total) == sum(Decimal(line["requested_amount"]) for line in lines)
    undone = await desk.act(told, "undo")
    assert undone.status_code == 200, undone.text
    assert kept(await desk.lines()) == kept(before)
    assert (await desk.act(told, "undo")).json()["code"] == "import_not_applied"


@pytest.mark.parametrize(
    ("changes", "column", "reason"),
    [
        ({"Program": "9 No such"}, "Program", "Choose one of the proposal's programs"),
        ({"Class": "XX"}, "Class", "xx"),
        ({"Object code": "50"}, "Object code", "50"),
        ({"Unit cost (PHP)": "1.005"}, "Unit cost (PHP)", "two decimals"),
        ({"Unit cost (PHP)": -5}, "Unit cost (PHP)", "-5"),
        ({"Unit cost (PHP)": "1e3"}, "Unit cost (PHP)", "1e3"),
        ({"Unit cost (PHP)": "NaN"}, "Unit cost (PHP)", "NaN"),
        ({"Quantity": 0}, "Quantity", "more than 0"),
        ({"Q1 (PHP)": 10}, "Q2 (PHP)", "all four quarters"),
        ({"Unit cost (PHP)": "9999999999999999.99"}, "Unit cost (PHP)", "too large"),
        ({"Line": "nonsense"}, "Line", "no longer has this line"),
        ({"Remove": "yes"}, "Remove", "Only a line that the proposal has"),
        ({"Remove": "perhaps"}, "Remove", "leave it empty"),
        ({"Description": ""}, "Description", "at least 1 character"),
    ],
)
async def test_a_bad_row_is_rejected_with_its_column_and_reason_and_the_good_ones_are_taken(
    desk: Desk, changes: dict[str, Any], column: str, reason: str
) -> None:
    told = await desk.send([a_row(**changes), a_row()])
    assert (told["rows_added"], told["rows_rejected"]) == (1, 1)
    (rejected,) = told["rejections"]
    assert (rejected["row"], rejected["column"]) == (5, column)
    assert reason in rejected["reason"]
    answer = await desk.person.get(f"{desk.url}/line-item-imports/{told['id']}/rejected-rows.xlsx")
    _, headings, rows = opened(answer.content)
    assert headings[-1] == "Why it was not taken"
    assert reason in rows[0][headings[-1]]


async def test_rejected_rows_that_are_mended_are_taken(desk: Desk) -> None:
    told = await desk.send([a_row(Class="MOOEE")])
    await desk.act(told, "apply")
    answer = await desk.person.get(f"{desk.url}/line-item-imports/{told['id']}/rejected-rows.xlsx")
    _, _, rows = opened(answer.content)
    again = await desk.send([{**row, "Class": "MOOE"} for row in rows])
    assert (again["rows_added"], again["rows_rejected"]) == (1, 0)


async def test_the_same_line_twice_is_rejected_the_second_time(desk: Desk) -> None:
    _, _, rows = await desk.export()
    told = await desk.send([rows[0], rows[0]])
    assert [each["row"] for each in told["rejections"]] == [6]


async def test_nothing_is_written_over_what_somebody_changed_in_between(desk: Desk) -> None:
    told = await desk.send([a_row()])
    late = await desk.send([a_row(Description="Late")])
    assert (await desk.act(told, "apply")).status_code == 200
    outdated = await desk.act(late, "apply")
    assert (outdated.status_code, outdated.json()["code"]) == (409, "import_outdated")
    newer = await desk.send([a_row(Description="Newer")])
    assert (await desk.act(newer, "apply")).status_code == 200
    assert (await desk.act(told, "undo")).json()["code"] == "import_outdated"


async def test_a_submitted_proposal_takes_no_workbook(desk: Desk) -> None:
    mark, headings, rows = await desk.export()
    told = await desk.send([a_row()])
    seen = await desk.person.get(desk.url)
    submitted = await desk.person.post(
        f"{desk.url}/submit", headers={"If-Match": seen.headers["ETag"]}
    )
    assert submitted.status_code == 200, submitted.text
    answer = await desk.upload(saved(mark, headings, rows))
    assert (answer.status_code, answer.json()["code"]) == (409, "proposal_not_editable")
    assert (await desk.act(told, "apply")).status_code == 409


async def test_files_that_are_no_such_workbook_are_refused_and_nothing_is_kept(desk: Desk) -> None:
    mark, headings, rows = await desk.export()
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", b" " * (300 << 20))
    for content, code in (
        (b"", "no_sheet"),
        (b"not a workbook", "no_sheet"),
        (bomb.getvalue(), "no_sheet"),
        (saved(["bmms-line-items-0", mark[1]], headings, rows), "no_sheet"),
        (saved(mark, headings[::-1], rows), "no_sheet"),
        (saved([mark[0], "another"], headings, rows), "import_of_another"),
    ):
        answer = await desk.upload(content)
        assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    other = await desk.upload(b"[]", **{"Content-Type": "application/json"})
    assert (other.status_code, other.json()["code"]) == (415, "other_media_type")
    big = await desk.upload(b"x" * ((8 << 20) + 1))
    assert (big.status_code, big.json()["code"]) == (413, "body_too_large")
    kept_imports = (await desk.person.get(f"{desk.url}/line-item-imports")).json()
    assert kept_imports["items"] == []


async def test_an_amount_too_large_for_a_spreadsheet_s_numbers_survives_the_round_trip(
    person: Callable[..., Person],
) -> None:
    clerk = person("MOH")
    program = a_program(line_items=[a_line(unit_cost_amount="9999999999999999.99", quantity="1")])
    answer = await clerk.post(PROPOSALS.format("MOH"), json=a_proposal(programs=[program]))
    desk = Desk(clerk, answer.json())
    told = await desk.send((await desk.export())[2])
    assert (told["rows_unchanged"], told["rejections"]) == (1, [])


async def test_a_large_workbook_comes_in_and_goes_out_again(desk: Desk) -> None:
    rows = [a_row(Description=f"Item {number}") for number in range(2_000)]
    told = await desk.send(rows)
    assert told["rows_added"] == 2_000
    assert len(told["differences"]) == 1_000
    assert (await desk.act(told, "apply")).status_code == 200
    assert len(await desk.lines()) == 2_004
    assert (await desk.act(told, "undo")).status_code == 200
    assert len(await desk.lines()) == 4


@given(st.decimals(min_value=0, max_value=Decimal("9999999999999999.99"), places=2))
def test_an_amount_typed_with_or_without_commas_is_the_same_amount(amount: Decimal) -> None:
    assert as_amount(f"{amount:,.2f}") == as_amount(f"{amount:.2f}") == f"{amount:.2f}"
