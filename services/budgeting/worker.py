"""Budgeting's other process: relays its events, lets what issuers decide take effect, proves."""

from __future__ import annotations

from libs.chassis.worker import every, run_worker
from services.budgeting.alerts.usecases import check_alerts_daily
from services.budgeting.allotment_transfers import subscribers as allotment_transfers
from services.budgeting.appropriation_items import subscribers as appropriation_items
from services.budgeting.cash_allocations.usecases import prove_cash_nightly
from services.budgeting.db import Base
from services.budgeting.disbursements import model as disbursements  # noqa: F401 (a key of postings)
from services.budgeting.endorsement_answers import subscribers as endorsement_answers
from services.budgeting.known_assessments import subscribers as known_assessments
from services.budgeting.known_organizations import subscribers as known_organizations
from services.budgeting.known_ppas import subscribers as known_ppas
from services.budgeting.known_strategic_plans import subscribers as known_strategic_plans
from services.budgeting.obligations import model as obligations  # noqa: F401 (a key of postings)
from services.budgeting.postings.usecases import prove_nightly
from services.budgeting.proposal_steps import subscribers as proposal_steps
from services.budgeting.realignment_decisions import subscribers as realignment_decisions
from services.budgeting.releases import subscribers as releases
from services.budgeting.settings import Settings

SUBSCRIBERS = (
    proposal_steps,
    endorsement_answers,
    appropriation_items,
    releases,
    allotment_transfers,
    realignment_decisions,
    known_organizations,
    known_ppas,
    known_strategic_plans,
    known_assessments,
)
DAY_SECONDS = 86_400
DUTIES = (
    every(DAY_SECONDS, prove_nightly),
    every(DAY_SECONDS, prove_cash_nightly),
    every(DAY_SECONDS, check_alerts_daily),
)

if __name__ == "__main__":
    run_worker("budgeting", Settings(), Base.metadata, SUBSCRIBERS, DUTIES)
