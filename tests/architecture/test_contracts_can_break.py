"""Every import contract breaks when it should: a rule nobody has seen fail is decoration."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINT = (sys.executable, "-c", "from importlinter.cli import lint_imports_command as lint; lint()")
PLANS = "services/planning/strategic_plans"
OTHER = "services/planning/goals"
NEW = "services/planning/seeded"

SEEDS = {
    "a service imports another service": (
        1,
        f"{PLANS}/usecases.py",
        "import services.identity.db",
    ),
    "a lib imports a service": (
        2,
        "libs/chassis/testing.py",
        "import services.planning.settings",
    ),
    "the outbox imports the chassis": (
        2,
        "libs/outbox/streams.py",
        "import libs.chassis.settings",
    ),
    "a model imports its use cases": (
        3,
        f"{PLANS}/model.py",
        f"import {PLANS.replace('/', '.')}.usecases",
    ),
    "a slice holds a file that is no layer": (
        3,
        f"{PLANS}/utils.py",
        '"""Anything."""',
    ),
    "a model imports its events": (
        3,
        f"{PLANS}/model.py",
        f"import {PLANS.replace('/', '.')}.events",
    ),
    "two slices import each other": (
        4,
        f"{OTHER}/model.py",
        f"import {PLANS.replace('/', '.')}.model",
    ),
    "a slice imports the application": (
        4,
        f"{PLANS}/routes.py",
        "import services.planning.app",
    ),
    "a model imports a web framework": (
        5,
        f"{NEW}/model.py",
        "import fastapi",
    ),
    "a model imports a web framework indirectly": (
        5,
        f"{NEW}/model.py",
        "import libs.chassis.http",
    ),
    "a route selects": (
        6,
        f"{PLANS}/routes.py",
        "import sqlalchemy",
    ),
    "a use case imports a message broker": (
        7,
        f"{PLANS}/usecases.py",
        "import faststream",
    ),
    "a slice imports the routes of another slice": (
        8,
        f"{NEW}/routes.py",
        f"import {PLANS.replace('/', '.')}.routes",
    ),
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Copy what the contracts look at: the packages and the contracts themselves."""
    for package in ("services", "libs"):
        ignored = shutil.ignore_patterns("__pycache__", "tests", "migrations", "*.csv", "static")
        shutil.copytree(ROOT / package, tmp_path / package, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def broken(tree: Path) -> set[int]:
    """Return the numbers of the contracts that a tree breaks."""
    done = subprocess.run(
        [*LINT, "--no-cache", "--no-logo"],
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
    )
    told = done.stdout + done.stderr
    assert re.search(r"Contracts: \d+ kept, \d+ broken", told), told
    names = re.findall(r"^(\d)\. [^.]*?(KEPT|BROKEN)$", told, re.MULTILINE | re.DOTALL)
    assert [int(number) for number, _ in names] == list(range(1, 9)), told
    return {int(number) for number, verdict in names if verdict == "BROKEN"}


def test_the_tree_keeps_every_contract(tree: Path) -> None:
    assert broken(tree) == set()


@pytest.mark.parametrize("violation", SEEDS)
def test_a_seeded_violation_breaks_its_contract_and_no_other(tree: Path, violation: str) -> None:
    contract, path, line = SEEDS[violation]
    seeded = tree / path
    seeded.parent.mkdir(exist_ok=True)
    (seeded.parent / "__init__.py").touch()
    with seeded.open("a") as file:
        file.write(f"\n{line}\n")
    assert broken(tree) == {contract}
