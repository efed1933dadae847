"""Budgeting over HTTP: the composition root names the slices."""

from __future__ import annotations

from fastapi import FastAPI

from libs.chassis.http import install
from services.budgeting.alerts import routes as alerts
from services.budgeting.allocations import routes as allocations
from services.budgeting.allotment_transfers import routes as allotment_transfers
from services.budgeting.allotments import routes as allotments
from services.budgeting.appropriation_items import routes as appropriation_items
from services.budgeting.appropriations import routes as appropriations
from services.budgeting.approval_tiers import routes as approval_tiers
from services.budgeting.budget_calls import routes as budget_calls
from services.budgeting.cash_allocations import routes as cash_allocations
from services.budgeting.cash_ceilings import routes as cash_ceilings
from services.budgeting.ceilings import routes as ceilings
from services.budgeting.comparisons import routes as comparisons
from services.budgeting.db import Base
from services.budgeting.deliveries import routes as deliveries
from services.budgeting.disbursements import routes as disbursements
from services.budgeting.endorsement_answers import routes as endorsement_answers
from services.budgeting.endorsement_requests import routes as endorsement_requests
from services.budgeting.endorsements import routes as endorsements
from services.budgeting.fiscal_periods import routes as fiscal_periods
from services.budgeting.line_item_imports import routes as line_item_imports
from services.budgeting.object_codes import routes as object_codes
from services.budgeting.obligations import routes as obligations
from services.budgeting.payees import routes as payees
from services.budgeting.postings import routes as postings
from services.budgeting.proposal_copies import routes as proposal_copies
from services.budgeting.proposal_steps import routes as proposal_steps
from services.budgeting.proposals import routes as proposals
from services.budgeting.realignment_decisions import routes as realignment_decisions
from services.budgeting.realignments import routes as realignments
from services.budgeting.releases import routes as releases
from services.budgeting.reports import routes as reports
from services.budgeting.review_decisions import routes as reviews
from services.budgeting.savings import routes as savings
from services.budgeting.scenario_differences import routes as scenario_differences
from services.budgeting.scenarios import routes as scenarios
from services.budgeting.settings import Settings
from services.budgeting.stand_ins import routes as stand_ins
from services.budgeting.submissions import routes as submissions
from services.budgeting.work_items import routes as work_items
from services.budgeting.year_ends import routes as year_ends

SLICES = (
    object_codes,
    budget_calls,
    ceilings,
    proposals,
    endorsements,
    endorsement_requests,
    endorsement_answers,
    comparisons,
    proposal_copies,
    proposal_steps,
    submissions,
    stand_ins,
    scenarios,
    scenario_differences,
    reviews,
    deliveries,
    appropriations,
    appropriation_items,
    allocations,
    savings,
    realignments,
    realignment_decisions,
    allotments,
    allotment_transfers,
    releases,
    work_items,
    payees,
    obligations,
    disbursements,
    cash_allocations,
    cash_ceilings,
    approval_tiers,
    year_ends,
    fiscal_periods,
    postings,
    reports,
    alerts,
    line_item_imports,
)


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the budgeting application; settings come from the environment when not given."""
    app = install(
        service="budgeting",
        module="budgeting",
        settings=settings or Settings(),
        metadata=Base.metadata,
        title="BMMS Budgeting",
        description="The money of one organization, from the budget call to the payment.",
    )
    for routes in SLICES:
        app.include_router(routes.router)
    return app
