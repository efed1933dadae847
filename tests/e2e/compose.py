"""The system on a container engine, for the same journeys: `pytest tests/e2e --stack=compose`."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from testcontainers.compose import DockerCompose

from deploy.compose.init import FOLDER, write_passwords
from deploy.local.ports import find_free_port
from deploy.local.state import write_state
from tests.e2e.system import System, read_accounts

ACCOUNTS = "seed:/var/lib/bmms/demo-accounts.json"
ENGINE_SECONDS = 30


@contextmanager
def compose_stack(folder: Path) -> Iterator[System]:
    """Build the images, start everything on a free port, and remove all of it at the end.

    Skips where no container engine answers.
    """
    skip_without_engine()
    port = find_free_port()
    url = f"http://localhost:{port}"
    passwords = folder / "compose.env"
    write_passwords(passwords)
    with pytest.MonkeyPatch.context() as environment:
        # Compose prefers the environment to its file, so what is ours alone goes there.
        for name, value in (
            ("COMPOSE_PROJECT_NAME", f"bmms-e2e-{port}"),
            ("BMMS_PORT", str(port)),
            ("BMMS_PUBLIC_URL", url),
            ("BMMS_MODE", "bmms"),
            # A handful of demo accounts walk through everything.
            ("BMMS_REQUESTS_PER_HOUR", "0"),
            # Images of its own: those of an installation on this machine stay as they are.
            ("BMMS_VERSION", "e2e"),
        ):
            environment.setenv(name, value)
        compose = DockerCompose(FOLDER, env_file=str(passwords), build=True)
        try:
            _start(compose)
            _run(compose, "cp", ACCOUNTS, str(folder))
            write_state(folder, {"settings": {"BMMS_PORT": str(port), "BMMS_PUBLIC_URL": url}})
            yield System(url, folder, read_accounts(folder), is_embedded=False)
        finally:
            compose.stop()


def skip_without_engine() -> None:
    """Skip the journeys, with what stands in the way, unless Compose and an engine answer."""
    if not shutil.which("docker"):
        pytest.skip("--stack=compose: there is no docker command on this machine")
    for question in (["docker", "compose", "version"], ["docker", "version"]):
        if told := _trouble(question):
            pytest.skip(f"--stack=compose: {' '.join(question)}: {told}")


def _trouble(question: list[str]) -> str:
    """Return what is wrong according to a command, or nothing."""
    try:
        asked = subprocess.run(
            question, capture_output=True, text=True, check=False, timeout=ENGINE_SECONDS
        )
    except subprocess.TimeoutExpired:
        return f"no answer within {ENGINE_SECONDS} seconds"
    if asked.returncode == 0:
        return ""
    return next(iter((asked.stderr.strip() or asked.stdout.strip()).splitlines()), "silent")


def _start(compose: DockerCompose) -> None:
    """Start, or fail with the last lines of every container before they are removed."""
    try:
        compose.start()
    except subprocess.CalledProcessError as failed:
        told = _run(compose, "logs", "--no-color", "--tail", "20")
        raise AssertionError(f"the Compose stack did not start\n{told}") from failed


def _run(compose: DockerCompose, *arguments: str) -> str:
    command = [*compose.compose_command_property, *arguments]
    done = subprocess.run(command, cwd=FOLDER, check=True, capture_output=True, text=True)
    return done.stdout
