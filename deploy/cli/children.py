"""Commands that a service provides itself, run with that service's settings of this stack."""

from __future__ import annotations

import subprocess
import sys

from deploy.local.passwords import keep_passwords
from deploy.local.settings import inherited_environment, running_settings, service_environment
from deploy.local.state import require_running


def run_module(service: str, module: str, *arguments: str) -> int:
    """Run `python -m services.<service>.<module>` as an operator would, and return its exit code.

    It shares our standard streams, so that its progress and its table are seen as they come.
    """
    environment = inherited_environment()
    # How a command is used can be read without a stack.
    if "--help" not in arguments:
        settings = running_settings()
        require_running(settings.home)
        passwords = keep_passwords(settings.home)
        environment |= service_environment(settings, passwords, service, "command")
    command = [sys.executable, "-m", f"services.{service}.{module}", *arguments]
    # The service and its module are named by our own commands, never by the caller.
    return subprocess.run(command, env=environment, check=False).returncode  # noqa: S603
