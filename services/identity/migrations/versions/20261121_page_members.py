"""A page of members is read in its order: the planner must not gather all of them for a page.

As a plain comparison, the sharing policy offers the planner two indexes to unite, and it then reads
and sorts a whole organization for each page. Behind coalesce it stays a filter on what the
query's own index finds; every query names the organization or the person.
"""

from alembic import op

revision = "identity_page_members"
down_revision = "identity_second_person"
branch_labels = None
depends_on = None

OWN = "user_id = (SELECT nullif(current_setting('app.actor_id', true), '')::uuid)"


def upgrade() -> None:
    op.execute(f"ALTER POLICY own ON identity.memberships USING (coalesce({OWN}, false))")


def downgrade() -> None:
    op.execute(f"ALTER POLICY own ON identity.memberships USING ({OWN})")
