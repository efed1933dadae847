import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.cli.main import command
from deploy.local.ports import find_free_ports
from deploy.local.settings import ROOT
from deploy.local.trouble import CannotStart

COMMANDS = (
    "up",
    "down",
    "status",
    "verify",
    "token",
    "list-organizations",
    "seed-organizations",
    "import-ppas",
    "rebuild",
    # As the founding documents spell them.
    "list_organizations",
    "seed_organizations",
    "import_ppas",
    "verify_deployment",
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BMMS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def bmms(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "deploy.cli.main", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_of_the_contract_is_there_and_explains_itself(name: str) -> None:
    told = bmms(name, "--help")
    assert told.returncode == 0
    assert "usage" in told.stdout.lower()


def test_status_of_nothing_says_how_to_start() -> None:
    told = CliRunner().invoke(command, ["status"])
    assert told.exit_code == 1
    assert "make up" in told.output


def test_status_for_programs_is_json() -> None:
    told = CliRunner().invoke(command, ["status", "--json"])
    assert told.exit_code == 1
    assert json.loads(told.output) == {"phase": "down", "processes": []}


def test_down_of_nothing_is_no_failure() -> None:
    told = CliRunner().invoke(command, ["down"])
    assert told.exit_code == 0
    assert "nothing runs" in told.output


@pytest.mark.parametrize("arguments", [["verify"], ["rebuild", "ocm"], ["seed-organizations"]])
def test_what_needs_a_stack_says_so_in_one_line(arguments: list[str]) -> None:
    told = CliRunner().invoke(command, arguments)
    assert isinstance(told.exception, CannotStart)
    assert "make up" in str(told.exception)


def test_a_wrong_option_is_a_matter_of_usage() -> None:
    assert CliRunner().invoke(command, ["status", "--colour"]).exit_code == 2


@pytest.mark.parametrize("detach", [(), ("--detach",)])
def test_contradictory_settings_end_with_78_and_name_the_pair(detach: tuple[str, ...]) -> None:
    refused = bmms("up", *detach, BMMS_MODE="bmms", ENABLE_MULTI_TENANT="0")
    assert refused.returncode == 78
    assert refused.stderr.splitlines() == [
        "bmms: BMMS_MODE=bmms and ENABLE_MULTI_TENANT=0 contradict each other: change one of them"
    ]
    assert not refused.stdout


@pytest.mark.parametrize("detach", [(), ("--detach",)])
def test_a_busy_port_ends_with_one_line_that_says_what_to_do(
    detach: tuple[str, ...],
) -> None:
    ports = find_free_ports()
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", ports.gateway))
        holder.listen()
        refused = bmms("up", *detach, BMMS_PORT=str(ports.gateway))
    assert refused.returncode == 1
    (line,) = refused.stderr.splitlines()
    assert f"port {ports.gateway} (for gateway) is taken" in line
    assert "BMMS_PORT" in line


def test_a_token_without_a_stack_is_one_line() -> None:
    ports = find_free_ports()
    refused = subprocess.run(
        [sys.executable, "-P", "-m", "deploy.cli.main", "token", "--email", "a@b.example"],
        env={**os.environ, "PYTHONPATH": str(ROOT), "BMMS_PORT": str(ports.gateway)},
        input="password\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 1
    (line,) = refused.stderr.splitlines()
    assert "start the stack with `make up`" in line
    assert not refused.stdout
