"""More rights that do not belong in one hand: to prepare and to decide what moves or ends money."""

from alembic import op

revision = "identity_more_duties"
down_revision = "identity_page_members"
branch_labels = None
depends_on = None

REASON = "Whoever prepares does not approve; the services refuse it for one and the same record."
DUTIES = (
    ("budgeting.year_end.submit", "budgeting.year_end.approve", "refuse"),
    ("budgeting.realignment_decision.create", "budgeting.realignment_decision.approve", "refuse"),
    ("budgeting.saving.create", "budgeting.saving.approve", "warn"),
    ("budgeting.cash_allocation.create", "budgeting.cash_allocation.approve", "warn"),
)


def upgrade() -> None:
    for first, second, effect in DUTIES:
        op.execute(
            "INSERT INTO identity.incompatible_duties (id, first, second, effect, reason, version)"
            f" VALUES (gen_random_uuid(), '{first}', '{second}', '{effect}', '{REASON}', 1)"
        )


def downgrade() -> None:
    for first, second, _ in DUTIES:
        op.execute(
            "DELETE FROM identity.incompatible_duties"
            f" WHERE first = '{first}' AND second = '{second}'"
        )
