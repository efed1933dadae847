"""What a person does with scenarios; none of it touches a proposal."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal
from uuid import UUID

from libs.outbox.uow import UnitOfWork
from services.budgeting.fiscal_years.model import check_open
from services.budgeting.program_links.model import PpaUnknown
from services.budgeting.program_links.usecases import JUST_NOW
from services.budgeting.programs.model import ZERO
from services.budgeting.scenario_rows.model import RowStatus, ScenarioRow, Weights, suggest
from services.budgeting.scenario_rows.schemas import ScenarioRowIn
from services.budgeting.scenarios import schemas
from services.budgeting.scenarios.model import (
    BaselineExists,
    Scenario,
    ScenarioKind,
    ScenarioStatus,
)
from services.budgeting.scenarios.queries import (
    find_baseline,
    get_scenario,
    get_scenarios,
    list_ppas,
)


async def create_scenario(uow: UnitOfWork, told: schemas.ScenarioCreate) -> Scenario:
    """Begin a draft, with its rows if they are known."""
    check_open(told.fiscal_year, uow.today())
    scenario = Scenario(
        title=told.title,
        description=told.description,
        fiscal_year=told.fiscal_year,
        kind=told.kind,
        status=ScenarioStatus.draft,
        remarks="",
        weights=_weights(told.weights),
        total_amount=told.total_amount,
        allocated_amount=ZERO,
        preparers=[uow.actor.user_id],
        rows=[],
    )
    await _check_baseline(uow, scenario)
    await _fill(uow, scenario, told.rows)
    uow.session.add(scenario)
    return scenario


async def change_scenario(
    uow: UnitOfWork, scenario_id: UUID, told: schemas.ScenarioChange
) -> Scenario:
    """Edit a draft; rows that are sent take the place of all it has."""
    scenario = await _locked(uow, scenario_id)
    scenario.prepare(by=uow.actor.user_id, at=uow.now())
    changes = told.changes()
    rows = changes.pop("rows", None)
    if "weights" in changes:
        changes["weights"] = _weights(told.weights)
    for name, value in changes.items():
        setattr(scenario, name, value)
    if "kind" in changes:
        await _check_baseline(uow, scenario)
    if rows is not None:
        await _fill(uow, scenario, rows)
    return scenario


async def delete_scenario(uow: UnitOfWork, scenario_id: UUID) -> None:
    """Remove a draft with its rows."""
    scenario = await _locked(uow, scenario_id)
    scenario.check_deletable()
    await uow.session.delete(scenario)


async def submit_scenario(uow: UnitOfWork, scenario_id: UUID) -> Scenario:
    """Ask for the decision on a draft that stays within its total."""
    scenario = await _locked(uow, scenario_id)
    scenario.submit(by=uow.actor.user_id, at=uow.now())
    return scenario


async def return_scenario(uow: UnitOfWork, scenario_id: UUID, remarks: str) -> Scenario:
    """Give it back with remarks; it is a draft again."""
    scenario = await _locked(uow, scenario_id)
    scenario.return_(by=uow.actor.user_id, remarks=remarks)
    return scenario


async def approve_scenario(
    uow: UnitOfWork, scenario_id: UUID, rejected: Collection[UUID]
) -> Scenario:
    """Decide for it, whole or without some of its PPAs; it may be applied to drafts then."""
    scenario = await _locked(uow, scenario_id)
    scenario.approve(by=uow.actor.user_id, at=uow.now(), rejected=rejected)
    return scenario


async def archive_scenario(uow: UnitOfWork, scenario_id: UUID) -> Scenario:
    """Put it away for good."""
    scenario = await _locked(uow, scenario_id)
    scenario.archive()
    return scenario


async def get_suggestion(
    uow: UnitOfWork, scenario_id: UUID, asked: schemas.SuggestionAsked
) -> schemas.SuggestionRead:
    """Tell what every PPA could get of a total; nothing is changed."""
    scenario = await get_scenario(uow.session, scenario_id)
    total = scenario.total_amount if asked.total_amount is None else asked.total_amount
    rows = [row for row in scenario.rows if row.is_in]
    given = suggest(rows, total, asked.method)
    allocated = sum(given.values(), ZERO)
    return schemas.SuggestionRead(
        method=asked.method,
        total_amount=total,
        allocated_amount=allocated,
        left_amount=total - allocated,
        rows=[
            schemas.SuggestedRowRead(
                ppa_id=row.ppa_id,
                title=row.title,
                score=row.score,
                cost_amount=row.cost_amount,
                amount=row.amount,
                suggested_amount=given[row.ppa_id],
            )
            for row in rows
        ],
    )


async def compare_scenarios(
    uow: UnitOfWork, scenario_id: UUID, other_id: UUID
) -> schemas.ScenarioComparisonRead:
    """Put two scenarios side by side, PPA by PPA; two statements."""
    one, other = await get_scenarios(uow.session, [scenario_id, other_id])
    left, right = ({row.ppa_id: row for row in side.rows if row.is_in} for side in (one, other))
    rows = sorted({**right, **left}.values(), key=lambda row: (row.ppa_code, row.ppa_id))
    return schemas.ScenarioComparisonRead(
        scenario=_side(one),
        other=_side(other),
        difference_amount=other.allocated_amount - one.allocated_amount,
        rows=[_compared(row, left.get(row.ppa_id), right.get(row.ppa_id)) for row in rows],
    )


def _side(scenario: Scenario) -> schemas.ScenarioSideRead:
    names = set(schemas.ScenarioSideRead.model_fields) - {"scenario_id"}
    told = {name: getattr(scenario, name) for name in names}
    return schemas.ScenarioSideRead.model_validate({**told, "scenario_id": scenario.id})


def _compared(
    row: ScenarioRow, one: ScenarioRow | None, other: ScenarioRow | None
) -> schemas.ComparedRowRead:
    return schemas.ComparedRowRead(
        ppa_id=row.ppa_id,
        title=row.title,
        amount=one and one.amount,
        other_amount=other and other.amount,
        difference_amount=_amount(other) - _amount(one),
        score=one and one.score,
        other_score=other and other.score,
    )


def _amount(row: ScenarioRow | None) -> Decimal:
    return ZERO if row is None else row.amount


async def _fill(uow: UnitOfWork, scenario: Scenario, told: Sequence[ScenarioRowIn]) -> None:
    """Let the scenario have exactly these rows; a PPA that it had keeps its row."""
    with uow.session.no_autoflush:
        known = await list_ppas(uow.session, {one.ppa_id for one in told}, scenario.fiscal_year)
    before = {row.ppa_id: row for row in scenario.rows}
    rows = []
    for index, one in enumerate(told):
        pointer = f"/body/rows/{index}"
        ppa = known.get(one.ppa_id)
        if ppa is None:
            raise PpaUnknown(JUST_NOW, pointer=f"{pointer}/ppa_id")
        row = before.get(one.ppa_id) or ScenarioRow(status=RowStatus.proposed)
        for name, value in {**dict(one), "ppa_code": ppa.code, "title": ppa.title}.items():
            setattr(row, name, value)
        row.check_amount(pointer)
        rows.append(row)
    scenario.rows = rows
    scenario.recount()


async def _check_baseline(uow: UnitOfWork, scenario: Scenario) -> None:
    if scenario.kind != ScenarioKind.baseline:
        return
    with uow.session.no_autoflush:
        other = await find_baseline(uow.session, scenario.fiscal_year)
    if other is not None and other.id != scenario.id:
        raise BaselineExists(f"It is “{other.title}”.", pointer="/body/kind")


def _weights(told: schemas.WeightsIn) -> Weights:
    return Weights(told.need, told.coverage, told.goals)


async def _locked(uow: UnitOfWork, scenario_id: UUID) -> Scenario:
    scenario = await get_scenario(uow.session, scenario_id, lock=True)
    uow.expect(scenario)
    return scenario
