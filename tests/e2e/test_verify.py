"""An operator asks whether the installation is whole."""

import json

import pytest
from typer.testing import CliRunner

from deploy.cli.main import command
from tests.e2e.system import System, eventually

ASKED = ("V05", "V09", "V11", "V12", "V18")


def test_an_operator_finds_rows_workers_and_switches_in_order(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    system.port("planning")  # the checks look at the embedded stack's own databases
    monkeypatch.setenv("BMMS_HOME", str(system.home))
    asked = ["verify", "--json", *(word for each in ASKED for word in ("--only", each))]

    def in_order() -> None:
        told = json.loads(CliRunner().invoke(command, asked).stdout)
        assert {each["id"] for each in told} == set(ASKED)
        assert [each for each in told if each["verdict"] != "pass"] == []

    # Another journey may have stopped a worker a moment ago.
    eventually(in_order)
