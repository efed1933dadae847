"""Makes each password and sealing key that compose.yaml asks for: `python3 deploy/compose/init.py`.

They go to `.env` beside it, which Compose reads and only its owner may. Repeating this keeps what
is there and adds what is missing. Any Python 3 will do: nothing needs to be installed.
"""

from __future__ import annotations

import base64
import os
import re
import secrets
import string
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
COMPOSE = FOLDER / "compose.yaml"

PASSWORD = re.compile(r"\$\{(\w+_(?:PASSWORD|SEALING_KEY))\b")
KEY_BYTES = 32
LENGTH = 40


def asked_for(compose: str) -> list[str]:
    """Return the passwords and keys that a Compose file asks for, by name."""
    return sorted(set(PASSWORD.findall(compose)))


def write_passwords(path: Path) -> int:
    """Add what is missing to the file, which nobody else can ever read; return how many."""
    kept = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    names = {line.partition("=")[0] for line in kept}
    made = [f"{name}={_secret(name)}" for name in _missing(names)]
    partial = path.with_name(f"{path.name}.partial")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.writelines(f"{line}\n" for line in (*kept, *made))
    partial.replace(path)
    return len(made)


def _missing(names: set[str]) -> list[str]:
    return [name for name in asked_for(COMPOSE.read_text(encoding="utf-8")) if name not in names]


def _secret(name: str) -> str:
    """Make a password, or the bytes of a key in an alphabet that needs no quotes."""
    if name.endswith("_KEY"):
        return base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode("ascii")
    return _password()


def _password() -> str:
    """Make 228 random bits, letters only: the bus reads a value like `8e3` as a number."""
    return "".join(secrets.choice(string.ascii_letters) for _ in range(LENGTH))


if __name__ == "__main__":
    target = FOLDER / ".env"
    print(f"{write_passwords(target)} passwords made in {target}")  # noqa: T201 (a command reports)
