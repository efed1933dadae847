"""Writes the golden documents in `contracts/`: `make contracts`, on purpose and by a person.

A field that an event once carried is never taken away or given another type: it refuses and names
the field. Such a change is a new version of the event (`…v2`), beside the old one.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tests.contexts import PRESENT
from tests.contract.promises import EVENTS, OPENAPI, breaks, events_of, openapi_of


def read(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


def write(path: Path, document: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def main(services: list[str]) -> int:
    """Write the documents of the named services, of all by default."""
    broken = []
    for service in services or PRESENT:
        write(OPENAPI / f"{service}.json", openapi_of(service))
        for subject, document in events_of(service).items():
            path = EVENTS / f"{subject}.json"
            missed = breaks(read(path)["schema"], document["schema"]) if path.exists() else []
            broken += [f"{subject}: {field}" for field in missed]
            if not missed:
                write(path, document)
    for line in broken:
        print(f"{line}; announce a new version instead", file=sys.stderr)  # noqa: T201
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
