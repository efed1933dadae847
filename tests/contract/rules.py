"""The rules of isolation (ADR 0002, SECURITY rulings), each a function from catalogue to findings.

A finding is one sentence; a database that keeps every rule has none.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import asyncpg
from sqlalchemy import ForeignKeyConstraint

from libs.outbox.tables import INFRASTRUCTURE_TABLES
from tests.contexts import ROOT, global_tables, metadata, tenant_tables
from tests.contract.catalogue import PUBLIC, RUNTIME, Catalogue, read_catalogue

SHARING = ROOT / "contracts" / "sharing.json"

RULED = (
    "(org_id = ( SELECT (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid"
    ' AS "nullif"))'
)
"""The ruled expression as PostgreSQL prints it: wrapped in SELECT, and no rows without context."""

DAY_OLD = "(created_at < (now() - '24:00:00'::interval))"
EXPIRY = ("idempotency_keys", "expiry")
"""The one policy of a tenant table that shares no rows: the relay deletes answers a day old."""

UNOWNED = {"alembic_version": "which migrations have run; no runtime role may even read it"}

INFRASTRUCTURE_POLICIES = {
    ("outbox", "append", "INSERT", "app", None, RULED),
    ("outbox", "relay", "ALL", "relay", "true", "true"),
    ("inbox", "worker", "ALL", "app", "true", "true"),
    ("checkpoints", "worker", "ALL", "app", "true", "true"),
    ("checkpoints", "freshness", "SELECT", "ro", "true", None),
    ("inbox", "expiry", "ALL", "relay", "true", "true"),
    ("checkpoints", "expiry", "ALL", "relay", "true", "true"),
    ("idempotency_keys", "expiry", "ALL", "relay", DAY_OLD, None),
    ("parked_events", "park", "INSERT", "app", None, "true"),
    ("parked_events", "operator", "ALL", "relay", "true", "true"),
}
"""Table, policy, command, role, USING, WITH CHECK: all that may reach tables without owners."""

INFRASTRUCTURE_GRANTS = {
    ("outbox", "app", "INSERT"),
    ("outbox", "relay", "SELECT"),
    ("outbox", "relay", "UPDATE source_seq"),
    ("outbox", "relay", "UPDATE sent_at"),
    ("outbox", "relay", "UPDATE stream_seq"),
    ("inbox", "app", "SELECT"),
    ("inbox", "app", "INSERT"),
    ("checkpoints", "app", "SELECT"),
    ("checkpoints", "app", "INSERT"),
    ("checkpoints", "app", "UPDATE"),
    ("checkpoints", "ro", "SELECT"),
    ("parked_events", "app", "INSERT"),
    ("parked_events", "relay", "SELECT"),
    ("parked_events", "relay", "DELETE"),
    ("inbox", "relay", "SELECT"),
    ("inbox", "relay", "DELETE"),
    ("checkpoints", "relay", "SELECT"),
    ("idempotency_keys", "relay", "SELECT org_id"),
    ("idempotency_keys", "relay", "SELECT key"),
    ("idempotency_keys", "relay", "SELECT created_at"),
    ("idempotency_keys", "relay", "DELETE"),
}

CROSSING_INDEXES = {
    "uq_budget_calls_fiscal_year": "the government has one issued call a fiscal year",
    "ix_memberships_user_id": "a person's own memberships are found before one is chosen",
    "uq_memberships_primary": "a person has one primary membership among all organizations",
    "uq_invitations_digest": "an invitation is found by its secret before anyone is known",
    "ix_system_grants_user_id": "a person's grants are found before an organization is chosen",
}
"""Indexes of tenant tables that do not lead with the organization, each with its reason."""

Findings = Iterator[str]


def every_table_is_known(of: Catalogue) -> Findings:
    known = {*tenant_tables(of.service), *INFRASTRUCTURE_TABLES, *UNOWNED}
    known |= set(global_tables(of.service))
    found = {table.name for table in of.tables}
    yield from (f"the table {name} is on no list" for name in sorted(found - known))
    yield from (f"the table {name} is missing" for name in sorted(known - found))
    for table in of.relations:
        if table.schema != of.service:
            yield f"{table.schema}.{table.name} lies outside the service's schema"


def rows_are_secured(of: Catalogue) -> Findings:
    free = {*global_tables(of.service), *UNOWNED}
    for table in of.tables:
        if table.name not in free and not table.is_secured:
            yield f"{table.name}: row-level security is off"
        if table.name not in free and not table.is_forced:
            yield f"{table.name}: row-level security is not forced"


def tenant_tables_have_the_policy(of: Catalogue) -> Findings:
    for table in sorted(tenant_tables(of.service)):
        policies = {policy.name: policy for policy in of.rows(table)}
        ruled = policies.pop("tenant_isolation", None)
        if ruled is None:
            yield f"{table}: no policy tenant_isolation"
        elif (ruled.command, ruled.roles, ruled.is_permissive) != ("ALL", (PUBLIC,), True):
            yield f"{table}: tenant_isolation is not for all and everyone"
        else:
            halves = {"USING": ruled.using, "WITH CHECK": ruled.check}
            yield from (f"{table}: {h} is {s}" for h, s in halves.items() if s != RULED)
        for other in policies.values():
            if (table, other.name) != EXPIRY and other.command != "SELECT" and other.is_permissive:
                yield f"{table}: {other.name} shares more than reading"


def sharing_of(of: Catalogue) -> dict[str, dict[str, str]]:
    """Return who else may read a tenant's rows: by table, each further policy's condition."""
    shared: dict[str, dict[str, str]] = {}
    owned = tenant_tables(of.service)
    for policy in of.policies:
        if policy.name == "tenant_isolation" or (policy.table, policy.name) == EXPIRY:
            continue
        if policy.table in owned:
            shared.setdefault(policy.table, {})[policy.name] = policy.using or ""
    return shared


def sharing_is_as_promised(of: Catalogue) -> Findings:
    promised = json.loads(SHARING.read_text(encoding="utf-8")).get(of.service, {})
    found = sharing_of(of)
    for table in sorted({*promised, *found}):
        if promised.get(table) != found.get(table):
            yield f"{table}: its rows are not shared as contracts/sharing.json promises"


def other_tables_have_exactly_theirs(of: Catalogue) -> Findings:
    found = {
        (p.table, p.name, p.command, role.removeprefix(f"{of.service}_"), p.using, p.check)
        for p in of.policies
        if p.table not in tenant_tables(of.service) or (p.table, p.name) == EXPIRY
        for role in p.roles
    }
    yield from (
        f"{p[0]}: the policy {p[1]} is not as ruled" for p in found ^ INFRASTRUCTURE_POLICIES
    )


def keys_lead_with_the_organization(of: Catalogue) -> Findings:
    tenants = tenant_tables(of.service)
    keyed = {index.table for index in of.indexes if index.is_primary}
    yield from (f"{table}: no primary key" for table in sorted(tenants - keyed))
    for index in of.indexes:
        leads = index.columns[0] == "org_id" or index.name in CROSSING_INDEXES
        if index.table in tenants and not leads:
            yield f"{index.table}: {index.name} does not lead with org_id"


def foreign_keys_stay_in_the_organization(of: Catalogue) -> Findings:
    tenants = tenant_tables(of.service)
    for key in of.foreign_keys:
        if {key.table, key.target} <= tenants:
            pairs = zip(key.columns, key.target_columns, strict=True)
            if not any(
                target == "org_id" and (column == "org_id" or column.endswith("_org_id"))
                for column, target in pairs
            ):
                yield f"{key.table}: {key.name} crosses organizations"


def foreign_keys_are_all_there(of: Catalogue) -> Findings:
    found = {(key.table, key.columns, key.target, key.target_columns) for key in of.foreign_keys}
    for table in metadata(of.service).tables.values():
        for constraint in table.constraints:
            if isinstance(constraint, ForeignKeyConstraint):
                targets = [element.column for element in constraint.elements]
                key = (table.name, tuple(constraint.column_keys), targets[0].table.name)
                if (*key, tuple(column.name for column in targets)) not in found:
                    yield f"{table.name}: the key {key[1]} to {key[2]} is missing"


def runtime_roles_have_no_powers(of: Catalogue) -> Findings:
    if len(of.roles) != len(RUNTIME):
        yield "a runtime role is missing"
    for role in of.roles:
        yield from (f"{role.name} has {power}" for power in role.powers)
        yield from (f"{role.name} is a member of {group}" for group in role.member_of)


def the_owner_owns_everything(of: Catalogue) -> Findings:
    things = {relation.name: relation.owner for relation in of.relations} | of.owners
    for name, owner in things.items():
        if owner != f"{of.service}_owner":
            yield f"{owner} owns {name}"


def nobody_else_has_privileges(of: Catalogue) -> Findings:
    runtime = {f"{of.service}_{suffix}" for suffix in RUNTIME}
    insiders = {*runtime, f"{of.service}_owner", f"{of.service}_migrator"}
    for grant in of.grants:
        if grant.grantee not in insiders:
            yield f"{grant.grantee} has {grant.privilege} on {grant.kind} {grant.on}"
        allowed = {"database": {"CONNECT"}, "schema": {"USAGE"}}.get(grant.kind)
        if grant.grantee in runtime and allowed and grant.privilege not in allowed:
            yield f"{grant.grantee} has {grant.privilege} on {grant.kind} {grant.on}"


def runtime_roles_have_the_least(of: Catalogue) -> Findings:
    rows, reading = {"SELECT", "INSERT", "UPDATE", "DELETE"}, {"SELECT"}
    ours: dict[str, set[str]] = {"app": rows, "ro": reading, "relay": set()}
    owned = tenant_tables(of.service) | set(global_tables(of.service))
    for grant in of.grants:
        role = grant.grantee.removeprefix(f"{of.service}_")
        if grant.kind not in ("table", "sequence") or role not in ours:
            continue
        what = f"{grant.privilege} {grant.column}" if grant.column else grant.privilege
        if grant.on in owned and grant.privilege in ours[role]:
            continue
        if (grant.on, role, what) not in INFRASTRUCTURE_GRANTS:
            yield f"{grant.grantee} has {what} on {grant.on}"


def infrastructure_is_usable(of: Catalogue) -> Findings:
    found = {
        (g.on, g.grantee.removeprefix(f"{of.service}_"), f"{g.privilege} {g.column or ''}".strip())
        for g in of.grants
    }
    for table, role, privilege in sorted(INFRASTRUCTURE_GRANTS - found):
        yield f"{role} lacks {privilege} on {table}"


def nothing_steps_over_policies(of: Catalogue) -> Findings:
    yield from (f"the function {name} runs as its definer" for name in of.definers)
    granted = {grant.on for grant in of.grants if grant.grantee != f"{of.service}_owner"}
    for relation in of.relations:
        if relation.kind == "m" and relation.name in granted:
            yield f"{relation.name} is a materialised view that somebody may read"
        if relation.kind == "v" and "security_invoker=true" not in relation.options:
            yield f"{relation.name} is a view with its owner's eyes"


RULES: tuple[Callable[[Catalogue], Findings], ...] = (
    every_table_is_known,
    rows_are_secured,
    tenant_tables_have_the_policy,
    sharing_is_as_promised,
    other_tables_have_exactly_theirs,
    keys_lead_with_the_organization,
    foreign_keys_stay_in_the_organization,
    foreign_keys_are_all_there,
    runtime_roles_have_no_powers,
    the_owner_owns_everything,
    nobody_else_has_privileges,
    runtime_roles_have_the_least,
    infrastructure_is_usable,
    nothing_steps_over_policies,
)


async def broken_rules(connection: asyncpg.Connection, service: str) -> list[str]:
    """Return every finding of every rule for the database of one service."""
    catalogue = await read_catalogue(connection, service)
    return [finding for rule in RULES for finding in rule(catalogue)]
