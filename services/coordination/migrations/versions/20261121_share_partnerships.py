"""share partnerships with those whom their lead invites

Two layers, so that no policy ever asks about its own table. Invitations and answers stay between
the lead and one organization and are shared by their own columns. All else asks these two.
"""

from alembic import op

from libs.tenancy.rows import share_for_select

revision = "coordination_0003"
down_revision = "coordination_0002"
branch_labels = None
depends_on = None

ME = "(SELECT nullif(current_setting('app.org_id', true), '')::uuid)"

JOINED = f"""
SELECT a.lead_org_id, a.partnership_id
FROM coordination.partnership_answers a
JOIN coordination.partnership_invitations i ON i.org_id = a.lead_org_id AND i.id = a.invitation_id
WHERE a.org_id = {ME} AND a.answer = 'accepted' AND i.revoked_at IS NULL AND i.removed_at IS NULL
"""

ASKED = f"""
SELECT i.org_id, i.partnership_id
FROM coordination.partnership_invitations i
WHERE i.invited_org_id = {ME} AND i.revoked_at IS NULL AND i.removed_at IS NULL
  AND i.closed_at IS NULL AND i.expires_at > now()
  AND NOT EXISTS (
      SELECT 1 FROM coordination.partnership_answers a
      WHERE a.org_id = {ME} AND a.lead_org_id = i.org_id AND a.invitation_id = i.id
  )
"""

SETTLED = (
    "SELECT p.org_id, p.id FROM coordination.inter_moa_partnerships p WHERE p.status <> 'draft'"
)

IS_PUBLIC = "visibility = 'public' AND activated_at IS NOT NULL"

PUBLIC = f"SELECT p.org_id, p.id FROM coordination.inter_moa_partnerships p WHERE {IS_PUBLIC}"

HERE = "(lead_org_id, partnership_id)"

POLICIES = (
    ("partnership_invitations", "sent_to_us", f"invited_org_id = {ME} AND sent_at IS NOT NULL"),
    ("partnership_answers", "told_to_lead", f"lead_org_id = {ME}"),
    ("inter_moa_partnerships", "shown_to_participants", f"(org_id, id) IN ({JOINED})"),
    (
        "inter_moa_partnerships",
        "shown_to_invited",
        f"status <> 'draft' AND (org_id, id) IN ({ASKED})",
    ),
    ("inter_moa_partnerships", "public_once_active", f"{IS_PUBLIC} AND {ME} IS NOT NULL"),
    ("partnership_commitments", "told_to_lead", f"lead_org_id = {ME}"),
    (
        "partnership_commitments",
        "shown_to_participants",
        f"{HERE} IN ({JOINED}) AND {HERE} IN ({SETTLED})",
    ),
    ("partnership_activities", "told_to_lead", f"lead_org_id = {ME}"),
    (
        "partnership_activities",
        "shown_to_participants",
        f"{HERE} IN ({JOINED}) AND {HERE} IN ({SETTLED})",
    ),
    (
        "partnership_activities",
        "public_members",
        f"deed IN ('accepted', 'withdrawn', 'removed') AND {HERE} IN ({PUBLIC})",
    ),
)


def upgrade() -> None:
    for table, name, using in POLICIES:
        share_for_select(op, table, name=name, using=using)


def downgrade() -> None:
    for table, name, _using in POLICIES:
        op.execute(f"DROP POLICY {name} ON coordination.{table}")
