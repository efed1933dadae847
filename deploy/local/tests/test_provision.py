import asyncio
from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest

from deploy.local.postgres import Cluster
from deploy.local.provision import generate_passwords, login_roles, provision
from deploy.local.throwaway import throwaway_cluster

PASSWORDS = generate_passwords("planning")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with throwaway_cluster() as running:
        asyncio.run(provision(running.admin_url(), "planning", PASSWORDS))
        yield running


async def _connect(cluster: Cluster, role: str) -> asyncpg.Connection:
    return await asyncpg.connect(cluster.url(role, PASSWORDS[role], "bmms_planning"))


@pytest.fixture
async def migrator(
    cluster: Cluster,
) -> AsyncIterator[asyncpg.Connection]:
    connection = await _connect(cluster, "planning_migrator")
    yield connection
    await connection.close()


async def test_provisioning_twice_changes_nothing_and_refuses_nothing(
    cluster: Cluster,
) -> None:
    await provision(cluster.admin_url(driver="postgresql+asyncpg"), "planning", PASSWORDS)


async def test_two_workers_may_provision_the_same_service_at_once(
    cluster: Cluster,
) -> None:
    await asyncio.gather(
        *(
            provision(
                cluster.admin_url(),
                "mana",
                generate_passwords("mana"),
                database=f"mana_{n}",
            )
            for n in range(4)
        )
    )


@pytest.mark.parametrize("role", login_roles("planning"))
async def test_every_login_finds_the_schema_without_naming_it(cluster: Cluster, role: str) -> None:
    connection = await _connect(cluster, role)
    assert await connection.fetchval("SELECT current_schema()") == "planning"
    await connection.close()


@pytest.mark.parametrize("role", login_roles("planning"))
async def test_no_login_may_create_a_table_as_itself(cluster: Cluster, role: str) -> None:
    connection = await _connect(cluster, role)
    with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.ReadOnlySQLTransactionError)):
        await connection.execute("CREATE TABLE smuggled (n int)")
    await connection.close()


async def test_the_migrator_creates_tables_as_the_owner(
    migrator: asyncpg.Connection,
) -> None:
    await migrator.execute("SET ROLE planning_owner; CREATE TABLE kept (n int)")
    assert (
        await migrator.fetchval("SELECT tableowner FROM pg_tables WHERE tablename = 'kept'")
        == "planning_owner"
    )
    await migrator.execute("DROP TABLE kept")


@pytest.mark.parametrize("role", ["planning_app", "planning_relay", "planning_ro"])
async def test_nobody_else_may_become_the_owner(cluster: Cluster, role: str) -> None:
    connection = await _connect(cluster, role)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute("SET ROLE planning_owner")
    await connection.close()


async def test_the_read_only_role_cannot_write_even_where_it_was_granted(
    cluster: Cluster, migrator: asyncpg.Connection
) -> None:
    await migrator.execute(
        "SET ROLE planning_owner; CREATE TABLE tempting (n int);"
        " GRANT ALL ON tempting TO planning_ro"
    )
    reader = await _connect(cluster, "planning_ro")
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await reader.execute("INSERT INTO tempting VALUES (1)")
    await reader.close()
    await migrator.execute("DROP TABLE tempting")


async def test_another_services_role_cannot_even_connect(cluster: Cluster) -> None:
    stranger = generate_passwords("budgeting")
    await provision(cluster.admin_url(), "budgeting", stranger)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(
            cluster.url("budgeting_app", stranger["budgeting_app"], "bmms_planning")
        )


async def test_a_wrong_password_is_refused_on_loopback(cluster: Cluster) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(cluster.url("planning_app", "wrong", "bmms_planning"))


async def test_no_role_is_superuser_or_bypasses_row_security(cluster: Cluster) -> None:
    admin = await asyncpg.connect(cluster.admin_url())
    rows = await admin.fetch(
        "SELECT rolname FROM pg_roles"
        " WHERE rolname ~ '^planning_' AND (rolsuper OR rolbypassrls OR rolcreaterole)"
    )
    await admin.close()
    assert rows == []
