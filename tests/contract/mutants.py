"""Every way to open the fence of one database by a single change; each must turn the suite red."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from libs.outbox.tables import INFRASTRUCTURE_TABLES
from libs.tenancy.rows import OWN
from tests.contexts import tenant_tables
from tests.contract.catalogue import Catalogue, ForeignKey, Index
from tests.contract.rules import CROSSING_INDEXES

UNWRAPPED = "org_id = nullif(current_setting('app.org_id', true), '')::uuid"

CONNECT_FOR_ALL = """
DO $$ BEGIN EXECUTE format('GRANT CONNECT ON DATABASE %I TO PUBLIC', current_database()); END $$
"""


@dataclass(frozen=True)
class Mutant:
    """A change of one table, or of the whole when `table` is empty."""

    name: str
    statements: tuple[str, ...]
    table: str = ""


def mutants(of: Catalogue) -> Iterator[Mutant]:
    """Yield every mutant of a database."""
    for table in sorted(tenant_tables(of.service)):
        yield from _security(of.service, table)
        yield from _policy(of.service, table)
        yield from _rights(of.service, table)
        yield from _sharing(of, table)
    for table in INFRASTRUCTURE_TABLES:
        yield from _security(of.service, table)
        yield from _infrastructure(of, table)
    for key in of.foreign_keys:
        if {key.table, key.target} <= tenant_tables(of.service):
            yield from _foreign_key(of.service, key)
    for index in of.indexes:
        if index.table in tenant_tables(of.service) and index.name not in CROSSING_INDEXES:
            yield _index(of.service, index)
    yield from _roles(of.service)
    yield from _openings(of.service)


def _of(service: str, table: str, what: str, *statements: str) -> Mutant:
    filled = (one.format(t=f"{service}.{table}", s=service) for one in statements)
    return Mutant(f"{table}: {what}", tuple(filled), table)


def _security(service: str, table: str) -> Iterator[Mutant]:
    yield _of(service, table, "security off", "ALTER TABLE {t} DISABLE ROW LEVEL SECURITY")
    yield _of(service, table, "not forced", "ALTER TABLE {t} NO FORCE ROW LEVEL SECURITY")


def _policy(service: str, table: str) -> Iterator[Mutant]:
    drop = "DROP POLICY tenant_isolation ON {t}"
    make = "CREATE POLICY tenant_isolation ON {t} "
    alter = "ALTER POLICY tenant_isolation ON {t} "
    more = "CREATE POLICY more ON {t} "
    for what, statements in {
        "no policy": (drop,),
        "anything may be written": (alter + "WITH CHECK (true)",),
        "no half for writing": (drop, f"{make} USING ({OWN})"),
        "everything may be read": (alter + "USING (true)",),
        "everything may be read and written": (alter + "USING (true) WITH CHECK (true)",),
        "no context, all rows": (
            alter + f"USING ({OWN} OR nullif(current_setting('app.org_id', true), '') IS NULL)",
        ),
        "computed for each row": (alter + f"USING ({UNWRAPPED}) WITH CHECK ({UNWRAPPED})",),
        "for reading alone": (drop, f"{make} FOR SELECT USING ({OWN})"),
        "everything is shared": (more + "FOR SELECT USING (true)",),
        "updates are shared": (more + "FOR UPDATE USING (true)",),
        "deletes are shared": (more + "FOR DELETE USING (true)",),
        "inserts are shared": (more + "FOR INSERT WITH CHECK (true)",),
    }.items():
        yield _of(service, table, what, *statements)


def _sharing(of: Catalogue, table: str) -> Iterator[Mutant]:
    for policy in of.rows(table):
        if policy.name != "tenant_isolation":
            drop = f"DROP POLICY {policy.name} ON {{t}}"
            yield _of(of.service, table, f"no {policy.name}", drop)
            alter = f"ALTER POLICY {policy.name} ON {{t}} USING (true)"
            yield _of(of.service, table, f"{policy.name} for everyone", alter)


def _rights(service: str, table: str) -> Iterator[Mutant]:
    for privilege in ("TRUNCATE", "REFERENCES", "TRIGGER"):
        yield _of(
            service, table, f"{privilege} for app", f"GRANT {privilege} ON {{t}} TO {{s}}_app"
        )
    yield _of(service, table, "writes for ro", "GRANT INSERT ON {t} TO {s}_ro")
    yield _of(service, table, "reads for relay", "GRANT SELECT ON {t} TO {s}_relay")
    yield _of(service, table, "readable by PUBLIC", "GRANT SELECT ON {t} TO PUBLIC")
    yield _of(service, table, "owned by app", "ALTER TABLE {t} OWNER TO {s}_app")


def _infrastructure(of: Catalogue, table: str) -> Iterator[Mutant]:
    for policy in of.rows(table):
        drop = f"DROP POLICY {policy.name} ON {{t}}"
        yield _of(of.service, table, f"no {policy.name}", drop)
    yield _of(of.service, table, "reads for all roles", "CREATE POLICY more ON {t} USING (true)")
    grant = "GRANT ALL ON {t} TO {s}_app"
    yield _of(of.service, table, "everything for app", grant)


def _foreign_key(service: str, key: ForeignKey) -> Iterator[Mutant]:
    drop = f"ALTER TABLE {{t}} DROP CONSTRAINT {key.name}"
    target = f"{service}.{key.target}"
    plain = next(c for c, t in zip(key.columns, key.target_columns, strict=True) if t != "org_id")
    unique = f"CREATE UNIQUE INDEX alone ON {target} (id)"
    alone = f"ADD CONSTRAINT {key.name} FOREIGN KEY ({plain}) REFERENCES {target} (id)"
    add = f"ALTER TABLE {{t}} {alone}"
    yield _of(service, key.table, f"{key.name} by id alone", drop, unique, add)
    yield _of(service, key.table, f"no {key.name}", drop)


def _index(service: str, index: Index) -> Mutant:
    others = [column for column in index.columns if column not in (None, "org_id")] or ["id"]
    columns = ", ".join(f'"{column}"' for column in others)
    if index.is_primary:
        statements = (
            f"ALTER TABLE {{t}} DROP CONSTRAINT {index.name} CASCADE",
            f"ALTER TABLE {{t}} ADD CONSTRAINT {index.name} PRIMARY KEY ({columns})",
        )
        return _of(service, index.table, f"{index.name} without organization", *statements)
    statement = f"CREATE INDEX blind ON {{t}} ({columns})"
    return _of(service, index.table, f"{index.name} without organization", statement)


def _roles(service: str) -> Iterator[Mutant]:
    for suffix in ("app", "relay", "ro"):
        role = f"{service}_{suffix}"
        for statement in (
            f"ALTER ROLE {role} BYPASSRLS",
            f"ALTER ROLE {role} SUPERUSER",
            f"ALTER ROLE {role} CREATEROLE",
            f"GRANT {service}_owner TO {role}",
            f"GRANT CREATE ON SCHEMA {service} TO {role}",
            f"ALTER SCHEMA {service} OWNER TO {role}",
        ):
            yield Mutant(statement, (statement,))


def _openings(service: str) -> Iterator[Mutant]:
    table = f"{service}.{min(tenant_tables(service))}"
    app = f"{service}_app"
    for what, statements in {
        "everyone may connect": (CONNECT_FOR_ALL,),
        "everyone may enter the schema": (f"GRANT USAGE ON SCHEMA {service} TO PUBLIC",),
        "a function of its definer": (
            f"CREATE FUNCTION {service}.peep() RETURNS int SECURITY DEFINER RETURN 1",
        ),
        "a view of its owner": (
            f"CREATE VIEW {service}.everything AS SELECT * FROM {table}",
            f"ALTER VIEW {service}.everything OWNER TO {service}_owner",
            f"GRANT SELECT ON {service}.everything TO {app}",
        ),
        "a materialised view": (
            f"CREATE MATERIALIZED VIEW {service}.everything AS SELECT * FROM {table}",
            f"ALTER MATERIALIZED VIEW {service}.everything OWNER TO {service}_owner",
            f"GRANT SELECT ON {service}.everything TO {app}",
        ),
        "a table on no list": (
            f"CREATE TABLE {service}.stray (org_id uuid PRIMARY KEY)",
            f"ALTER TABLE {service}.stray OWNER TO {service}_owner",
        ),
        "a schema beside": ("CREATE SCHEMA beside", "CREATE TABLE beside.stray (id uuid)"),
    }.items():
        yield Mutant(what, statements)
