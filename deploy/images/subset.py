"""The part of requirements.lock that one image needs, hashes and all, on standard output.

`python subset.py planning` has pip resolve what libs/ and the extra `planning` need, held to the
versions of the lock and installing nothing, and prints the lock's own lines for what it names.
What is then installed from them is checked against their hashes.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable
from pathlib import Path

FIRST_LINE = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==")


def read_lock(text: str) -> dict[str, str]:
    """Return the entries of a lock by normalized name: a first line, then its hashes."""
    entries: dict[str, str] = {}
    name = ""
    for line in text.splitlines(keepends=True):
        if found := FIRST_LINE.match(line):
            name = normalized(found["name"])
            entries[name] = ""
        if name:
            entries[name] += line
    return entries


def constraints(entries: dict[str, str]) -> str:
    """Return the versions of the lock without hashes, for pip's resolver."""
    return "".join(entry.splitlines()[0].rstrip(" \\") + "\n" for entry in entries.values())


def requirements(project: str, service: str) -> list[str]:
    """Return what libs/ need, and the service's extra if one is named."""
    told = tomllib.loads(project)["project"]
    extra = told["optional-dependencies"][service] if service else []
    return [*told["dependencies"], *extra]


def subset(entries: dict[str, str], names: Iterable[str]) -> str:
    """Return the lines of the lock for these names; a name that it lacks has no hash to check."""
    wanted = sorted({normalized(name) for name in names})
    missing = [name for name in wanted if name not in entries]
    if missing:
        sys.exit(f"requirements.lock lacks {', '.join(missing)}: make it anew with `make lock`")
    return "".join(entries[name] for name in wanted)


def normalized(name: str) -> str:
    """Return the one spelling of a distribution's name (packaging specification)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def resolve(wanted: list[str], versions: str) -> list[str]:
    """Let pip name everything that the requirements lead to on this platform."""
    with tempfile.TemporaryDirectory() as folder:
        held = Path(folder) / "constraints.txt"
        held.write_text(versions, encoding="utf-8")
        command = [
            *(sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed"),
            *("--only-binary", ":all:", "--quiet", "--report", "-", "-c", str(held)),
            *wanted,
        ]
        # The requirements are our own pyproject.toml's.
        told = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    return [each["metadata"]["name"] for each in json.loads(told.stdout)["install"]]


def main(service: str) -> None:
    """Print the subset for a service; for none, what libs/ need."""
    entries = read_lock(Path("requirements.lock").read_text(encoding="utf-8"))
    wanted = requirements(Path("pyproject.toml").read_text(encoding="utf-8"), service)
    sys.stdout.write(subset(entries, resolve(wanted, constraints(entries))))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
