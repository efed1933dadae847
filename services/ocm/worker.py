"""Ocm's other process: listens to every context and writes what they told."""

from __future__ import annotations

from libs.chassis.worker import run_worker
from services.ocm.db import Base
from services.ocm.known_allotments import subscribers as known_allotments
from services.ocm.known_appropriation_items import subscribers as known_appropriation_items
from services.ocm.known_assessments import subscribers as known_assessments
from services.ocm.known_cash_allocations import subscribers as known_cash_allocations
from services.ocm.known_disbursements import subscribers as known_disbursements
from services.ocm.known_obligations import subscribers as known_obligations
from services.ocm.known_organizations import subscribers as known_organizations
from services.ocm.known_partnership_answers import subscribers as known_partnership_answers
from services.ocm.known_partnerships import subscribers as known_partnerships
from services.ocm.known_ppas import subscribers as known_ppas
from services.ocm.known_proposals import subscribers as known_proposals
from services.ocm.known_strategic_plans import subscribers as known_strategic_plans
from services.ocm.settings import Settings

SUBSCRIBERS = (
    known_organizations,
    known_strategic_plans,
    known_ppas,
    known_proposals,
    known_appropriation_items,
    known_allotments,
    known_obligations,
    known_disbursements,
    known_cash_allocations,
    known_assessments,
    known_partnerships,
    known_partnership_answers,
)

if __name__ == "__main__":
    run_worker("ocm", Settings(), Base.metadata, SUBSCRIBERS)
