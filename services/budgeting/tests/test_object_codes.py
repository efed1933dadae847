"""Object codes: a line's code is of its class and its year, and cheap things are no outlay."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from libs.chassis.testing import Person, ServiceDatabase
from libs.refusals import Refusal
from services.budgeting.load_catalogue import DATA, FILES, load, read_rows
from services.budgeting.object_codes import model
from services.budgeting.object_codes.model import Catalogue, ObjectCode
from services.budgeting.tests.factories import a_line, a_program, created, there, this_year

ICT = {"expense_class": "co", "object_code": "5060405003", "quantity": "1"}


def a_code(code: str, **changes: object) -> ObjectCode:
    told = {"valid_from": 2014, "valid_to": None, "title": "It", "semi_expendable_code": None}
    return ObjectCode(code=code, **{**told, **changes})


@pytest.mark.parametrize(
    ("line", "refusal", "field", "way_out"),
    [
        (("mooe", "5020301000", "1.00"), None, "", ""),
        (("mooe", "50203010", "1.00"), None, "", ""),
        (("co", "5060404001", "1.00"), None, "", ""),
        (("co", "5060405003", "50000.00"), None, "", ""),
        (("ps", "5020301000", "1.00"), model.ObjectClassDiffers, "object_code", "class to mooe"),
        (("mooe", "9990301000", "1.00"), model.ObjectCodeUnknown, "object_code", "Choose one"),
        (("mooe", "5020399000", "1.00"), model.ObjectCodeNotValid, "object_code", "2014 to 2019"),
        (("co", "5060405003", "49999.99"), model.SemiExpendable, "unit_cost_amount", "5020321003"),
    ],
)
def test_the_catalogue_names_the_field_and_the_way_out(
    line: tuple[str, str, str], refusal: type[Refusal] | None, field: str, way_out: str
) -> None:
    catalogue = Catalogue.of(
        2026,
        [
            a_code("5020301000"),
            a_code("5020399000", valid_to=2019),
            a_code("5060404001"),
            a_code("5060405003", semi_expendable_code="5020321003"),
        ],
        Decimal(50000),
    )
    told = SimpleNamespace(
        expense_class=line[0], object_code=line[1], unit_cost_amount=Decimal(line[2])
    )
    if refusal is None:
        catalogue.check(told)
        return
    with pytest.raises(refusal, match=way_out) as refused:
        catalogue.check(told)
    assert refused.value.pointer == f"/body/{field}"


async def test_every_way_in_asks_the_catalogue(person: Callable[..., Person]) -> None:
    staff = person("MOH")
    cheap, dear = (a_line(**ICT, unit_cost_amount=cost) for cost in ("49999.99", "50000.00"))
    body = {
        "title": "Health",
        "fiscal_year": this_year(),
        "programs": [a_program(line_items=[cheap])],
    }
    whole = await staff.post(there(staff, "proposals"), json=body)
    assert whole.json()["errors"][0]["pointer"] == "/body/programs/0/line_items/0/unit_cost_amount"
    proposal = await created(staff)
    here = there(staff, f"proposals/{proposal['id']}")
    added = await staff.post(
        f"{here}/programs", json=a_program(title="X", line_items=[dear, cheap])
    )
    assert added.json()["errors"][0]["pointer"] == "/body/line_items/1/unit_cost_amount"
    lines = f"{here}/programs/{proposal['programs'][0]['id']}/line-items"
    refused = await staff.post(lines, json=a_line(object_code="5010101001"))
    assert (refused.status_code, refused.json()["code"]) == (422, "object_class_differs")
    line = (await staff.post(lines, json=dear)).json()
    match = {"If-Match": f'"{line["version"]}"'}
    cheaper = {"unit_cost_amount": "1.00"}
    changed = await staff.patch(f"{lines}/{line['id']}", json=cheaper, headers=match)
    assert (changed.status_code, changed.json()["code"]) == (422, "semi_expendable")
    unknown = await staff.post(lines, json=a_line(object_code="5029999012"))
    assert unknown.json()["code"] == "object_code_unknown"


async def test_the_codes_of_a_year_are_listed_with_the_threshold(
    person: Callable[..., Person],
) -> None:
    staff = person("MOH")
    url = there(staff, "object-codes")
    answer = (await staff.get(url, params={"fiscal_year": 2027, "expense_class": "fe"})).json()
    assert answer["capital_threshold_amount"] == "50000.00"
    assert [each["code"] for each in answer["object_codes"]] == ["5030104000"]
    before = (await staff.get(url, params={"fiscal_year": 2021})).json()
    assert before["capital_threshold_amount"] == "15000.00"
    assert (await staff.get(url)).json()["fiscal_year"] in (this_year(), this_year() - 1)


async def test_what_was_entered_before_a_code_ended_is_not_submitted(
    person: Callable[..., Person], database: ServiceDatabase
) -> None:
    staff = person("MOH")
    proposal = await created(staff)
    engine = create_async_engine(database.admin)
    end = "UPDATE budgeting.object_codes SET valid_to = 2020 WHERE code = '5020301000'"
    async with engine.begin() as connection:
        await connection.execute(text(end))
    here = there(staff, f"proposals/{proposal['id']}")
    refused = await staff.post(f"{here}/submit", headers={"If-Match": f'"{proposal["version"]}"'})
    assert (refused.status_code, refused.json()["code"]) == (409, "lines_outdated")
    assert "“Drugs and medicines for barangay health stations” of “Primary" in refused.text
    async with engine.begin() as connection:
        # The file says that the code is still in use: loading mends that row and no other.
        assert await connection.run_sync(load) == 1
        assert await connection.run_sync(load) == 0
    await engine.dispose()


def test_two_rows_for_one_year_are_refused(tmp_path: Path) -> None:
    for table, key in FILES.items():
        assert read_rows(DATA / f"{table}.csv", key)
    file = tmp_path / "object_codes.csv"
    head = "code,title,expense_class,semi_expendable_code,valid_from,valid_to,is_sample\n"
    file.write_text(f"{head}5020301000,A,mooe,,2014,,no\n5020301000,B,mooe,,2020,,no\n")
    with pytest.raises(ValueError, match="two rows"):
        read_rows(file, ["code"])
