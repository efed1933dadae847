"""delegate more: every decision of budgeting that is kept with for whom it was made"""

from alembic import op

revision = "identity_delegate_more"
down_revision = "identity_expiry"
branch_labels = None
depends_on = None

PROPOSALS = "approve endorse reject return review"
ALL = (
    ("allocation", "approve"),
    ("allotment", "approve release"),
    ("allotment_transfer", "approve"),
    ("appropriation", "enact"),
    ("cash_allocation", "approve"),
    ("disbursement", "approve certify"),
    ("endorsement_answer", "approve"),
    ("obligation", "certify"),
    ("proposal", PROPOSALS),
    ("realignment", "approve reject"),
    ("realignment_decision", "approve"),
    ("release", "approve"),
    ("review", "approve reject return"),
    ("saving", "approve reject"),
    ("scenario", "approve return"),
    ("year_end", "approve reject"),
)


def upgrade() -> None:
    _allow(ALL)


def downgrade() -> None:
    # What was delegated meanwhile is history, and grants nothing that is not decided so any more.
    _allow((("proposal", PROPOSALS),), most=20, postgresql_not_valid=True)


def _allow(decisions: tuple[tuple[str, str], ...], *, most: int = 0, **more: bool) -> None:
    told = [f"'budgeting.{noun}.{verb}'" for noun, verbs in decisions for verb in verbs.split()]
    op.drop_constraint(op.f("ck_delegations_permissions"), "delegations", schema="identity")
    op.create_check_constraint(
        op.f("ck_delegations_permissions"),
        "delegations",
        f"cardinality(permissions) BETWEEN 1 AND {most or len(told)}"
        f" AND permissions <@ ARRAY[{', '.join(told)}]",
        schema="identity",
        **more,
    )
