"""Roles, flags and grants as permission patterns `service.noun.verb`; what is not named is denied.

Every verb but reading names its services one by one, so that nobody's right to change a plan can
ever cover the right to change a membership. What the ministry of finance alone does (calls,
ceilings, appropriations, reviews, releases) is in no role of an organization's staff.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from libs.tenancy.actor import Actor
from services.identity.permissions.model import BeyondOwnRights, Entry, Source, covered

COORDINATION = "coordination"
BUDGET = (
    "budgeting.proposal,program,line_item,work_item,submission,allocation,allotment,obligation,"
    "disbursement,realignment,saving,payee,report,line_item_import,endorsement,cash_allocation,"
    "allotment_transfer,endorsement_request,endorsement_answer,scenario"
)
"""What an organization itself keeps in budgeting; everything else there is the treasury's."""
MAKERS = ("planning.*", "mana.*", BUDGET)
"""Where staff hand in what they made; for a partnership only a manager speaks outwards."""
BUSINESS = (*MAKERS, f"{COORDINATION}.*")
ORG_NOUNS = (
    "identity.membership,role,grant,registration,focal_designation,invitation,import,approval"
)
"""What an organization's administrator does in identity; all else there is the platform's."""
DELEGATE = "identity.delegation.create,revoke"
"""Whoever decides about money may let another member do so for a while."""


def _each(verbs: str, nouns: Iterable[str] = BUSINESS) -> tuple[str, ...]:
    return tuple(f"{noun}.{','.join(verbs.split())}" for noun in nouns)


VIEWER = (
    "planning,budgeting,mana,coordination.*.read",
    "budgeting.report.check",
    "identity.membership,organization,role,focal_designation,delegation.read",
)
STAFF = (
    *VIEWER,
    *_each("create change delete record"),
    *_each("submit withdraw advance import apply undo", MAKERS),
    "budgeting.alert.check",
    "budgeting.proposal.copy",
)
MANAGER = (
    *STAFF,
    *_each("cancel reopen complete archive hold resume review endorse"),
    *_each(
        "submit withdraw invite revoke accept decline approve return activate",
        [f"{COORDINATION}.*"],
    ),
)
ADMIN = (
    *MANAGER,
    *_each("remove terminate", [f"{COORDINATION}.*"]),
    f"{ORG_NOUNS}.*",
    "identity.audit_event.read",
)

ROLES: dict[str, tuple[str, ...]] = {
    "viewer": VIEWER,
    "staff": STAFF,
    "manager": MANAGER,
    "admin": ADMIN,
}
"""What each role of a membership allows within its organization."""

FLAGS: dict[str, tuple[str, ...]] = {
    "can_manage_users": ("identity.membership,invitation.*",),
    "can_approve_plans": _each("approve return reject activate", ["planning.*"]),
    "can_approve_budgets": (
        *_each("approve return reject review", [BUDGET]),
        DELEGATE,
    ),
    "can_view_reports": ("*.report.read", "budgeting.report.check"),
}
"""What each flag of a membership adds; approval is never part of a role of the makers."""

GRANTS: dict[str, tuple[str, ...]] = {
    "platform_administrator": ("identity.*.*",),
    "ocm_administrator": (
        "identity.organization,module,correction,wave,approval.*",
        "oversight.*.read",
    ),
    "ocm_analyst": ("oversight.*.read",),
    "ocm_executive": ("oversight.*.read",),
    "bpda_analyst": ("planning,budgeting.*.read", "budgeting.report.check", "oversight.*.read"),
    "coa_auditor": ("planning,budgeting.*.read", "budgeting.report.check", "oversight.*.read"),
    "moa_coordinator": ("identity.applicant.*", "identity.organization.read"),
    "mfbm_analyst": (
        "budgeting.budget_call.create,change,delete,open,close,archive,extend",
        "budgeting.ceiling.*",
        "budgeting.appropriation.create,change,delete,submit,publish,extend,lapse",
        "budgeting.review.read,create,change,recommend,return",
        "budgeting.release.create,read",
        "budgeting.realignment_decision.create,delete",
        "budgeting.*.read",
        "budgeting.report.check",
    ),
    "mfbm_approver": (
        "budgeting.appropriation.enact,approve",
        "budgeting.review.approve,reject,decide",
        "budgeting.release.approve",
        "budgeting.realignment_decision.approve",
        "budgeting.period,fiscal_period.reopen",
        "budgeting.*.read",
        "budgeting.report.check",
        DELEGATE,
    ),
}
"""What each system-wide grant allows: the platform's operation, oversight, and the treasury."""


@dataclass(frozen=True, slots=True)
class ShippedRole:
    """A functional role that every organization has; `level` is for display alone."""

    title: str
    level: int
    grants: tuple[str, ...]
    denials: tuple[str, ...] = ()
    parent: str | None = None


_OBLIGE = "budgeting.obligation.create,change,delete,submit,adjust"
_PREPARED = (
    "budgeting.proposal,program,line_item,work_item,allocation,allotment,realignment,saving,payee,"
    "report,line_item_import,endorsement,allotment_transfer,endorsement_request,"
    "endorsement_answer,scenario"
)
_PAY = "budgeting.disbursement.create,change,delete,submit,pay"

FUNCTIONAL: dict[str, ShippedRole] = {
    "moa_administrator": ShippedRole("MOA Administrator", 4, (f"{ORG_NOUNS}.*",)),
    "plan_approver": ShippedRole("Plan Approver", 3, FLAGS["can_approve_plans"]),
    "budget_approver": ShippedRole("Budget Approver", 3, FLAGS["can_approve_budgets"]),
    "planning_officer": ShippedRole(
        "Planning Officer",
        2,
        _each("create change delete submit withdraw advance record import", ["planning.*"]),
    ),
    "budget_officer": ShippedRole(
        "Budget Officer",
        2,
        (
            *_each(
                "create change delete submit withdraw import",
                [_PREPARED],
            ),
            _OBLIGE,
            *_each(
                "certify obligate deliver release adjust cancel close",
                ["budgeting.allotment,obligation"],
            ),
            "budgeting.work_item.advance,complete,cancel",
            "budgeting.scenario.apply,archive",
            "budgeting.proposal.copy",
            "budgeting.report.certify_budget",
            DELEGATE,
        ),
        denials=(_PAY,),
    ),
    "disbursement_officer": ShippedRole(
        "Disbursement Officer",
        2,
        (_PAY, "budgeting.disbursement.cancel", "budgeting.payee.create,change"),
        denials=(_OBLIGE,),
    ),
    "accountant": ShippedRole(
        "Accountant",
        2,
        (
            "budgeting.disbursement.certify,return",
            "budgeting.period,fiscal_period.create,change,soft_close,close",
            "budgeting.year_end.create,delete,submit,reverse",
            "budgeting.cash_allocation.create,delete",
            "budgeting.payee.read_tin",
            "budgeting.report.create,submit,certify_accounts",
            DELEGATE,
        ),
        denials=("budgeting.disbursement.create,pay",),
    ),
    "finance_director": ShippedRole(
        "Finance Director",
        3,
        (
            *_each("approve return reject review release void adjust close", [BUDGET]),
            "budgeting.approval_tier.*",
            "budgeting.year_end.approve,reject",
            "budgeting.cash_ceiling.create",
        ),
        parent="budget_approver",
    ),
    "me_officer": ShippedRole(
        "M&E Officer", 2, _each("record advance create change", ["planning.*", "mana.*"])
    ),
    "hr_officer": ShippedRole("HR Officer", 2, ("identity.membership.read",)),
    "focal_person": ShippedRole("Focal Person", 2, ("identity.registration.read,endorse,reject",)),
    "viewer": ShippedRole("Viewer", 1, VIEWER),
}
"""Roles that may be added to a membership (identity sheet, section 5)."""

PRIVILEGED = tuple(
    f"planning,budgeting.*.{verb}"
    for verb in ("approve", "enact", "certify", "certify_budget", "certify_accounts", "pay")
)
"""Whoever may do one of these signs in with a second factor (identity sheet, section 9)."""

DELEGABLE = tuple(
    dict.fromkeys(
        pattern
        for patterns in (*FLAGS.values(), *(role.grants for role in FUNCTIONAL.values()))
        for pattern in patterns
    )
)
"""What an administrator hands on without holding it: whoever appoints an approver is none."""

DELEGATES = "identity.grant.delegate"
"""Who has this permission may hand on what stands in DELEGABLE."""


def pattern_of(role: str) -> tuple[str, ...]:
    """Return what a shipped functional role grants, with what it takes over from its parents."""
    shipped = FUNCTIONAL[role]
    inherited = pattern_of(shipped.parent) if shipped.parent else ()
    return (*shipped.grants, *inherited)


def denials_of(role: str) -> tuple[str, ...]:
    """Return what a shipped functional role denies, with its parents' denials."""
    shipped = FUNCTIONAL[role]
    inherited = denials_of(shipped.parent) if shipped.parent else ()
    return (*shipped.denials, *inherited)


def every_pattern() -> list[str]:
    """Return every pattern that somebody can be given."""
    return [
        pattern
        for patterns in (
            *ROLES.values(),
            *FLAGS.values(),
            *GRANTS.values(),
            *(role.grants for role in FUNCTIONAL.values()),
        )
        for pattern in patterns
    ]


def shipped_entries(
    role: str | None, flags: Iterable[str] = (), grants: Iterable[str] = ()
) -> Iterator[Entry]:
    """Yield what a membership's role, its flags and system-wide grants allow."""
    if role is not None:
        name = f"The membership's role {role}"
        yield from (Entry(pattern, Source.role, name, is_basic=True) for pattern in ROLES[role])
    sources = [(f"The membership's flag {flag}", FLAGS[flag]) for flag in flags]
    sources += [(f"The system-wide grant {grant}", GRANTS[grant]) for grant in grants]
    for name, patterns in sources:
        yield from (Entry(pattern, Source.role, name) for pattern in patterns)


def functional_entries(role: str) -> Iterator[Entry]:
    """Yield what a shipped functional role grants and denies, its parents included."""
    name = f"The role {FUNCTIONAL[role].title}"
    yield from (Entry(pattern, Source.role, name) for pattern in pattern_of(role))
    denied = denials_of(role)
    yield from (Entry(pattern, Source.role, name, is_denial=True) for pattern in denied)


def check_delegable(actor: Actor, patterns: Iterable[str]) -> None:
    """Refuse to hand on what is not the actor's to give; a denial of theirs stands above all."""
    held = [*actor.permissions, *(DELEGABLE if actor.may(DELEGATES) else ())]
    for pattern in patterns:
        if not covered(held, pattern):
            raise BeyondOwnRights(f"It is {pattern}.")
